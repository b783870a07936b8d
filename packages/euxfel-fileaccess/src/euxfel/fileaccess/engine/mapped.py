"""Rows as a read-only view of the file itself, where the file holds them as one piece."""

from __future__ import annotations

import mmap
from math import prod
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, NotMappableError
from ..handle import FileHandle
from .guard import check_rows
from .known import ensure_known
from .layout import DatasetLayout


def memory_map(handle: FileHandle, dataset: str, start: int, stop: int) -> NDArray[Any]:
    """Rows of a dataset as a read-only array over the file's bytes; nothing is copied.

    The array stays valid while it is used. If the file is cut meanwhile, the operating system
    ends the process at the next access: map only files that nobody writes any more.

    Parameters
    ----------
    handle : FileHandle
        The file.
    dataset : str
        HDF5 path of the dataset.
    start, stop : int
        Half-open range of rows.

    Returns
    -------
    ndarray, shape (stop - start, ...)

    Raises
    ------
    NotMappableError
        If the rows are filtered, were never written, or do not lie in the file as one piece.
    DataError
        If the dataset does not have these rows.
    """
    layout, index = ensure_known(handle, dataset)
    check_rows(handle, dataset, layout, np.array([[start, stop]], np.int64))
    if index is None:
        _refuse(handle, dataset, f"its storage ({layout.kind}) has no plain bytes")
    if start == stop or not prod(layout.entry_shape):
        return _read_only(np.empty((stop - start, *layout.entry_shape), layout.dtype))
    length = layout.chunk_shape[0]
    if layout.chunk_shape[1:] != layout.entry_shape:
        _refuse(handle, dataset, "its chunks do not hold whole entries")
    chunks = slice(start // length, (stop - 1) // length + 1)
    address, size = index.address[chunks], index.size[chunks]
    filtered = np.array([bool(layout.filters)]) & ~_unfiltered(layout, index.mask[chunks])
    if filtered.any():
        _refuse(handle, dataset, "it is compressed or filtered")
    if (address < 0).any():
        _refuse(handle, dataset, "some of the rows were never written")
    if (address[1:] != address[:-1] + layout.chunk_bytes).any():
        _refuse(handle, dataset, "its chunks do not follow each other in the file")
    if (size < layout.chunk_bytes).any():
        raise _damaged(handle, dataset)
    row_bytes = prod(layout.entry_shape) * layout.dtype.itemsize
    first = int(address[0]) + (start - chunks.start * length) * row_bytes
    return _mapped(handle, dataset, layout, first, stop - start)


def _unfiltered(layout: DatasetLayout, mask: NDArray[np.uint32]) -> NDArray[np.bool_]:
    every = (1 << len(layout.filters)) - 1
    found: NDArray[np.bool_] = (mask & every) == every
    return found


def _mapped(
    handle: FileHandle, dataset: str, layout: DatasetLayout, first: int, rows: int
) -> NDArray[Any]:
    shape = (rows, *layout.entry_shape)
    end = first + prod(shape) * layout.dtype.itemsize
    if end > handle.identity.size:
        raise _damaged(handle, dataset)
    page = first - first % mmap.ALLOCATIONGRANULARITY
    with handle.fd() as fd:
        pages = mmap.mmap(fd, end - page, access=mmap.ACCESS_READ, offset=page)
    return np.ndarray(shape, layout.dtype, buffer=pages, offset=first - page)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _refuse(handle: FileHandle, dataset: str, why: str) -> NoReturn:
    message = f"{handle.path}, dataset {dataset}: cannot be mapped to memory, since {why}"
    raise NotMappableError(f"{message}; read it instead", file=handle.path, key=dataset)


def _damaged(handle: FileHandle, dataset: str) -> DataError:
    message = f"{handle.path}, dataset {dataset}: lies beyond the end of the file"
    return DataError(message, file=handle.path, key=dataset)
