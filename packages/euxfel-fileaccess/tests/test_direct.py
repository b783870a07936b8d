"""Small datasets read from a file's bytes are those that the HDF5 library reads."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.brief import opened_briefly
from euxfel.fileaccess.direct import DirectFile, FileBytes, UnfamiliarError, describe
from euxfel.fileaccess.identity import FileIdentity
from euxfel.fileaccess.testing import small_run

TEXT = h5py.string_dtype("ascii")


@contextmanager
def opened(path: Path) -> Iterator[DirectFile]:
    with path.open("rb") as file:
        yield DirectFile(FileBytes(file.fileno(), path.stat().st_size))


integer_types = st.sampled_from(["<u8", "<i8", ">u8", "<i4", "<u4", ">i2", "<u1"])
names = st.text("abcXYZ019_:-", min_size=1, max_size=12)


@st.composite
def lists(draw: st.DrawFn) -> dict[str, Any]:
    """Values of a dataset of one axis, and how it is stored."""
    n = draw(st.integers(0, 70))
    if draw(st.booleans()):
        # Zero bytes end a text for whoever reads it.
        values = draw(
            st.lists(st.binary(max_size=9).filter(lambda t: b"\0" not in t), min_size=n, max_size=n)
        )
        fixed = np.dtype("S9")
        how: dict[str, Any] = {"data": np.array(values, fixed), "dtype": fixed}
        if draw(st.booleans()):
            how = {"data": values, "dtype": TEXT, "shape": (n,)}
    else:
        dtype = np.dtype(draw(integer_types))
        limits = np.iinfo(dtype)
        numbers = st.integers(int(limits.min), int(limits.max))
        how = {"data": np.array(draw(st.lists(numbers, min_size=n, max_size=n)), dtype)}
    if draw(st.booleans()):
        how |= {"chunks": (draw(st.integers(1, 80)),), "maxshape": (None,)}
    return how


trees = st.dictionaries(st.lists(names, min_size=1, max_size=3).map("/".join), lists(), max_size=12)


def write(path: Path, tree: dict[str, dict[str, Any]], siblings: int, attributes: int) -> set[str]:
    """Write what of a tree can be written, among other members; the paths of its datasets."""
    written = set()
    with h5py.File(path, "w", libver=("earliest", "v108")) as file:
        for n in range(siblings):
            file.create_group(f"sibling {n}")
        for name, how in tree.items():
            try:
                dataset = file.create_dataset(name, **how)
            except (ValueError, TypeError):
                continue
            written.add(name)
            for n in range(attributes):
                dataset.attrs[f"attribute {n}"] = "x" * 40
    return written


def as_the_library_reads(path: Path, name: str) -> list[Any]:
    with h5py.File(path) as file:
        return file[name][()].tolist()


@given(tree=trees, siblings=st.integers(0, 60), attributes=st.integers(0, 6))
def test_lists_of_integers_and_texts_are_read_as_by_the_library(
    tmp_path_factory: pytest.TempPathFactory,
    tree: dict[str, dict[str, Any]],
    siblings: int,
    attributes: int,
) -> None:
    path = tmp_path_factory.mktemp("direct") / "file.h5"
    written = write(path, tree, siblings, attributes)
    with opened(path) as direct:
        for name in written:
            is_text = tree[name].get("dtype") is not None
            found = direct.read_texts(name) if is_text else direct.read_integers(name)
            assert found is not None
            assert list(found) == as_the_library_reads(path, name)
            assert direct.has(name)
        assert not direct.has("absent/too")


def ends_of(path: Path) -> dict[str, tuple[Any, ...] | None]:
    """What the library finds at the paths with nothing below them."""
    found: dict[str, tuple[Any, ...] | None] = {}
    with h5py.File(path) as file:

        def visit(name: str, link: Any) -> None:
            item = file[name] if isinstance(link, h5py.HardLink) else None
            if isinstance(item, h5py.Dataset):
                found[name] = (item.shape, "text" if item.dtype.kind == "O" else str(item.dtype))
            elif item is None or not len(item):
                found[name] = None

        file.visititems_links(visit)
    return found


def told(messages: dict[int, Any]) -> tuple[Any, ...]:
    dataset = describe(messages)
    return dataset.shape, "text" if dataset.is_text else str(dataset.dtype)


@given(tree=trees, siblings=st.integers(0, 60))
def test_all_that_a_file_holds_is_found_in_order(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, dict[str, Any]], siblings: int
) -> None:
    path = tmp_path_factory.mktemp("direct") / "file.h5"
    write(path, tree, siblings, attributes=1)
    with h5py.File(path, "r+", libver=("earliest", "v108")) as file:
        file["A link"] = h5py.SoftLink("/nowhere")
        file["floats"] = np.zeros((2, 3, 4), "f4")
        file.create_dataset("packed", data=np.zeros((5, 5), ">f8"), compression="gzip")
    with opened(path) as direct:
        found = [(name, messages and told(messages)) for name, messages in direct.survey()]
    assert found == list(ends_of(path).items())


def test_a_group_of_a_newer_kind_is_left_to_the_library(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        file["group/link"] = h5py.ExternalLink("other.h5", "/x")
    with opened(path) as direct, pytest.raises(UnfamiliarError):
        direct.survey()


def test_a_soft_link_is_told_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        file["new/values"] = [1, 2]
        file["old"] = h5py.SoftLink("/new")
    with opened(path) as direct:
        assert direct.link_target("old") == b"/new"
        assert direct.link_target("new") is None
    with pytest.raises(UnfamiliarError), opened(path) as direct:
        direct.read_integers("old/values")


def compact(file: h5py.File, values: Any) -> None:
    created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    created.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(values.shape)
    made = h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_INT64, space, created)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


UNUSUAL: dict[str, Callable[[h5py.File], Any]] = {
    "compressed": lambda f: f.create_dataset("x", data=np.arange(9), compression="gzip"),
    "checksums": lambda f: f.create_dataset("x", data=np.arange(9), chunks=(3,), fletcher32=True),
    "two axes": lambda f: f.create_dataset("x", data=np.zeros((2, 2), int)),
    "no axis": lambda f: f.create_dataset("x", data=3),
    "floats": lambda f: f.create_dataset("x", data=np.zeros(3)),
    "compact": lambda f: compact(f, np.arange(3)),
    "booleans": lambda f: f.create_dataset("x", data=np.zeros(3, bool)),
    "never written": lambda f: f.create_dataset("x", shape=(3,), dtype=int),
    "chunks never written": lambda f: f.create_dataset("x", shape=(3,), dtype=int, chunks=(2,)),
    "a part never written": lambda f: f.create_dataset(
        "x", shape=(6,), dtype=int, chunks=(2,)
    ).__setitem__(slice(0, 2), 1),
    "a named type": lambda f: (
        f.__setitem__("type", np.dtype("i8")),
        f.create_dataset("x", data=np.arange(3), dtype=f["type"]),
    ),
    "an external link": lambda f: f.__setitem__("x", h5py.ExternalLink("other.h5", "/x")),
    "a group": lambda f: f.create_group("x"),
}


@pytest.mark.parametrize("make", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_what_is_stored_otherwise_is_left_to_the_library(
    tmp_path: Path, make: Callable[[h5py.File], Any]
) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        make(file)
    with pytest.raises(UnfamiliarError), opened(path) as direct:
        direct.read_integers("x")


def test_text_padded_with_blanks_is_left_to_the_library(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        padded = h5py.h5t.C_S1.copy()
        padded.set_size(4)
        padded.set_strpad(h5py.h5t.STR_SPACEPAD)
        h5py.h5d.create(file.id, b"x", padded, h5py.h5s.create_simple((2,)))
    with pytest.raises(UnfamiliarError), opened(path) as direct:
        direct.read_texts("x")


@pytest.mark.parametrize("damage", ["cut short", "newer", "behind other bytes", "not HDF5"])
def test_a_file_of_another_form_is_left_to_the_library(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "file.h5"
    newer = damage == "newer"
    block = 512 if damage == "behind other bytes" else 0
    with h5py.File(path, "w", libver="v110" if newer else "earliest", userblock_size=block) as file:
        file["x"] = np.arange(1000)
    whole = path.read_bytes()
    if damage == "cut short":
        path.write_bytes(whole[:-1])
    elif damage == "not HDF5":
        path.write_bytes(b"x" * 20)
    with pytest.raises(UnfamiliarError), opened(path) as direct:
        direct.read_integers("x")


def small_file(path: Path) -> dict[str, list[Any]]:
    """A file like the ones that hold data; what is in it."""
    with h5py.File(path, "w", libver="earliest") as file:
        file.create_dataset("INDEX/trainId", data=np.arange(10, 20, dtype="u8"), chunks=(4,))
        file["INDEX/S/A/first"] = np.arange(0, 50, 5)
        file.create_dataset("METADATA/names", data=["CONTROL/S/A", "INSTRUMENT/B:c/d"], dtype=TEXT)
    names = ("INDEX/trainId", "INDEX/S/A/first", "METADATA/names")
    return {name: as_the_library_reads(path, name) for name in names}


def read_directly(path: Path, name: str) -> list[Any] | None:
    """What is read of a file that may be damaged; None if it is left to the library."""
    try:
        with opened(path) as direct:
            read = direct.read_texts if name.startswith("METADATA") else direct.read_integers
            found = read(name)
            return None if found is None else list(found)
    except UnfamiliarError:
        return None


def read_by_the_library(path: Path, name: str) -> list[Any] | None:
    try:
        return as_the_library_reads(path, name)
    except (OSError, RuntimeError, KeyError, ValueError):
        return None


def test_no_changed_byte_is_read_otherwise_than_by_the_library(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    right = small_file(path)
    whole = path.read_bytes()
    randomly = random.Random(1)
    wrong = []
    for at in [n for n, b in enumerate(whole) if randomly.random() < (0.5 if b else 0.1)]:
        mutant = bytearray(whole)
        mutant[at] ^= randomly.choice([1, 4, 16, 128, 255])
        path.write_bytes(mutant)
        for name, values in right.items():
            found = read_directly(path, name)
            if found not in (None, values) and found != read_by_the_library(path, name):
                wrong.append((at, name, found))
    assert not wrong


def test_the_files_of_a_run_are_not_left_to_the_library(tmp_path: Path) -> None:
    for path in map(str, small_run().write(tmp_path).paths):
        file = FileAccess(path)
        with opened_briefly(path, FileIdentity.of(path)) as brief:
            assert brief.direct is not None
            ids = brief.direct.read_integers("INDEX/trainId")
            assert ids is not None
            assert ids[ids > 0].tolist() == file.train_ids.tolist()
            listed = brief.direct.read_texts("METADATA/dataSources/dataSourceId")
            assert listed is not None
            assert len(listed) >= len(file.all_sources)
