"""Units of work: each reads a few megabytes and puts them in their place, on any thread."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import codecs
from .codecs import U8, DecodeError
from .layout import DEFLATE, SHUFFLE
from .request import I64
from .scatter import fill, scatter
from .segments import Segments
from .task import Part, Task

# What a thread keeps between units; more is given back at once.
KEPT_SCRATCH = 4 << 20

# The most buffers that one system call takes.
IOV_MAX = 1024

_local = threading.local()


class Unit(Protocol):
    """Work that can be done on any thread, in any order."""

    @property
    def task(self) -> Task:
        """What it is a part of."""

    @property
    def nbytes(self) -> int:
        """About how much work it is."""

    def run(self, fd: int) -> None:
        """Do it, reading from an open descriptor."""


class CutOffError(Exception):
    """The file ends before the bytes do."""


def scratch(name: str, nbytes: int) -> U8:
    """Lend this thread's buffer of a name, at least as long as needed."""
    buffer: U8 | None = getattr(_local, name, None)
    if buffer is None or len(buffer) < nbytes:
        buffer = np.empty(nbytes, np.uint8)
        if nbytes <= KEPT_SCRATCH:
            setattr(_local, name, buffer)
    return buffer[:nbytes]


def read_exactly(fd: int, buffers: list[memoryview], offset: int) -> None:
    """Fill buffers from consecutive bytes of a file."""
    for i in range(0, len(buffers), IOV_MAX):
        some = buffers[i : i + IOV_MAX]
        wanted = sum(map(len, some))
        if (got := os.preadv(fd, some, offset)) != wanted:
            _read_rest(fd, some, offset, got)
        offset += wanted


def _read_rest(fd: int, buffers: list[memoryview], offset: int, got: int) -> None:
    # The system may stop anywhere: after a signal, or at its own limit for one call.
    for buffer in buffers:
        while got < len(buffer):
            more = os.preadv(fd, [buffer[got:]], offset + got)
            if not more:
                raise CutOffError
            got += more
        got -= len(buffer)
        offset += len(buffer)


@dataclass(frozen=True, slots=True, eq=False)
class FillUnit:
    """Rows whose chunks were never written: the dataset's fill value."""

    part: Part
    segments: Segments

    @property
    def task(self) -> Task:
        return self.part.task

    @property
    def nbytes(self) -> int:
        return int(self.segments.count.sum()) * self.task.layout.dtype.itemsize

    def run(self, fd: int) -> None:
        task = self.task
        fill(task.layout.fill_value, self.segments, task.out, self.part.block.dst)


@dataclass(frozen=True, slots=True, eq=False)
class DirectUnit:
    """Bytes that go from the file to their place as they are.

    Attributes
    ----------
    part : Part
        What they are.
    flat : ndarray of uint8
        The memory of the destination.
    address, size, place : ndarray of int64
        Where each piece starts in the file, its bytes, and where it starts in ``flat``.
    """

    part: Part
    flat: U8
    address: I64
    size: I64
    place: I64

    @property
    def task(self) -> Task:
        return self.part.task

    @property
    def nbytes(self) -> int:
        return int(self.size.sum())

    def run(self, fd: int) -> None:
        memory = memoryview(self.flat)
        for first, stop in self._runs():
            places = self.place[first:stop].tolist()
            sizes = self.size[first:stop].tolist()
            buffers = [memory[p : p + n] for p, n in zip(places, sizes, strict=True)]
            try:
                read_exactly(fd, buffers, int(self.address[first]))
            except CutOffError:
                raise self.task.error("the file ends before the data does") from None

    def _runs(self) -> Iterator[tuple[int, int]]:
        if len(self.address) == 1:
            return iter([(0, 1)])
        follows = self.address[1:] == self.address[:-1] + self.size[:-1]
        return pairwise([0, *(np.flatnonzero(~follows) + 1).tolist(), len(self.address)])


