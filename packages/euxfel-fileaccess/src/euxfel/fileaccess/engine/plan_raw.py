"""Unfiltered rows to units of work: straight to the destination where that pays, else gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray

from .rawio import BRIDGE, flat_memory
from .region import Axis, as_bytes
from .request import I64
from .segments import Segments, joined, split
from .task import Part
from .units import DirectUnit, GatherUnit, Unit

# Bytes of one unit: those that go straight to the destination, and those gathered in memory.
DIRECT_BYTES, GATHER_BYTES = 4 << 20, 2 << 20
# Pieces smaller than this are not worth a buffer each in a system call.
SMALL_PIECE = 2048
FEW_PIECES = 4
# Stretches that a row is read in: more are too short to be worth a call each.
STRIPS_MAX = 8


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
    for strip in _strips(part, row_bytes):
        yield from _strip(strip, segments, at, row_bytes)


def _strip(part: Part, segments: Segments, at: I64, row_bytes: int) -> Iterator[Unit]:
    pieces = _direct_pieces(part, segments, at, row_bytes)
    if pieces is not None:
        yield from _direct(part, *pieces)
    elif (hull := _hull(part, row_bytes)) is not None:
        yield from _row_hulls(part, _rows_apart(segments, at, row_bytes), hull)
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


def _strips(part: Part, row_bytes: int) -> list[Part]:
    """Cut a block along its first axes where what lies between is worth skipping.

    Raw frames have data and gain on an axis before that of the lines: a few lines of each are
    two short stretches far from each other.
    """
    strips = [part]
    for axis, stride in enumerate(_strides(part, row_bytes)):
        chosen = part.block.axes[axis]
        low, high = _extent(part.block.axes[axis + 1 :], part, row_bytes, axis + 1)
        apart = stride * abs(chosen.step) - (high - low)
        if chosen.count * len(strips) > STRIPS_MAX or (chosen.count > 1 and apart <= BRIDGE):
            break
        strips = [cut for strip in strips for cut in _cut_along(strip, axis)]
    return strips


def _strides(part: Part, row_bytes: int) -> list[int]:
    """Bytes from one element to the next on each inner axis."""
    lengths = np.cumprod(part.task.layout.chunk_shape[1:])
    return [row_bytes // int(length) for length in lengths]


def _extent(axes: tuple[Axis, ...], part: Part, row_bytes: int, first: int) -> tuple[int, int]:
    """First byte and one past the last that a selection on the last axes touches."""
    strides = _strides(part, row_bytes)[first:]
    bounds = [axis.bounds() for axis in axes]
    low = sum(start * stride for (start, _), stride in zip(bounds, strides, strict=True))
    high = sum((stop - 1) * stride for (_, stop), stride in zip(bounds, strides, strict=True))
    return low, high + part.task.layout.dtype.itemsize


def _cut_along(part: Part, axis: int) -> list[Part]:
    """Give the parts with a single element of an axis each."""
    block = part.block
    chosen, place = block.axes[axis], block.dst[axis]
    if chosen.count == 1:
        return [part]
    return [
        replace(part, block=block.narrowed(axis, Axis(start, 1, 1), slice(to, to + 1)))
        for start, to in zip(
            range(chosen.start, chosen.start + chosen.step * chosen.count, chosen.step),
            range(place.start, place.stop),
            strict=True,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Hull:
    """The stretch of a row that holds a block: a range of one axis, one element of those before.

    Attributes
    ----------
    axis : int
        The axis.
    low, high : int
        The range.
    start, size : int
        Where the stretch begins in a row, and its bytes.
    """

    axis: int
    low: int
    high: int
    start: int
    size: int


def _hull(part: Part, row_bytes: int) -> _Hull | None:
    """Where in a row the block is, if the rest is worth skipping."""
    axes, strides = part.block.axes, _strides(part, row_bytes)
    if not axes:
        return None
    number = next((n for n, axis in enumerate(axes) if axis.count > 1), len(axes) - 1)
    low, high = axes[number].bounds()
    before = sum(axis.start * n for axis, n in zip(axes[:number], strides, strict=False))
    size = (high - low) * strides[number]
    if row_bytes - size <= BRIDGE:
        return None
    return _Hull(number, low, high, before + low * strides[number], size)


def _row_hulls(part: Part, rows: Segments, hull: _Hull) -> Iterator[Unit]:
    """Of every row the stretch that holds the block."""
    order = file_order(rows.start)
    rows = rows if order is None else rows.take(order)
    chunk = part.task.layout.chunk_shape[1:]
    narrowed, *others = part.block.axes[hull.axis :]
    moved = narrowed.within(hull.low, hull.high)[0].index()
    single = (1,) * hull.axis
    per_unit = max(1, GATHER_BYTES // hull.size)
    for begin in range(0, len(rows), per_unit):
        some = rows.take(slice(begin, begin + per_unit))
        stack_rows = np.arange(len(some))
        yield GatherUnit(
            part,
            address=some.start + hull.start,
            size=np.full(len(some), hull.size),
            place=stack_rows * hull.size,
            row_shape=(*single, hull.high - hull.low, *chunk[hull.axis + 1 :]),
            src=(*(slice(0, n) for n in single), moved, *(axis.index() for axis in others)),
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
