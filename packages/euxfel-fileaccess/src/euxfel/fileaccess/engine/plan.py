"""From rows and regions to units of work. Pure: looks at numbers only, never at a file."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from .chunk_table import ChunkIndex
from .decode import DecodeUnit
from .layout import DEFLATE, LayoutKind
from .plan_raw import file_order, unfiltered
from .region import blocks
from .request import I64
from .segments import Segments, joined, split
from .task import Part, Task
from .units import FillUnit, Unit

# Decoded bytes and chunks of one unit: enough that a unit outweighs the hand-over of the GIL,
# little enough to stay in a core's cache.
UNIT_BYTES, UNIT_CHUNKS = 2 << 20, 512
# The deflate format cannot shrink data more than this; and bytes that do not count.
DEFLATE_MOST, SLACK = 1032, 1024


def plan(task: Task, index: ChunkIndex) -> Iterator[Unit]:
    """Cut a task into units of work.

    Raises
    ------
    DataError
        If a chunk that is needed lies outside the file, or has an impossible size.
    """
    if task.empty:
        return
    layout = task.layout
    length = layout.chunk_shape[0]
    segments, chunk_row = split(task.segments, length)
    within = segments.shifted(-chunk_row * length)
    inner = prod(layout.grid[1:])
    for block in blocks(task.region, layout.grid[1:], layout.chunk_shape[1:]):
        yield from _block_units(Part(task, block), index, within, chunk_row * inner + block.number)


def _block_units(part: Part, index: ChunkIndex, segments: Segments, number: I64) -> Iterator[Unit]:
    absent = index.address[number] < 0
    if absent.any():
        yield FillUnit(part, joined(segments.take(absent)))
        segments, number = segments.take(~absent), number[~absent]
    masks = _masks(index.mask[number]) if part.task.layout.filters else [0] * bool(len(number))
    for mask in masks:
        same = index.mask[number] == mask if len(masks) > 1 else slice(None)
        filters = tuple(f for i, f in enumerate(part.task.layout.filters) if not mask >> i & 1)
        chosen = number[same]
        address, size = index.address[chosen], index.size[chosen]
        _check_inside(part, chosen, address, size)
        if filters:
            _check_plausible(part, filters, chosen, size)
            yield from _decoded(part, filters, segments.take(same), chosen, address, size)
        else:
            _check_sizes(part, chosen, size)
            yield from unfiltered(part, segments.take(same), address)


def _masks(masks: NDArray[np.uint32]) -> list[int]:
    """Give the different filter masks; nearly always there is just 0."""
    if not masks.any():
        return [0] * bool(len(masks))
    return sorted(set(masks.tolist()))


def _check_inside(part: Part, number: I64, address: I64, size: I64) -> None:
    end = part.task.handle.identity.size
    # Each is compared alone: their sum could pass the largest integer.
    outside = (address > end) | (size > end - np.minimum(address, end))
    if outside.any():
        first = int(number[np.flatnonzero(outside)[0]])
        raise part.chunk_error(first, "lies beyond the end of the file")


def _check_sizes(part: Part, number: I64, size: I64) -> None:
    layout = part.task.layout
    wrong = size < layout.chunk_bytes
    if layout.kind is LayoutKind.CHUNKED:
        wrong |= size > layout.chunk_bytes
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        what = f"takes {size[at]} bytes where {layout.chunk_bytes} are declared"
        raise part.chunk_error(int(number[at]), what)


def _check_plausible(part: Part, filters: tuple[int, ...], number: I64, size: I64) -> None:
    # Before memory is taken for what a damaged or hostile file declares.
    declared = part.task.layout.chunk_bytes
    if DEFLATE in filters:
        wrong = (size > 2 * declared + SLACK) | (size < (declared - SLACK) / DEFLATE_MOST)
    else:
        wrong = size != declared
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        what = f"takes {size[at]} bytes, which cannot stand for the {declared} that are declared"
        raise part.chunk_error(int(number[at]), what)


def _decoded(
    part: Part, filters: tuple[int, ...], segments: Segments, number: I64, address: I64, size: I64
) -> Iterator[Unit]:
    order = file_order(address)
    if order is not None:
        segments, number = segments.take(order), number[order]
        address, size = address[order], size[order]
    layout = part.task.layout
    new = np.concatenate(([True], number[1:] != number[:-1]))
    ordinal = np.cumsum(new) - 1
    chunks = np.flatnonzero(new)
    per_unit = max(1, min(UNIT_CHUNKS, UNIT_BYTES // max(1, layout.chunk_bytes)))
    batch = ordinal // per_unit
    stacked = segments.shifted((ordinal - batch * per_unit) * layout.chunk_shape[0])
    borders = np.searchsorted(batch, np.arange(int(batch[-1]) + 2))
    for i in range(len(borders) - 1):
        of_unit = chunks[i * per_unit : (i + 1) * per_unit]
        yield DecodeUnit(
            part,
            filters,
            number[of_unit],
            address[of_unit],
            size[of_unit],
            joined(stacked.take(slice(borders[i], borders[i + 1]))),
        )
