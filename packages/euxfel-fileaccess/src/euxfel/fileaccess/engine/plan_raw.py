"""Unfiltered rows to units of work: straight to the destination where that pays, else gathered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray

from .rawio import BRIDGE, flat_memory
from .region import as_bytes
from .request import I64
from .segments import Segments, joined, split
from .task import Part
from .units import DirectUnit, GatherUnit, Unit

# Bytes of one unit: those that go straight to the destination, and those gathered in memory.
DIRECT_BYTES, GATHER_BYTES = 4 << 20, 2 << 20
# Pieces smaller than this are not worth a buffer each in a system call.
SMALL_PIECE = 2048
FEW_PIECES = 4


def file_order(address: I64) -> NDArray[np.intp] | None:
    """Order that follows the file, None if that is the order already."""
    if (address[1:] >= address[:-1]).all():
        return None
    return np.argsort(address, kind="stable")


def unfiltered(part: Part, segments: Segments, address: I64) -> Iterator[Unit]:
    """Units for rows of chunks that are stored as they are.

    Parameters
    ----------
    part : Part
        What they are.
    segments : Segments
        Rows within their chunk, and the destination rows they go to.
    address : ndarray of int64
        Where the chunk of each segment starts in the file.
    """
    layout = part.task.layout
    row_bytes = prod(layout.chunk_shape[1:]) * layout.dtype.itemsize
    at = address + segments.start * row_bytes
    pieces = _direct_pieces(part, segments, at, row_bytes)
    if pieces is not None:
        yield from _direct(part, *pieces)
    elif (hull := _hull(part, row_bytes)) is not None:
        yield from _row_hulls(part, _rows_apart(segments, at, row_bytes), row_bytes, hull)
    else:
        yield from _whole_rows(part, segments, at, row_bytes)


def _rows_apart(segments: Segments, at: I64, row_bytes: int) -> Segments:
    """Every single row: where it starts in the file, and its destination row."""
    within = Segments(np.zeros_like(at), segments.count, segments.dest)
    row, dest = within.rows()
    start = np.repeat(at, segments.count) + row * row_bytes
    return Segments(start, np.ones_like(start), dest)


def _direct_pieces(
    part: Part, segments: Segments, at: I64, row_bytes: int
) -> tuple[NDArray[np.uint8], Segments] | None:
    """Bytes that can go to the destination as they are; None if they cannot or should not."""
    task = part.task
    span = as_bytes(part.block, task.layout.chunk_shape[1:], task.layout.dtype.itemsize)
    row = part.destination(slice(0, 1))
    if span is None or task.out.dtype != task.layout.dtype or not row[0].flags.c_contiguous:
        return None
    low, size = span[0], span[1] - span[0]
    pitch = task.out.strides[0]
    if size != row_bytes or pitch != row_bytes:
        if size < SMALL_PIECE and int(segments.count.sum()) > FEW_PIECES:
            return None
        segments = _rows_apart(segments, at, row_bytes)
        at = segments.start
    flat, origin = flat_memory(task.out)
    place = origin + _offset(row, task.out) + segments.dest * pitch
    pieces = Segments(at + low, segments.count * size, place)
    order = file_order(pieces.start)
    pieces = joined(pieces if order is None else pieces.take(order))
    if len(pieces) > FEW_PIECES and int(pieces.count.sum()) < SMALL_PIECE * len(pieces):
        return None
    return flat, pieces


def _offset(view: NDArray[np.generic], of: NDArray[np.generic]) -> int:
    start = view.__array_interface__["data"][0] - of.__array_interface__["data"][0]
    return int(start)


def _direct(part: Part, flat: NDArray[np.uint8], pieces: Segments) -> Iterator[Unit]:
    cut = _cut_long(pieces, DIRECT_BYTES)
    for some in _grouped((np.cumsum(cut.count) - 1) // DIRECT_BYTES):
        yield DirectUnit(part, flat, cut.start[some], cut.count[some], cut.dest[some])


def _cut_long(segments: Segments, longest: int) -> Segments:
    """Cut every run into pieces of at most a length, counted from its own start."""
    if int(segments.count.max()) <= longest:
        return segments
    relative = Segments(np.zeros_like(segments.start), segments.count, segments.dest)
    pieces, _ = split(relative, longest)
    run = np.cumsum(pieces.start == 0) - 1
    return Segments(pieces.start + segments.start[run], pieces.count, pieces.dest)


def _grouped(group: I64) -> Iterator[slice]:
    """Slices of equal group number, of numbers that never decrease."""
    borders = [0, *(np.flatnonzero(group[1:] != group[:-1]) + 1).tolist(), len(group)]
    return (slice(a, b) for a, b in pairwise(borders))


def _hull(part: Part, row_bytes: int) -> tuple[int, int] | None:
    """Range of the first inner axis that holds the block, if the rest is worth skipping."""
    chunk = part.task.layout.chunk_shape[1:]
    if not chunk:
        return None
    low, high = part.block.axes[0].bounds()
    skipped = row_bytes // chunk[0] * (chunk[0] - (high - low))
    return (low, high) if skipped > BRIDGE else None


def _row_hulls(part: Part, rows: Segments, row_bytes: int, hull: tuple[int, int]) -> Iterator[Unit]:
    """Of every row the stretch that holds the block."""
    order = file_order(rows.start)
    rows = rows if order is None else rows.take(order)
    chunk = part.task.layout.chunk_shape[1:]
    first, *others = part.block.axes
    low, high = hull
    moved = first.within(low, high)[0].index()
    line = row_bytes // chunk[0]
    pitch = (high - low) * line
    per_unit = max(1, GATHER_BYTES // pitch)
    for begin in range(0, len(rows), per_unit):
        some = rows.take(slice(begin, begin + per_unit))
        stack_rows = np.arange(len(some))
        yield GatherUnit(
            part,
            address=some.start + low * line,
            size=np.full(len(some), pitch),
            place=stack_rows * pitch,
            row_shape=(high - low, *chunk[1:]),
            src=(moved, *(axis.index() for axis in others)),
            segments=joined(Segments(stack_rows, some.count, some.dest)),
            rows=len(some),
        )


def _whole_rows(part: Part, segments: Segments, at: I64, row_bytes: int) -> Iterator[Unit]:
    """Stretches of whole rows; rows in between that nobody wants are read along."""
    runs = _cut_rows(segments, at, row_bytes)
    order = file_order(runs.start)
    runs = runs if order is None else runs.take(order)
    stop = runs.start + runs.count * row_bytes
    stretch = _stretches(runs.start, stop, row_bytes)
    begin = np.flatnonzero(np.concatenate(([True], stretch[1:] != stretch[:-1])))
    address = runs.start[begin]
    size = np.maximum.reduceat(stop, begin) - address
    stack_row = np.cumsum(size // row_bytes) - size // row_bytes
    in_stack = (runs.start - address[stretch]) // row_bytes + stack_row[stretch]
    stacked = Segments(in_stack, runs.count, runs.dest)
    begin = np.append(begin, len(runs))
    for some in _grouped(stack_row * row_bytes // GATHER_BYTES):
        base = int(stack_row[some.start])
        mine = stacked.take(slice(int(begin[some.start]), int(begin[some.stop])))
        yield GatherUnit(
            part,
            address=address[some],
            size=size[some],
            place=(stack_row[some] - base) * row_bytes,
            row_shape=part.task.layout.chunk_shape[1:],
            src=part.block.src,
            segments=joined(mine.shifted(-base)),
            rows=int(size[some].sum()) // row_bytes,
        )


def _cut_rows(segments: Segments, at: I64, row_bytes: int) -> Segments:
    """Runs no longer than a unit: where they start in the file, rows, and destination row."""
    runs = Segments(np.zeros_like(at), segments.count, segments.dest)
    per_unit = max(1, GATHER_BYTES // row_bytes)
    if int(runs.count.max()) > per_unit:
        runs, _ = split(runs, per_unit)
        at = at[np.cumsum(runs.start == 0) - 1]
    return Segments(at + runs.start * row_bytes, runs.count, runs.dest)


def _stretches(start: I64, stop: I64, row_bytes: int) -> I64:
    """Number of the stretch that each run is read with."""
    reach = np.maximum.accumulate(stop)
    apart = (start[1:] - reach[:-1] > BRIDGE) | ((start[1:] - start[:-1]) % row_bytes != 0)
    near = np.concatenate(([0], np.cumsum(apart)))
    first = start[np.flatnonzero(np.concatenate(([True], apart)))]
    # A long stretch is cut, so that a unit stays small.
    along = (start - first[near]) // GATHER_BYTES
    new = (near[1:] != near[:-1]) | (along[1:] != along[:-1])
    return np.concatenate(([0], np.cumsum(new)))
