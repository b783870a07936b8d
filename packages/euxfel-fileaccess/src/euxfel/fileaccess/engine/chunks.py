"""Looking into a file for where the chunks of a dataset lie."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from h5py import h5d

from ..chunk_records import chunk_records
from .chunk_table import GRID_MAX, NOWHERE, ChunkIndex
from .layout import DatasetLayout, LayoutKind
from .request import I64

# A grid of chunks that is almost empty is not worth an array with a place for each.
GRID_PER_CHUNK = 4
# Chunks that one row is spread over: beyond this, a plan costs more than the library's look-ups.
INNER_MAX = 4096


def chunks_of(layout: DatasetLayout, dataset_id: h5d.DatasetID) -> ChunkIndex | None:
    """Where the chunks of an open dataset lie; None if only the HDF5 library can read it."""
    if layout.kind is LayoutKind.CONTIGUOUS and layout.direct:
        return _contiguous(layout, dataset_id)
    if layout.kind is not LayoutKind.CHUNKED:
        return None
    # Also for what the HDF5 library will read: it does not notice when the list is damaged.
    records = chunk_records(dataset_id)
    if not layout.direct:
        return None
    places = prod(layout.grid)
    if prod(layout.grid[1:]) > INNER_MAX:
        return None
    if places > GRID_MAX and places > GRID_PER_CHUNK * len(records):
        return None
    return _dense(layout, places, records)


def _contiguous(layout: DatasetLayout, dataset_id: h5d.DatasetID) -> ChunkIndex:
    address = dataset_id.get_offset()
    return ChunkIndex(
        address=np.array([-1 if address is None else min(address, NOWHERE)], np.int64),
        size=np.array([min(dataset_id.get_storage_size(), NOWHERE)], np.int64),
        mask=np.zeros(1, np.uint32),
    )


def _dense(layout: DatasetLayout, places: int, records: list[h5d.StoreInfo]) -> ChunkIndex:
    index = ChunkIndex(
        address=np.full(places, -1, np.int64),
        size=np.zeros(places, np.int64),
        mask=np.zeros(places, np.uint32),
    )
    if records:
        offsets, masks, addresses, sizes = zip(*records, strict=True)
        coordinates = np.array(offsets, np.intp) // np.array(layout.chunk_shape, np.intp)
        where = np.ravel_multi_index(tuple(coordinates.T), layout.grid)
        index.address[where] = _bounded(addresses)
        index.size[where] = _bounded(sizes)
        index.mask[where] = np.array(masks, np.uint32)
    return index


def _bounded(numbers: Sequence[int]) -> I64:
    return np.minimum(np.array(numbers, np.uint64), NOWHERE).astype(np.int64)
