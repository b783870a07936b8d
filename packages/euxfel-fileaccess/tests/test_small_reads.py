"""Names, lists of sources and small datasets: what is absent, what is damaged, what is refused."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess import h5read
from euxfel.fileaccess.format import format_version
from euxfel.fileaccess.names import is_valid_path, key_to_path, path_to_key, split_source_group
from euxfel.fileaccess.sections import Section
from euxfel.fileaccess.sources import read_sources
from euxfel.fileaccess.values import as_text, file_metadata, read_attributes, run_value

V = format_version("1.2")


@pytest.fixture
def h5(tmp_path: Path):
    with h5py.File(tmp_path / "RAW-R0001-DA01-S00000.h5", "w") as file:
        yield file


def list_sources(h5: h5py.File, *entries: str) -> None:
    h5["METADATA/dataSources/dataSourceId"] = np.array(entries, dtype=h5py.string_dtype())


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a//b", "/a", "a/", "../INDEX", "a/../b", "a/./b", "a\x00b", "a\x1b[31m", "\n"],
)
def test_names_that_leave_their_place_or_the_line(name: str) -> None:
    """Names: they come from files, which may be hostile."""
    assert not is_valid_path(name)


@given(st.lists(st.text("abc_-:. 0X", min_size=1).filter(lambda p: p not in (".", ".."))))
def test_other_names_are_valid(parts: list[str]) -> None:
    if parts:
        assert is_valid_path("/".join(parts))


@given(st.lists(st.text("abcXY_0", min_size=1), min_size=1))
def test_keys_and_paths_are_the_same_names(parts: list[str]) -> None:
    key = ".".join(parts)
    assert path_to_key(key_to_path(key)) == key


@pytest.mark.parametrize(
    ("listed", "source", "group"),
    [
        ("A/B/C:out/data", "A/B/C:out", "data"),
        ("A/B/C:out/data/more", "A/B/C:out", "data/more"),
        ("A/B/C:out", "A/B/C:out", ""),
        ("A/B/C", "", ""),
    ],
)
def test_a_listed_name_is_source_and_group(listed: str, source: str, group: str) -> None:
    assert split_source_group(listed) == (source, group)


def test_the_list_of_sources(h5: h5py.File) -> None:
    """Names: what names a source is one, padding is nothing, all else is a problem."""
    good = ["CONTROL/A/B/C", "INSTRUMENT/A/B/C:out/data", "INSTRUMENT//D/E/F:out/x", ""]
    ignored = ["Karabo_TimerServer/TIME"]
    bad = [
        "CONTROL/../INDEX",
        "NONSENSE/A",
        "CONTROL",
        "CONTROL/",
        "INSTRUMENT/A/B/C",
        "/A",
        "\x1b",
    ]
    list_sources(h5, *good, *ignored, *bad)
    found = read_sources(h5, V)
    assert found.by_section[Section.CONTROL] == {"A/B/C"}
    assert found.by_section[Section.INSTRUMENT] == {"A/B/C:out", "D/E/F:out"}
    assert [p.kind for p in found.problems] == ["bad-source-name"] * len(bad)
    assert not any("\x1b" in p.message for p in found.problems)
    assert {p.file for p in found.problems} == {h5.filename}


@pytest.mark.parametrize("present", ["CONTROL", "CONTROL/A", "CONTROL/A/B", "CONTROL/A/B/C", ""])
def test_listed_sources_need_no_group(present: str, h5: h5py.File) -> None:
    """B22: whatever of the path to it is missing."""
    list_sources(h5, "CONTROL/A/B/C", "INSTRUMENT/A/B/C:out/data")
    if present:
        h5.create_group(present)
    found = read_sources(h5, V)
    assert found.by_section[Section.CONTROL] == {"A/B/C"}
    assert not found.legacy
    assert not found.problems


@pytest.mark.parametrize(
    ("target", "legacy"),
    [
        ("/INSTRUMENT/NEW/B/C:out", {"OLD/B/C:out": "NEW/B/C:out"}),
        ("/CONTROL/NEW/B/C", {}),
        ("/INSTRUMENT/../INDEX", {}),
        ("/INSTRUMENT/OLD/B/C:out", {}),
        ("NEW/B/C:out", {}),
        ("/", {}),
    ],
)
def test_only_links_to_sources_are_legacy_names(
    target: str, legacy: dict[str, str], h5: h5py.File
) -> None:
    """Names: a link cannot lead out of its section."""
    list_sources(h5, "INSTRUMENT/OLD/B/C:out/data")
    h5["INSTRUMENT/OLD/B/C:out"] = h5py.SoftLink(target)
    assert read_sources(h5, V).legacy == legacy


def test_absent_is_none(h5: h5py.File) -> None:
    h5["group/data"] = [1, 2]
    for path in ("absent", "group/absent", "absent/absent", "group/data/absent", "group"):
        assert h5read.read_small(h5, path) is None
        assert not h5read.has_dataset(h5, path)
        assert h5read.read_strings(h5, path) is None
    assert h5read.dataset_paths(h5, "absent") == []
    assert h5read.dataset_paths(h5, "group") == ["data"]
    assert h5read.read_small(h5, "group/data").tolist() == [1, 2]


def test_links_are_followed_until_they_end(h5: h5py.File) -> None:
    h5["a/data"] = [3, 4]
    h5["b"] = h5py.SoftLink("/a")
    h5["c/relative"] = h5py.SoftLink("../a")
    h5["dangling"] = h5py.SoftLink("/nowhere/at/all")
    h5["loop"] = h5py.SoftLink("/loop")
    assert h5read.read_small(h5, "b/data").tolist() == [3, 4]
    assert h5read.read_small(h5, "b/absent") is None
    assert h5read.read_small(h5, "dangling") is None
    assert h5read.read_small(h5, "dangling/data") is None
    with pytest.raises((KeyError, RuntimeError, OSError)):
        h5read.read_small(h5, "loop")


def test_damaged_is_not_absent(tmp_path: Path) -> None:
    """F6: h5py has one exception for both."""
    path = tmp_path / "damaged.h5"
    with h5py.File(path, "w") as file:
        file["group/data"] = np.arange(5)
        at = h5py.h5o.get_info(file["group/data"].id).addr
    with path.open("r+b") as raw:
        raw.seek(at)
        raw.write(b"\xee")
    with h5py.File(path) as file:
        for read in (h5read.read_small, h5read.read_strings, h5read.has_dataset):
            with pytest.raises((KeyError, RuntimeError, OSError)):
                read(file, "group/data")


def test_a_chunk_list_that_names_impossible_chunks(tmp_path: Path) -> None:
    """F6: the library takes the chunk for never written, and gives zeros."""
    path = tmp_path / "damaged.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=np.arange(1, 9), chunks=(4,))
    content = bytearray(path.read_bytes())
    # The list of chunks: sizes, masks and corners between the addresses, no checksum.
    node = content.index(b"TREE\x01")
    second_key = node + 24 + 32
    assert content[second_key + 8] == 4
    content[second_key + 8] = 40
    path.write_bytes(content)
    with h5py.File(path) as file, pytest.raises(ValueError, match="chunks is damaged"):
        h5read.read_small(file, "data")


def test_chunks_never_written_are_zeros(h5: h5py.File) -> None:
    """R2."""
    h5.create_dataset("data", shape=(9,), chunks=(4,), dtype="i4")[:3] = [1, 2, 3]
    assert h5read.read_small(h5, "data").tolist() == [1, 2, 3, 0, 0, 0, 0, 0, 0]


def test_types_that_data_files_do_not_have(h5: h5py.File) -> None:
    lists = h5.create_dataset("lists", (2,), dtype=h5py.vlen_dtype(np.int32))
    lists[0] = [1, 2]
    with pytest.raises(ValueError, match="of a type"):
        h5read.read_small(h5, "lists")


def test_texts(h5: h5py.File) -> None:
    """B20: bytes that are no UTF-8 stay visible, never an exception."""
    raw = np.array([b"\xc2\xb5m", b"\xff", b"plain"], dtype=object)
    h5.create_dataset("texts", data=raw, dtype=h5py.string_dtype("ascii"))
    assert h5read.read_strings(h5, "texts") == ["\xb5m", "\\xff", "plain"]
    fixed = as_text(np.array([[b"a", b"\xff"]], dtype="S3"))
    assert fixed.tolist() == [["a", "\\xff"]]
    assert as_text(b"x") == "x"
    assert as_text(5) == 5


def test_attributes_that_cannot_be_read_are_left_out(h5: h5py.File) -> None:
    """B49: data never fails because of its metadata."""
    item = h5.create_group("CONTROL/A/p")
    item.attrs["unitSymbol"] = b"m"
    item.attrs["list"] = [1, 2]
    item.attrs["one"] = [7]
    item.attrs["bad"] = np.array(b"\xff\xfe", dtype="S2")
    item.attrs["empty"] = h5py.Empty("f4")
    found = read_attributes(h5, "CONTROL/A/p")
    assert found["unitSymbol"] == "m"
    assert found["list"].tolist() == [1, 2]
    assert found["one"] == 7
    assert found["bad"] == "\\xff\\xfe"


def test_metadata_has_single_values_only(h5: h5py.File) -> None:
    h5["METADATA/runNumber"] = [5]
    h5["METADATA/list"] = [1, 2]
    h5["METADATA/dataSources/deviceId"] = [1]
    assert file_metadata(h5) == {"runNumber": 5}


def test_values_of_the_snapshot(h5: h5py.File) -> None:
    """B18: one row, an array in one row, nothing at all."""
    h5["RUN/A/one/value"] = [5]
    h5["RUN/A/array/value"] = [[1, 2]]
    h5["RUN/A/scalar/value"] = 7
    h5.create_dataset("RUN/A/empty/value", shape=(0,), dtype="f8")
    assert run_value(h5, "A", "one.value") == 5
    assert run_value(h5, "A", "array.value").tolist() == [1, 2]
    assert run_value(h5, "A", "scalar.value") == 7
    assert run_value(h5, "A", "empty.value") is None
    assert run_value(h5, "A", "absent.value") is None
