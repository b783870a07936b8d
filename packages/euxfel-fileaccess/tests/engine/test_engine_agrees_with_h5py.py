"""Whatever the layout, the selection and the number of threads: the bytes that h5py gives."""

from __future__ import annotations

import tempfile
import zlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any
from unittest.mock import patch

import h5py
import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from euxfel.fileaccess.engine import (
    ReadRequest,
    codecs,
    dataset_layout,
    memory_map,
    plan_raw,
    read,
)
from euxfel.fileaccess.errors import NotMappableError
from euxfel.fileaccess.handle import FileHandle

DTYPES = [
    np.dtype("u1"),
    np.dtype("i2"),
    np.dtype("u4"),
    np.dtype("i8"),
    np.dtype("f2"),
    np.dtype("f4"),
    np.dtype("f8"),
    np.dtype("c8"),
    np.dtype("?"),
    np.dtype(">u2"),
    np.dtype(">f8"),
    np.dtype("S7"),
    np.dtype([("a", "u2"), ("b", "f8")]),
    np.dtype([("a", "u2"), ("b", "f8")], align=True),
    np.dtype(("u2", (3,))),
    h5py.enum_dtype({"off": 1, "on": 2}, basetype="u2"),
    h5py.string_dtype(),
    h5py.string_dtype(length=5),
]
PIPELINES: list[dict[str, Any]] = [
    {},
    {},
    {"compression": "gzip", "compression_opts": 1},
    {"compression": "gzip", "compression_opts": 1, "shuffle": True},
    {"shuffle": True},
    {"fletcher32": True},
    {"compression": "gzip", "shuffle": True, "fletcher32": True},
    {"compression": "lzf"},
]
ALLOCATION = [h5py.h5d.ALLOC_TIME_EARLY, h5py.h5d.ALLOC_TIME_LATE, h5py.h5d.ALLOC_TIME_INCR]


@dataclass
class Dataset:
    """How one dataset is to be made."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[int, ...] | None
    pipeline: dict[str, Any]
    resizable: bool
    written: tuple[int, int]
    fill: bool
    allocation: int
    libver: str
    skipped: int
    userblock: bool


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    shape = tuple(draw(st.lists(st.integers(1, 9), min_size=1, max_size=5)))
    shape = (draw(st.integers(0, 40)), *shape[1:])
    chunked = draw(st.booleans()) or draw(st.booleans())
    # Only a dataset that may grow has chunks larger than itself.
    resizable = draw(st.booleans()) or shape[0] == 0
    limit = 12 if resizable else None
    chunks = tuple(draw(st.integers(1, max(1, limit or n))) for n in shape) if chunked else None
    ends = sorted((draw(st.integers(0, shape[0])), draw(st.integers(0, shape[0]))))
    everything = draw(st.booleans())
    return Dataset(
        shape=shape,
        dtype=draw(st.sampled_from(DTYPES)),
        chunks=chunks,
        pipeline=draw(st.sampled_from(PIPELINES)) if chunked else {},
        resizable=resizable and chunked,
        written=(0, shape[0]) if everything else (ends[0], ends[1]),
        fill=draw(st.booleans()),
        allocation=draw(st.sampled_from(ALLOCATION)),
        libver=draw(st.sampled_from(["earliest", "latest"])),
        skipped=draw(st.integers(0, 3)),
        userblock=draw(st.integers(0, 9)) == 0,
    )


def values(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Numbers that follow from their place, never 0."""
    numbers = np.arange(prod(shape), dtype=np.int64).reshape(shape) % 249 + 1
    if dtype.subdtype is not None:
        base, inner = dtype.subdtype
        return values((*shape, *inner), base)
    if dtype.kind in "SO":
        return np.char.add(b"x", numbers.astype("S4")).astype(
            dtype if dtype.kind == "S" else object
        )
    if dtype.names:
        out = np.empty(shape, dtype)
        for name in dtype.names:
            out[name] = numbers
        return out
    if dtype.kind == "b":
        return numbers % 3 == 0
    if dtype.kind == "c":
        return (numbers + 2j * numbers).astype(dtype)
    if h5py.check_enum_dtype(dtype):
        return (numbers % 2 + 1).astype(dtype)
    return numbers.astype(dtype)


def make(path: Path, plan: Dataset) -> None:
    """Write the dataset ``group/data`` as planned."""
    size = 512 if plan.userblock else 0
    with h5py.File(path, "w", libver=plan.libver, userblock_size=size) as file:
        created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        created.set_alloc_time(plan.allocation)
        plain = plan.dtype.kind in "iuf" and plan.dtype.subdtype is None
        options: dict[str, Any] = dict(plan.pipeline)
        if plan.chunks is not None:
            options["chunks"] = plan.chunks
        if plan.resizable:
            options["maxshape"] = (None,) * len(plan.shape)
        if plan.fill and plain:
            options["fillvalue"] = 97
        if plan.pipeline.get("fletcher32") and plan.dtype.hasobject:
            options.pop("fletcher32")
        data = file.create_dataset("group/data", plan.shape, plan.dtype, dcpl=created, **options)
        first, stop = plan.written
        if stop > first:
            data[first:stop] = values(plan.shape, plan.dtype)[first:stop]
        skip_filters(data, plan)


