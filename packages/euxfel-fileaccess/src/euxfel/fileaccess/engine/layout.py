"""How a dataset is stored: what has to be known before its bytes can be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import prod
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5f, h5i, h5p, h5t

from ..errors import DataError
from ..foreign import translated
from ..h5read import known_type
from ..handle import FileHandle

# Filter numbers of the HDF5 library.
DEFLATE, SHUFFLE = 1, 2
# The order in which the library's filters that are undone here can stand.
KNOWN_FILTERS = {(): "", (DEFLATE,): "", (SHUFFLE,): "", (SHUFFLE, DEFLATE): ""}


class LayoutKind(StrEnum):
    """How the bytes of a dataset lie."""

    CONTIGUOUS = "contiguous"
    CHUNKED = "chunked"
    VIRTUAL = "virtual"
    EXTERNAL = "external"
    COMPACT = "compact"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class DatasetLayout:
    """Shape, type and storage of one dataset.

    Attributes
    ----------
    shape : tuple of int
        Shape of the dataset; the first axis counts rows.
    dtype : numpy.dtype
        Type of one element, as h5py gives it; object for strings of variable length.
    entry_shape : tuple of int
        Shape of one row.
    kind : LayoutKind
        How the bytes lie.
    chunks : tuple of int or None
        Shape of a chunk, None if the dataset is not chunked.
    filters : tuple of int
        HDF5 numbers of the filters, in the order in which they were applied.
    fill_value : object
        What elements are that were never written.
    direct : bool
        Whether rows can be read without the HDF5 library.
    linked : tuple of str or None
        The other file, and the path in it, if an external link leads there.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    entry_shape: tuple[int, ...]
    kind: LayoutKind
    chunks: tuple[int, ...] | None
    filters: tuple[int, ...]
    fill_value: Any
    direct: bool
    linked: tuple[str, str] | None = None

    @property
    def rows(self) -> int:
        """Length of the first axis; 0 for a dataset without axes."""
        return self.shape[0] if self.shape else 0

    @property
    def chunk_shape(self) -> tuple[int, ...]:
        """Shape of a chunk; a contiguous dataset counts as one chunk."""
        return self.chunks if self.chunks is not None else self.shape

    @property
    def chunk_bytes(self) -> int:
        """Bytes of one chunk when no filter is applied."""
        return prod(self.chunk_shape) * self.dtype.itemsize

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of chunks along each axis."""
        chunk = self.chunk_shape
        return tuple(-(-n // c) if c else 0 for n, c in zip(self.shape, chunk, strict=True))


def dataset_layout(handle: FileHandle, dataset: str) -> DatasetLayout:
    """Shape, dtype and storage of a dataset, remembered with the file's handle.

    Parameters
    ----------
    handle : FileHandle
        The file.
    dataset : str
        HDF5 path of the dataset.

    Returns
    -------
    DatasetLayout

    Raises
    ------
    DataError
        If the file holds no such dataset.
    FileStructureError
        If the file is damaged where the dataset is described.
    FileChangedError
        If the file is not the one opened before.
    """
    found = handle.cache.get((DatasetLayout, dataset))
    if found is not None:
        return found  # type: ignore[no-any-return]
    with opened(handle, dataset) as (file, dataset_id):
        return layout_of(handle, dataset, file, dataset_id)


@contextmanager
def opened(handle: FileHandle, dataset: str) -> Iterator[tuple[h5py.File, h5d.DatasetID]]:
    """Lend an open dataset, through the low-level interface: a third of the time."""
    with handle.h5() as file, translated(handle.path, f"cannot be read at {dataset}"):
        try:
            dataset_id = h5d.open(file.id, dataset.encode())
        except KeyError:
            message = f"{handle.path} has no dataset {dataset}"
            raise DataError(message, file=handle.path, key=dataset) from None
        yield file, dataset_id


def layout_of(
    handle: FileHandle, dataset: str, file: h5py.File, dataset_id: h5d.DatasetID
) -> DatasetLayout:
    """Layout of an open dataset; remembers it."""
    layout = handle.cache.get((DatasetLayout, dataset))
    if layout is None:
        layout = _examined(file, dataset_id)
        handle.cache[DatasetLayout, dataset] = layout
    return layout


def _examined(file: h5py.File, dataset_id: h5d.DatasetID) -> DatasetLayout:
    created = dataset_id.get_create_plist()
    shape = dataset_id.shape or ()
    file_type = dataset_id.get_type()
    dtype = known_type(file_type.dtype)
    kind = _kind(created)
    filters = tuple(created.get_filter(i)[0] for i in range(created.get_nfilters()))
    inner: tuple[int, ...] = () if dtype.subdtype is None else dtype.subdtype[1]
    base = dtype if dtype.subdtype is None else dtype.subdtype[0]
    linked = _linked(file, dataset_id)
    return DatasetLayout(
        shape=shape,
        dtype=base,
        entry_shape=shape[1:] + inner,
        kind=kind,
        chunks=created.get_chunk() if kind is LayoutKind.CHUNKED else None,
        filters=filters,
        fill_value=_fill_value(created, base) if not inner else np.zeros((), base)[()],
        direct=bool(shape)
        and not inner
        and linked is None
        and kind in (LayoutKind.CONTIGUOUS, LayoutKind.CHUNKED)
        and filters in KNOWN_FILTERS
        and _plain(file_type, dtype),
        linked=linked,
    )


def _linked(file: h5py.File, dataset_id: h5d.DatasetID) -> tuple[str, str] | None:
    there = h5f.get_name(dataset_id)
    if there == h5f.get_name(file.id):
        return None
    return os.fsdecode(there), (h5i.get_name(dataset_id) or b"").decode()


_KINDS = {
    h5d.CONTIGUOUS: LayoutKind.CONTIGUOUS,
    h5d.CHUNKED: LayoutKind.CHUNKED,
    h5d.VIRTUAL: LayoutKind.VIRTUAL,
    h5d.COMPACT: LayoutKind.COMPACT,
}


def _kind(created: h5p.PropDCID) -> LayoutKind:
    kind = _KINDS.get(created.get_layout(), LayoutKind.OTHER)
    if kind is LayoutKind.CONTIGUOUS and created.get_external_count():
        return LayoutKind.EXTERNAL
    return kind


def _plain(file_type: h5t.TypeID, dtype: np.dtype[Any]) -> bool:
    # Only when the type on disk is exactly what NumPy holds in memory are the bytes the values.
    if dtype.hasobject:
        return False
    try:
        return bool(file_type.equal(_memory_type(dtype)))
    except (TypeError, ValueError):
        return False


def _memory_type(dtype: np.dtype[Any]) -> h5t.TypeID:
    # Types with metadata (enumerations) compare equal to plain numbers: never from the cache.
    if dtype.metadata is None and dtype.kind in "iuf":
        return _number_type(dtype)
    return h5t.py_create(dtype, logical=True)


@cache
def _number_type(dtype: np.dtype[Any]) -> h5t.TypeID:
    return h5t.py_create(dtype, logical=True)


def _fill_value(created: h5p.PropDCID, dtype: np.dtype[Any]) -> Any:
    value = np.zeros((), dtype)
    written = created.get_fill_time() != h5d.FILL_TIME_NEVER
    defined = created.fill_value_defined() == h5d.FILL_VALUE_USER_DEFINED
    if written and defined and not dtype.hasobject:
        created.get_fill_value(value)
    return value[()]
