"""Looking into a file for how a dataset is stored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5f, h5i, h5p, h5t

from ..errors import DataError
from ..foreign import translated
from ..h5read import known_type
from ..handle import FileHandle
from .layout import KNOWN_FILTERS, DatasetLayout, LayoutKind


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


def examined(file: h5py.File, dataset_id: h5d.DatasetID) -> DatasetLayout:
    """Layout of an open dataset."""
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
