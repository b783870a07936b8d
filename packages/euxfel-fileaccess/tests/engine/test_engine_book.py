"""Layouts kept from an earlier process: the same reads, and nothing that is wrong gets through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from euxfel.fileaccess.engine import ReadRequest, known, read
from euxfel.fileaccess.engine.book import pack_layouts, unpack_layouts
from euxfel.fileaccess.engine.chunk_table import ChunkIndex
from euxfel.fileaccess.engine.layout import DEFLATE, SHUFFLE, DatasetLayout, LayoutKind
from euxfel.fileaccess.handle import FileHandle

ROWS = 12
VALUES = np.arange(1, 1 + ROWS * 24, dtype="u2").reshape(ROWS, 4, 6)
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "deep/er": {"chunks": (1, 4, 6)},
    "packed": {"chunks": (5, 4, 6), "compression": 1},
    "shuffled": {"chunks": (1, 2, 6), "compression": 1, "shuffle": True},
    "filled": {"chunks": (1, 4, 6), "fillvalue": 77},
}


def write(path: Path, first: int = 0) -> FileHandle:
    with h5py.File(path, "w") as file:
        for name, options in KINDS.items():
            file.create_dataset(name, data=VALUES + first, **options)
        file["flags"] = np.arange(ROWS) % 3 == 0
        file.create_dataset("absent", shape=(ROWS,), dtype="f4", chunks=(1,))
        file["text"] = [f"row {i}" for i in range(ROWS)]
    return FileHandle(path)


def read_all(handle: FileHandle, name: str) -> NDArray[Any]:
    layout = known.dataset_layout(handle, name)
    out = np.full(layout.shape, 99, layout.dtype)
    read([ReadRequest(handle, name, np.array([[0, ROWS]]), out)], threads=1)
    return out


def learned(handle: FileHandle) -> dict[str, NDArray[Any]]:
    for name in (*KINDS, "flags", "absent"):
        read_all(handle, name)
    return known.new_layouts(handle)


def reopened(handle: FileHandle, arrays: dict[str, NDArray[Any]]) -> FileHandle:
    again = FileHandle(handle.path)
    known.remember_layouts(again, lambda: arrays)
    return again


@contextmanager
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect the datasets that are looked at through the library."""
    seen: list[str] = []
    look = known.opened

    def counted(handle: FileHandle, dataset: str) -> Any:
        seen.append(dataset)
        return look(handle, dataset)

    with monkeypatch.context() as patch:
        patch.setattr(known, "opened", counted)
        yield seen


@pytest.mark.parametrize("name", [*KINDS, "flags"])
def test_a_remembered_layout_is_the_one_that_was_seen(tmp_path: Path, name: str) -> None:
    handle = write(tmp_path / "f.h5")
    again = reopened(handle, learned(handle))
    layout, index = known.ensure_known(again, name)
    seen_layout, seen_index = known.ensure_known(handle, name)
    assert layout.fill_value == seen_layout.fill_value
    assert layout.shape == seen_layout.shape
    assert layout.dtype == seen_layout.dtype
    assert (layout.kind, layout.chunks) == (seen_layout.kind, seen_layout.chunks)
    assert (layout.filters, layout.direct) == (seen_layout.filters, seen_layout.direct)
    assert index is not None
    assert seen_index is not None
    assert index.address.tolist() == seen_index.address.tolist()
    assert index.size.tolist() == seen_index.size.tolist()
    assert not index.mask.any()


def test_remembered_datasets_are_read_with_one_look_into_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = write(tmp_path / "f.h5")
    again = reopened(handle, learned(handle))
    with looks(monkeypatch) as seen:
        for name in KINDS:
            assert np.array_equal(read_all(again, name), VALUES)
    assert seen == ["plain"]


def test_what_is_not_in_the_book_is_looked_up(tmp_path: Path) -> None:
    """Text, and chunks that were never written, are left out of the book."""
    handle = write(tmp_path / "f.h5")
    again = reopened(handle, learned(handle))
    book = unpack_layouts(learned(handle))
    assert book is not None
    assert book.rows.keys() == {*KINDS, "flags"}
    assert not read_all(again, "absent").any()