def skip_filters(data: h5py.Dataset, plan: Dataset) -> None:
    """Write the first chunk again with some of the filters left out."""
    filters = data.id.get_create_plist().get_nfilters()
    known = plan.pipeline.get("compression") == "gzip" and "fletcher32" not in plan.pipeline
    if not known or plan.dtype.hasobject or not plan.skipped or not prod(plan.shape):
        return
    # The library forgets the mask of a chunk that has its place already.
    there = plan.written[0] < min(plan.chunks[0], plan.written[1])
    if there or plan.allocation != h5py.h5d.ALLOC_TIME_INCR:
        return
    mask = plan.skipped & ((1 << filters) - 1)
    raw = values(plan.chunks, plan.dtype).astype(plan.dtype.base).tobytes()
    shuffled = filters == 2
    if shuffled and not mask & 1:
        raw = np.frombuffer(raw, "u1").reshape(-1, plan.dtype.base.itemsize).T.tobytes()
    if not mask >> (filters - 1) & 1:
        raw = zlib.compress(raw, 1)
    data.id.write_direct_chunk((0,) * len(plan.shape), raw, filter_mask=mask)


@st.composite
def row_ranges(draw: st.DrawFn, length: int) -> NDArray[np.int64]:
    """Ranges of rows: few or single or many, in any order, with repeats."""
    if draw(st.booleans()) and length:
        rows = draw(st.lists(st.integers(0, length - 1), max_size=30))
        return np.array([(r, r + 1) for r in rows], np.int64).reshape(-1, 2)
    ends = st.tuples(st.integers(0, length), st.integers(0, length)).map(sorted)
    return np.array(draw(st.lists(ends, max_size=5)), np.int64).reshape(-1, 2)


@st.composite
def regions(draw: st.DrawFn, entry: tuple[int, ...]) -> tuple[slice | int, ...]:
    """Slices with any step and single positions, for some of the inner axes."""
    parts: list[slice | int] = []
    for n in entry[: draw(st.integers(0, len(entry)))]:
        if n and draw(st.integers(0, 3)) == 0:
            parts.append(draw(st.integers(-n, n - 1)))
        else:
            parts.append(draw(st.slices(n)))
    return tuple(parts)


def destination(shape: tuple[int, ...], dtype: np.dtype[Any], form: str) -> NDArray[Any]:
    """An array to read into, in the memory order asked for, full of something else."""
    if form == "rows apart":
        return np.ones((shape[0], 3, *shape[1:]), dtype)[:, 1]
    if form == "backwards":
        return np.ones(shape, dtype)[::-1]
    if form == "fortran":
        return np.ones(shape, dtype, order="F")
    return np.ones(shape, dtype)


FORMS = ["plain", "rows apart", "backwards", "fortran"]
CASTS = ["f8", "f4", "i4", "c16"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_layout_and_selection(data: st.DataObject) -> None:
    """B39, R1, R2: same values as h5py, unwritten chunks are the fill value, any threads."""
    plan = data.draw(datasets())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.h5")
        make(path, plan)
        with h5py.File(path, "r") as file:
            whole = file["group/data"][()]
        handle = FileHandle(path)
        layout = dataset_layout(handle, "group/data")
        event(f"{layout.kind} direct={layout.direct} filters={layout.filters}")
        assert layout.shape == plan.shape
        assert layout.entry_shape == whole.shape[1:]
        assert layout.dtype == whole.dtype
        rows = data.draw(row_ranges(plan.shape[0]))
        roi = data.draw(regions(layout.entry_shape))
        chosen = np.concatenate([np.arange(*r) for r in rows] or [[]]).astype(np.int64)
        wanted = whole[chosen][(slice(None), *roi)]
        dtype = wanted.dtype
        if dtype.kind in "iuf" and data.draw(st.booleans()):
            dtype = np.dtype(data.draw(st.sampled_from(CASTS)))
        out = destination(wanted.shape, dtype, data.draw(st.sampled_from(FORMS)))
        threads = data.draw(st.sampled_from([1, 2, 4]))
        request = ReadRequest(handle, "group/data", rows, out, roi)
        with data.draw(st.sampled_from([nullcontext, by_numpy, in_strips]))():
            read([request], threads=threads)
        np.testing.assert_array_equal(out, wanted.astype(dtype))
        check_map(handle, rows, whole)
        handle.close()


def by_numpy() -> AbstractContextManager[Any]:
    """Unshuffle as it is done without the library for it."""
    return patch.object(codecs, "library_unshuffle", lambda _itemsize: None)


def in_strips() -> AbstractContextManager[Any]:
    """Skip what is not wanted however short it is, as between the lines of large frames."""
    return patch.multiple(plan_raw, BRIDGE=-1, SMALL_PIECE=1)


def check_map(handle: FileHandle, rows: NDArray[np.int64], whole: NDArray[Any]) -> None:
    """A memory map, where there can be one, shows the same."""
    for first, stop in rows[:2]:
        try:
            view = memory_map(handle, "group/data", int(first), int(stop))
        except NotMappableError:
            event("not mappable")
            continue
        event("mappable")
        assert not view.flags.writeable
        np.testing.assert_array_equal(view, whole[first:stop])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(datasets(), min_size=2, max_size=6), st.sampled_from([1, 2, 4]))
def test_many_requests_in_one_call(plans: list[Dataset], threads: int) -> None:
    """One call for several files gives what several calls give."""
    with tempfile.TemporaryDirectory() as folder:
        requests, wanted = [], []
        for i, plan in enumerate(plans):
            path = Path(folder, f"file{i}.h5")
            make(path, plan)
            with h5py.File(path, "r") as file:
                whole = file["group/data"][()]
            rows = np.array([[0, plan.shape[0]]], np.int64)
            handle = FileHandle(path)
            requests.append(ReadRequest(handle, "group/data", rows, np.ones_like(whole)))
            wanted.append(whole)
        read(requests, threads=threads)
        for request, whole in zip(requests, wanted, strict=True):
            np.testing.assert_array_equal(request.out, whole)
            request.handle.close()
