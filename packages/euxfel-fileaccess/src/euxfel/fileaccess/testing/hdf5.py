"""Creating one dataset quickly: the low-level calls of h5py take half the time of its high level.

A run of tests writes thousands of small files, and most of a small file is the making of datasets.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t
from numpy.typing import NDArray

from .sources import Storage

TEXT = h5py.string_dtype("utf-8")

_MAKE_GROUPS = h5p.create(h5p.LINK_CREATE)
_MAKE_GROUPS.set_create_intermediate_group(True)


def create_dataset(
    h5: h5py.File,
    path: str,
    values: NDArray[Any],
    *,
    storage: Storage | None = None,
    padding: int = 0,
    blocks: Iterable[tuple[int, int]] | None = None,
) -> h5py.Dataset:
    """Make a dataset that can grow, and fill it.

    Parameters
    ----------
    h5 : h5py.File
        File to write to.
    path : str
        Path of the dataset; its groups are made.
    values : array
        First rows of the dataset; an array of objects holds texts.
    storage : Storage, optional
        Chunks and filters; by default all rows are one chunk.
    padding : int
        Rows after the values, which are not written.
    blocks : iterable of (int, int), optional
        Ranges of rows to write; by default all values in one go.
    """
    dtype = TEXT if values.dtype == object else values.dtype
    rows, shape = len(values) + padding, values.shape[1:]
    space = h5s.create_simple((rows, *shape), (h5s.UNLIMITED, *shape))
    made = h5d.create(
        h5.id,
        path.encode(),
        h5t.py_create(dtype, logical=True),
        space,
        _creation(storage or Storage(chunk_rows=rows), rows, shape, dtype),
        _MAKE_GROUPS,
    )
    if values.size:
        _write(made, values, dtype, [(0, len(values))] if blocks is None else blocks)
    return h5py.Dataset(made)


def _creation(
    storage: Storage, rows: int, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> h5p.PropDCID:
    creation = h5p.create(h5p.DATASET_CREATE)
    creation.set_chunk((max(storage.chunk_rows or min(rows, 32), 1), *(max(n, 1) for n in shape)))
    if storage.fill:
        creation.set_fill_value(np.array(storage.fill, dtype=dtype))
    if storage.shuffle:
        creation.set_shuffle()
    if storage.deflate is not None:
        creation.set_deflate(storage.deflate)
    if storage.fletcher32:
        creation.set_fletcher32()
    return creation


def _write(
    made: h5d.DatasetID,
    values: NDArray[Any],
    dtype: np.dtype[Any],
    blocks: Iterable[tuple[int, int]],
) -> None:
    memory_type = h5t.py_create(dtype)
    space = made.get_space()
    for start, stop in blocks:
        block = np.ascontiguousarray(values[start:stop])
        space.select_hyperslab((start, *(0,) * (values.ndim - 1)), block.shape)
        made.write(h5s.create_simple(block.shape), space, block, memory_type)
