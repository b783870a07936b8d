"""What a file says of its chunks, compared with the dataset that they are part of.

Where chunks lie is described without a checksum in most files. A damaged description makes the
HDF5 library take chunks for never written and give the fill value, without a word.
"""

from __future__ import annotations

from math import prod

import numpy as np
from h5py import h5d


def chunk_records(dataset: h5d.DatasetID) -> list[h5d.StoreInfo]:
    """Give place, address, size and filter mask of every stored chunk of a chunked dataset.

    Raises
    ------
    ValueError
        If they contradict the shape of the dataset, or each other.
    """
    return records_in(dataset, dataset.shape, dataset.get_create_plist().get_chunk())


def records_in(
    dataset: h5d.DatasetID, shape: tuple[int, ...], chunks: tuple[int, ...]
) -> list[h5d.StoreInfo]:
    """Give the same for a dataset whose shape and chunks are known."""
    records: list[h5d.StoreInfo] = []
    if prod(shape):
        # A bound method of a list runs no Python code, so that Ctrl-C cannot be lost in it.
        dataset.chunk_iter(records.append)
    if records:
        _check(records, shape, chunks)
    return records


def _check(records: list[h5d.StoreInfo], shape: tuple[int, ...], chunks: tuple[int, ...]) -> None:
    offsets, _masks, addresses, sizes = zip(*records, strict=True)
    corner = np.array(offsets, np.uint64)
    if (corner >= np.array(shape, np.uint64)).any() or (corner % np.array(chunks, np.uint64)).any():
        raise ValueError("the list of its chunks is damaged: it names chunks that cannot be")
    start = np.array(addresses, np.uint64)
    order = np.argsort(start, kind="stable")
    stop = start + np.array(sizes, np.uint64)
    if (start[order[1:]] < stop[order[:-1]]).any():
        raise ValueError("the list of its chunks is damaged: two chunks lie in one place")