@dataclass(frozen=True, slots=True, eq=False)
class GatherUnit:
    """Unfiltered rows that are read to memory first: for a cast, a selection, or many tiny rows.

    Attributes
    ----------
    part : Part
        What they are.
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

    part: Part
    address: I64
    size: I64
    place: I64
    row_shape: tuple[int, ...]
    src: tuple[slice, ...]
    segments: Segments
    rows: int

    @property
    def task(self) -> Task:
        return self.part.task

    @property
    def nbytes(self) -> int:
        return int(self.size.sum())

    def run(self, fd: int) -> None:
        task = self.task
        dtype = task.layout.dtype
        raw = scratch("rows", self.rows * prod(self.row_shape) * dtype.itemsize)
        memory = memoryview(raw)
        for address, size, place in _triples(self.address, self.size, self.place):
            try:
                read_exactly(fd, [memory[place : place + size]], address)
            except CutOffError:
                raise task.error("the file ends before the data does") from None
        stack = raw.view(dtype).reshape(self.rows, *self.row_shape)
        scatter(stack, self.src, self.segments, task.out, self.part.block.dst)


@dataclass(frozen=True, slots=True, eq=False)
class DecodeUnit:
    """Filtered chunks, neighbours in the file: read together, decoded one by one.

    Attributes
    ----------
    part : Part
        What they are.
    filters : tuple of int
        Filters to undo.
    number, address, size : ndarray of int64
        Each chunk's number in the grid, where it starts in the file, and its bytes there.
    segments : Segments
        Rows of all the chunks stacked, and the destination rows they go to.
    """

    part: Part
    filters: tuple[int, ...]
    number: I64
    address: I64
    size: I64
    segments: Segments

    @property
    def task(self) -> Task:
        return self.part.task

    @property
    def nbytes(self) -> int:
        return len(self.number) * self.task.layout.chunk_bytes

    def run(self, fd: int) -> None:
        task, layout = self.task, self.task.layout
        shape = (len(self.number), layout.chunk_bytes)
        whole = self._whole_destination()
        target = scratch("rows", shape[0] * shape[1]).reshape(shape) if whole is None else whole
        self._decode(fd, target)
        if whole is None:
            stack = target.reshape(-1).view(layout.dtype)
            stack = stack.reshape(-1, *layout.chunk_shape[1:])
            block = self.part.block
            scatter(stack, block.src, self.segments, task.out, block.dst)

    def _whole_destination(self) -> U8 | None:
        """The destination as bytes of whole chunks, if that is what it is."""
        layout, out = self.task.layout, self.task.out
        rows = len(self.number) * layout.chunk_shape[0]
        if len(self.segments) != 1 or int(self.segments.count[0]) != rows:
            return None
        if out.dtype != layout.dtype or self.task.region.counts != layout.chunk_shape[1:]:
            return None
        if any(axis.step < 0 for axis in self.part.block.axes):
            return None
        first = int(self.segments.dest[0])
        place = self.part.destination(slice(first, first + rows))
        if not place.flags.c_contiguous:
            return None
        return place.reshape(-1).view(np.uint8).reshape(len(self.number), -1)

    def _decode(self, fd: int, target: U8) -> None:
        stored, where = self._stored(fd)
        shuffled = SHUFFLE in self.filters
        staged = scratch("shuffled", target.size).reshape(target.shape) if shuffled else target
        self._expand(stored, where, staged)
        if shuffled:
            codecs.unshuffle(staged, target, self.task.layout.dtype.itemsize)

    def _expand(self, stored: memoryview, where: list[int], target: U8) -> None:
        inflate = codecs.inflater(SHUFFLE in self.filters) if DEFLATE in self.filters else _copy
        memory, bound = memoryview(target.reshape(-1)), target.shape[1]
        done = 0
        sizes = self.size.tolist()
        for i, (first, size) in enumerate(zip(where, sizes, strict=True)):
            try:
                memory[done : done + bound] = inflate(stored[first : first + size], bound)
            except DecodeError as exc:
                what = f"cannot be decoded: {exc}"
                raise self.part.chunk_error(int(self.number[i]), what) from exc
            done += bound

    def _stored(self, fd: int) -> tuple[memoryview, list[int]]:
        """The chunks' bytes as stored, and where each starts among them."""
        runs = _file_runs(self.address, self.size)
        buffer = memoryview(scratch("stored", sum(stop - start for start, stop, _ in runs)))
        where: list[int] = []
        done = 0
        for start, stop, chunks in runs:
            try:
                read_exactly(fd, [buffer[done : done + stop - start]], start)
            except CutOffError:
                number = int(self.number[len(where)])
                what = "cannot be read: the file ends before the data does"
                raise self.part.chunk_error(number, what) from None
            where += [done + address - start for address in chunks]
            done += stop - start
        return buffer, where


def _copy(data: Any, size: int) -> Any:
    if len(data) != size:
        raise DecodeError(f"{len(data)} bytes stored where {size} are declared")
    return data


# Bytes between two chunks that are read along rather than skipped with a second call.
BRIDGE = 16 << 10


def _file_runs(address: I64, size: I64) -> list[tuple[int, int, list[int]]]:
    """Stretches of the file to read in one go, and the chunks that start in each."""
    runs: list[tuple[int, int, list[int]]] = []
    for start, length in zip(address.tolist(), size.tolist(), strict=True):
        if runs and 0 <= start - runs[-1][1] <= BRIDGE:
            first, _, chunks = runs[-1]
            chunks.append(start)
            runs[-1] = first, start + length, chunks
        else:
            runs.append((start, start + length, [start]))
    return runs


def _triples(*arrays: I64) -> Iterator[tuple[int, ...]]:
    return zip(*(a.tolist() for a in arrays), strict=True)


def flat_memory(out: NDArray[Any]) -> tuple[U8, int]:
    """All memory that an array spans, as bytes, and where its first element is in it."""
    if out.flags.c_contiguous:
        return out.reshape(-1).view(np.uint8), 0
    forward = out[tuple(slice(None, None, -1 if s < 0 else 1) for s in out.strides)]
    corner = forward[tuple(slice(0, 1) for _ in out.shape)].reshape(-1).view(np.uint8)
    low, high = np.lib.array_utils.byte_bounds(out)
    flat = np.lib.stride_tricks.as_strided(corner, shape=(high - low,), strides=(1,))
    return flat, out.__array_interface__["data"][0] - low