def test_a_book_of_another_file_is_not_used(tmp_path: Path) -> None:
    """A stale map: every value comes from where this file has it."""
    stale = learned(write(tmp_path / "old.h5"))
    with h5py.File(tmp_path / "new.h5", "w") as file:
        file["before"] = np.arange(1000)
        for name, options in KINDS.items():
            file.create_dataset(name, data=VALUES + 5, **options)
    again = reopened(FileHandle(tmp_path / "new.h5"), stale)
    for name in KINDS:
        assert np.array_equal(read_all(again, name), VALUES + 5)


def test_nothing_new_is_nothing_to_keep(tmp_path: Path) -> None:
    handle = write(tmp_path / "f.h5")
    arrays = learned(handle)
    again = reopened(handle, arrays)
    read_all(again, "plain")
    assert known.new_layouts(again) == {}
    assert known.seen_layouts(again) == 0


def test_what_is_seen_later_joins_what_was_remembered(tmp_path: Path) -> None:
    handle = write(tmp_path / "f.h5")
    read_all(handle, "plain")
    again = reopened(handle, known.new_layouts(handle))
    read_all(again, "packed")
    book = unpack_layouts(known.new_layouts(again))
    assert book is not None
    assert book.rows.keys() == {"plain", "packed"}


def test_a_look_that_fails_leaves_the_book_unused(tmp_path: Path) -> None:
    """The first layout that is taken is compared: where there is no such dataset, none counts."""
    arrays = learned(write(tmp_path / "old.h5"))
    with h5py.File(tmp_path / "new.h5", "w") as file:
        file["packed"] = VALUES
    again = reopened(FileHandle(tmp_path / "new.h5"), arrays)
    assert not known.is_known(again, "plain")
    assert np.array_equal(read_all(again, "packed"), VALUES)


EXAMPLE = pack_layouts(
    [
        (
            "a/value",
            DatasetLayout((9,), np.dtype("f8"), (), LayoutKind.CONTIGUOUS, None, (), 0.0, True),
            ChunkIndex(np.array([2048]), np.array([72]), np.zeros(1, np.uint32)),
        ),
        (
            "b/image",
            DatasetLayout(
                (3, 4),
                np.dtype("u2"),
                (4,),
                LayoutKind.CHUNKED,
                (1, 4),
                (SHUFFLE, DEFLATE),
                0,
                True,
            ),
            ChunkIndex(
                np.array([5000, 4000, 9000]), np.array([7, 8, 9]), np.zeros(3, np.uint32)
            ),
        ),
    ]
)  # fmt: skip


def test_chunks_may_lie_in_any_order() -> None:
    book = unpack_layouts(EXAMPLE)
    assert book is not None
    found = book.find("b/image")
    assert found is not None
    assert found[1].address.tolist() == [5000, 4000, 9000]
    assert found[1].size.tolist() == [7, 8, 9]
    assert book.find("c") is None


@given(st.data())
def test_damaged_arrays_are_no_book_or_one_in_bounds(data: st.DataObject) -> None:
    """F3: whatever stands in a map, nothing is raised, and every number is one that can be."""
    arrays = dict(EXAMPLE)
    name = data.draw(st.sampled_from(sorted(arrays)))
    damaged = arrays[name].copy()
    flat = damaged.reshape(-1)
    place = data.draw(st.integers(0, flat.size - 1))
    flat[place] = data.draw(
        st.integers(int(np.iinfo(flat.dtype).min), int(np.iinfo(flat.dtype).max))
    )
    arrays[name] = damaged
    book = unpack_layouts(arrays)
    for path in book.rows if book is not None else ():
        assert book is not None
        found = book.find(path)
        assert found is not None
        layout, index = found
        assert min(layout.shape) >= 0
        assert (index.address >= 0).all()
        assert (index.size >= 0).all()
        assert len(index.address) == (int(np.prod(layout.grid)) if layout.chunks else 1)


@pytest.mark.parametrize("name", sorted(EXAMPLE))
@pytest.mark.parametrize(
    "nonsense", [np.zeros(0, np.uint8), np.zeros(3), np.full((2, 2), -1), np.array([255], np.uint8)]
)
def test_arrays_of_other_kinds_are_no_book(name: str, nonsense: NDArray[Any]) -> None:
    assert unpack_layouts({**EXAMPLE, name: nonsense}) is None


def test_a_part_that_is_missing_is_no_book() -> None:
    assert unpack_layouts({k: v for k, v in EXAMPLE.items() if k != "layouts/dims"}) is None
