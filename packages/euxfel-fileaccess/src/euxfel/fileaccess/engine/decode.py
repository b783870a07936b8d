"""Filtered chunks to rows: read a batch of neighbours, decode each, put all in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import codecs
from .codecs import U8, Buffer, DecodeError
from .layout import DEFLATE, SHUFFLE
from .rawio import BRIDGE, CutOffError, read_exactly, scratch
from .request import I64
from .scatter import scatter
from .segments import Segments
from .units import PartUnit


@dataclass(frozen=True, slots=True, eq=False)
class DecodeUnit(PartUnit):
    """Filtered chunks, neighbours in the file: read together, decoded one by one.

    Attributes
    ----------
    filters : tuple of int
        Filters to undo.
    number, address, size : ndarray of int64
        Each chunk's number in the grid, where it starts in the file, and its bytes there.
    segments : Segments
        Rows of all the chunks stacked, and the destination rows they go to.
    """

    filters: tuple[int, ...]
    number: I64
    address: I64
    size: I64
    segments: Segments

    @property
    def nbytes(self) -> int:
        """Bytes that arrive in memory."""
        return len(self.number) * self.task.layout.chunk_bytes

    def run(self, fd: int) -> None:
        """Read the bytes and put them in their place."""
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
        itemsize = self.task.layout.dtype.itemsize
        if SHUFFLE not in self.filters or itemsize == 1:
            self._inflate_each(fd, target, _copy)
        elif unshuffle := codecs.library_unshuffle(itemsize):
            self._inflate_each(fd, target, lambda chunk, place: unshuffle(chunk, place, itemsize))
        else:
            # NumPy is quick only with several chunks at once.
            staged = scratch("shuffled", target.size).reshape(target.shape)
            self._inflate_each(fd, staged, _copy)
            codecs.unshuffle(staged, target, itemsize)

    def _inflate_each(
        self, fd: int, target: U8, put: Callable[[Buffer, memoryview], object]
    ) -> None:
        """Inflate one chunk after the other and put it, still shuffled, where it belongs.

        No two are in memory at a time. With two the allocator gives memory back to the system
        for every few chunks, and to touch it again costs as much as to inflate it.
        """
        inflate = codecs.inflater() if DEFLATE in self.filters else _as_stored
        bound = self.task.layout.chunk_bytes
        for number, stored, place in zip(
            self.number.tolist(), self._stored(fd), target, strict=True
        ):
            try:
                found = inflate(stored, bound)
            except DecodeError as exc:
                raise self.part.chunk_error(number, f"cannot be decoded: {exc}") from exc
            put(found, place.data)
            del found

    def _stored(self, fd: int) -> list[memoryview]:
        """The bytes of each chunk as they are in the file."""
        runs = _file_runs(self.address, self.size)
        buffer = scratch("stored", sum(stop - start for start, stop, _ in runs)).data
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
        return [buffer[a : a + n] for a, n in zip(where, self.size.tolist(), strict=True)]


def _copy(chunk: Buffer, place: memoryview) -> None:
    place[:] = chunk


def _as_stored(data: Buffer, size: int) -> Buffer:
    if len(data) != size:
        raise DecodeError(f"{len(data)} bytes stored where {size} are declared")
    return data


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
