"""Units of work: each reads a few megabytes and puts them in their place, on any thread."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Protocol

import numpy as np

from ..handle import FileHandle
from .codecs import U8
from .rawio import CutOffError, read_exactly, read_pieces, scratch
from .request import I64
from .scatter import fill, scatter
from .segments import Segments
from .task import Part, Task


class Unit(Protocol):
    """Work that can be done on any thread, in any order."""

    @property
    def handle(self) -> FileHandle:
        """The file to read from."""

    @property
    def nbytes(self) -> int:
        """About how much work it is."""

    def run(self, fd: int) -> None:
        """Do it, reading from an open descriptor."""


@dataclass(frozen=True, slots=True, eq=False)
class PartUnit:
    """Work on a part of a task.

    Attributes
    ----------
    part : Part
        What it is.
    """

    part: Part

    @property
    def task(self) -> Task:
        """What it is a part of."""
        return self.part.task

    @property
    def handle(self) -> FileHandle:
        """The file to read from."""
        return self.part.task.handle


@dataclass(frozen=True, slots=True, eq=False)
class FillUnit(PartUnit):
    """Rows whose chunks were never written: the dataset's fill value."""

    segments: Segments

    @property
    def nbytes(self) -> int:
        """Bytes that are written."""
        return int(self.segments.count.sum()) * self.task.layout.dtype.itemsize

    def run(self, fd: int) -> None:
        """Write the fill value; nothing is read."""
        task = self.task
        fill(task.layout.fill_value, self.segments, task.out, self.part.block.dst)


@dataclass(frozen=True, slots=True, eq=False)
class DirectUnit(PartUnit):
    """Bytes that go from the file to their place as they are.

    Attributes
    ----------
    flat : ndarray of uint8
        The memory of the destination.
    address, size, place : ndarray of int64
        Where each piece starts in the file, its bytes, and where it starts in ``flat``.
    """

    flat: U8
    address: I64
    size: I64
    place: I64

    @property
    def nbytes(self) -> int:
        """Bytes that arrive in memory."""
        return int(self.size.sum())

    def run(self, fd: int) -> None:
        """Read the bytes and put them in their place."""
        try:
            if (self.address[1:] == self.address[:-1] + self.size[:-1]).any():
                self._read_runs(fd)
            else:
                read_pieces(fd, self.flat.data, self.address, self.size, self.place)
        except CutOffError:
            raise self.task.error("the file ends before the data does") from None

    def _read_runs(self, fd: int) -> None:
        """Read with one call what lies together in the file."""
        memory = self.flat.data
        follows = self.address[1:] == self.address[:-1] + self.size[:-1]
        borders = [0, *(np.flatnonzero(~follows) + 1).tolist(), len(self.address)]
        for first, stop in pairwise(borders):
            places = self.place[first:stop].tolist()
            sizes = self.size[first:stop].tolist()
            buffers = [memory[p : p + n] for p, n in zip(places, sizes, strict=True)]
            read_exactly(fd, buffers, int(self.address[first]))


@dataclass(frozen=True, slots=True, eq=False)
class GatherUnit(PartUnit):
    """Unfiltered rows that are read to memory first: for a cast, a selection, or many tiny rows.

    Attributes
    ----------
    address, size, place : ndarray of int64
        What to read: where in the file, how many bytes, and where in the stack of rows.
    row_shape : tuple of int
        Shape of a row of the stack.
    src : tuple of slice
        Selection within a row of the stack.
    segments : Segments
        Rows of the stack, and the destination rows they go to.
    rows : int
        Rows of the stack.
    """

    address: I64
    size: I64
    place: I64
    row_shape: tuple[int, ...]
    src: tuple[slice, ...]
    segments: Segments
    rows: int

    @property
    def nbytes(self) -> int:
        """Bytes that arrive in memory."""
        return int(self.size.sum())

    def run(self, fd: int) -> None:
        """Read the bytes and put them in their place."""
        task = self.task
        dtype = task.layout.dtype
        raw = scratch("rows", self.rows * prod(self.row_shape) * dtype.itemsize)
        try:
            read_pieces(fd, raw.data, self.address, self.size, self.place)
        except CutOffError:
            raise task.error("the file ends before the data does") from None
        stack = raw.view(dtype).reshape(self.rows, *self.row_shape)
        scatter(stack, self.src, self.segments, task.out, self.part.block.dst)
