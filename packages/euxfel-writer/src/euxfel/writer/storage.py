"""How a new dataset is stored: as the one it comes from, but for what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

from euxfel.fileaccess.engine.examine import opened
from euxfel.fileaccess.engine.layout import DEFLATE, KNOWN_FILTERS

from .options import WriteOptions, choice
from .write_plan import KeyPlan

# Of a chunk that is chosen here.
CHUNK_BYTES = 1 << 20
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """Layout of one new dataset.

    Attributes
    ----------
    created : h5py property list
        How it is created.
    stored : h5py type
        Type of its elements.
    chunks : tuple of int or None
        Shape of a chunk.
    filters : tuple of int
        HDF5 numbers of its filters.
    level : int
        Level of deflate.
    fill_value : object
        What elements are that are never written.
    """

    created: h5p.PropDCID
    stored: h5t.TypeID
    chunks: Shape | None
    filters: tuple[int, ...]
    level: int
    fill_value: Any

    @property
    def is_encoded_here(self) -> bool:
        """Whether chunks are encoded without the HDF5 library, off its lock."""
        return bool(self.filters) and self.filters in KNOWN_FILTERS

    def make(self, file: h5py.File, path: str, shape: Shape) -> h5py.Dataset:
        """Create the dataset, and the groups that lead to it."""
        links = h5p.create(h5p.LINK_CREATE)
        links.set_create_intermediate_group(True)
        links.set_char_encoding(h5t.CSET_UTF8)
        longest = (h5s.UNLIMITED, *shape[1:]) if self.chunks else shape
        space = h5s.create_simple(shape, longest)
        made = h5d.create(file.id, path.encode(), self.stored, space, self.created, links)
        return h5py.Dataset(made)


def storage_of(plan: KeyPlan, options: WriteOptions) -> Storage:
    """Find out how a dataset is stored in the first file with it, and is to be stored."""
    handle = plan.stored.files[_first_file(plan)].handle
    with opened(handle, plan.stored_path) as (_, dataset):
        created = dataset.get_create_plist()
        stored = dataset.get_type().copy()
    if plan.dtype != plan.stored_dtype:
        stored = h5t.py_create(plan.dtype, logical=True)
    was_chunked = created.get_layout() == h5d.CHUNKED
    before = created.get_chunk() if was_chunked else None
    wanted = choice(options.chunks, plan.path.partition("/")[2], plan.key)
    level = options.level
    # Through a virtual dataset one does not see how the data is compressed.
    if level is None and created.get_layout() == h5d.VIRTUAL:
        level = 1
    needs = was_chunked or bool(level) or wanted is not None
    chunks = _chunks(plan, before, wanted) if needs and prod(plan.shape[1:]) else None
    fresh = _properties(created, plan, chunks, level)
    filters = tuple(fresh.get_filter(i)[0] for i in range(fresh.get_nfilters()))
    fill = np.zeros((), plan.dtype)
    if not plan.dtype.hasobject:
        fresh.get_fill_value(fill)
    return Storage(fresh, stored, chunks, filters, _level(fresh), fill[()])


def _first_file(plan: KeyPlan) -> int:
    for number in plan.rows.files or range(len(plan.stored.files)):
        if plan.stored.file_layout(number, plan.key) is not None:
            return number
    raise AssertionError("a key that is planned is in one of its files")


def _chunks(plan: KeyPlan, before: Shape | None, wanted: int | Shape | None) -> Shape:
    entry = plan.shape[1:]
    if isinstance(wanted, tuple):
        if len(wanted) != len(plan.shape) or min(wanted) < 1:
            raise ValueError(f"chunks of {wanted} do not fit {plan.path}, whose rows are {entry}")
        return (wanted[0], *(min(c, n) for c, n in zip(wanted[1:], entry, strict=True)))
    if wanted is not None:
        return (max(1, int(wanted)), *entry)
    if before is not None and len(before) == len(plan.shape):
        return (before[0], *(min(c, n) for c, n in zip(before[1:], entry, strict=True)))
    row = max(1, prod(entry) * plan.dtype.itemsize)
    return (max(1, min(CHUNK_BYTES // row, plan.rows.total)), *entry)


def _properties(
    before: h5p.PropDCID, plan: KeyPlan, chunks: Shape | None, level: int | None
) -> h5p.PropDCID:
    if level is None and before.get_layout() == h5d.CHUNKED and chunks is not None:
        # With filters that are not known here, and the fill value.
        created = before.copy()
    else:
        created = h5p.create(h5p.DATASET_CREATE)
        _keep_fill_value(before, created, plan)
    if chunks is None:
        return created
    created.set_chunk(chunks)
    # Chunks that have their place early lose the mask of their filters when they are written.
    created.set_alloc_time(h5d.ALLOC_TIME_INCR)
    if level:
        if plan.dtype.itemsize > 1 and not plan.dtype.hasobject:
            created.set_shuffle()
        created.set_deflate(level)
    return created


def _keep_fill_value(before: h5p.PropDCID, created: h5p.PropDCID, plan: KeyPlan) -> None:
    if plan.dtype.hasobject or before.fill_value_defined() != h5d.FILL_VALUE_USER_DEFINED:
        return
    fill = np.zeros((), plan.dtype)
    before.get_fill_value(fill)
    created.set_fill_value(fill)


def _level(created: h5p.PropDCID) -> int:
    for i in range(created.get_nfilters()):
        number, _, values, _ = created.get_filter(i)
        if number == DEFLATE:
            return int(values[0])
    return 0
