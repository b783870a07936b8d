"""Where the chunks of a dataset lie in its file: looked up once, kept as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import h5py
import numpy as np
from h5py import h5d
from numpy.typing import NDArray

from ..chunk_records import chunk_records
from ..handle import FileHandle
from .layout import DatasetLayout, LayoutKind, dataset_layout, layout_of, opened
from .request import I64

# A grid of chunks that is almost empty is not worth an array with a place for each.
GRID_MAX, GRID_PER_CHUNK = 1 << 22, 4
# Chunks that one row is spread over: beyond this, a plan costs more than the library's look-ups.
INNER_MAX = 4096
# Addresses beyond any file; larger numbers in a damaged file would overflow int64.
NOWHERE = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class ChunkIndex:
    """Address, stored size and filter mask of every chunk.

    The arrays have one element per place of the chunk grid, in C order. A contiguous dataset is
    one chunk.

    Attributes
    ----------
    address : ndarray of int64
        Where in the file the chunk starts; -1 if it was never written.
    size : ndarray of int64
        Bytes it takes in the file.
    mask : ndarray of uint32
        Bit ``i`` is set if filter ``i`` was skipped.
    """

    address: I64
    size: I64
    mask: NDArray[np.uint32]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The index as named arrays, for a cache file."""
        return {"address": self.address, "size": self.size, "mask": self.mask}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> ChunkIndex:
        """Index from what :meth:`to_arrays` gave.

        Raises
        ------
        ValueError
            If the arrays do not belong together.
        """
        address = np.asarray(arrays["address"], np.int64)
        size = np.asarray(arrays["size"], np.int64)
        mask = np.asarray(arrays["mask"], np.uint32)
        if address.ndim != 1 or not address.shape == size.shape == mask.shape:
            raise ValueError("the arrays of a chunk index are of different length")
        return cls(address, size, mask)


def chunk_index(handle: FileHandle, dataset: str) -> ChunkIndex | None:
    """Where the chunks of a dataset lie, remembered with the file's handle.

    Returns
    -------
    ChunkIndex or None
        None if the dataset can only be read through the HDF5 library.
    """
    known = handle.cache.get((ChunkIndex, dataset), False)
    if known is not False:
        return known  # type: ignore[no-any-return]
    with opened(handle, dataset) as (file, dataset_id):
        layout = layout_of(handle, dataset, file, dataset_id)
        index = _looked_up(layout, dataset_id)
        if index is not None and _userblock(handle, file):
            index = None
    handle.cache[ChunkIndex, dataset] = index
    return index


def _userblock(handle: FileHandle, file: h5py.File) -> int:
    # Whether addresses count from the start of the file or from the end of the user block is
    # not the same for all calls of the library; no data file has such a block.
    size = handle.cache.get("userblock")
    if size is None:
        size = handle.cache["userblock"] = file.userblock_size
    return int(size)


def _looked_up(layout: DatasetLayout, dataset_id: h5d.DatasetID) -> ChunkIndex | None:
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


def ensure_known(handle: FileHandle, dataset: str) -> tuple[DatasetLayout, ChunkIndex | None]:
    """Layout and chunk index, with one look into the file if neither is known."""
    if (ChunkIndex, dataset) not in handle.cache:
        chunk_index(handle, dataset)
    return dataset_layout(handle, dataset), handle.cache[ChunkIndex, dataset]
