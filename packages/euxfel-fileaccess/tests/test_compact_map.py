"""Our compact map: what was put comes back, and damage costs nothing but the entry."""

from __future__ import annotations

import errno
import json
import os
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from euxfel.fileaccess import compact_draft
from euxfel.fileaccess.compact_format import (
    PRELUDE,
    Interned,
    decode_ranges,
    encode_ranges,
    pack_block,
    pack_header,
    unpack_block,
)
from euxfel.fileaccess.compact_map import COMPACT_MAP_NAME, CompactMap
from euxfel.fileaccess.identity import FileIdentity
from euxfel.fileaccess.problems import ProblemKind
from euxfel.fileaccess.summary import FileSummary

FILES = [f"RAW-R0238-DA{n:02}-S00000.h5" for n in (1, 2, 3)]
NAME = FILES[0]
Arrays = dict[str, NDArray[Any]]


def summary(number: int) -> FileSummary:
    first = 10_000 + 100 * (number // 2)
    return FileSummary(
        train_ids=np.array([*range(first, first + 20), first - 50], dtype=np.uint64),
        suspect_indices=np.array([20], dtype=np.int64),
        control_sources=frozenset({f"SPB/MOTOR/{number}", "SPB/XGM/é"}),
        instrument_sources=frozenset({"SPB/CAM:daqOutput"}),
        legacy_sources={f"SPB/OLD/{number}": f"SPB/MOTOR/{number}"},
        reduction_sources=frozenset({"SPB/DET:xtdf"}) if number % 2 else None,
        errata_sources=frozenset(),
    )


def arrays(number: int) -> Arrays:
    return {
        "SPB/CAM:daqOutput/data": np.arange(2 * number, dtype=np.int64).reshape(2, number) + number,
        "flags": np.array([True, False, True]),
        "empty": np.zeros((0, 3), dtype=">u2"),
    }


@pytest.fixture
def run(tmp_path: Path) -> Path:
    proposal = tmp_path / "exp/SPB/201830/p002012"
    folder = proposal / "raw/r0238"
    folder.mkdir(parents=True)
    (proposal / "scratch").mkdir()
    for i, name in enumerate(FILES):
        (folder / name).write_bytes(b"x" * (1000 + i))
    return folder


def identity(run: Path, name: str = NAME) -> FileIdentity:
    return FileIdentity.of(run / name)


def save_all(run: Path) -> None:
    new = CompactMap.load(run)
    for i, name in enumerate(FILES):
        new.put(name, identity(run, name), summary(i + 1), arrays(i + 1))
    assert new.save() is None


def assert_known(run: Path, name: str, number: int) -> None:
    loaded = CompactMap.load(run)
    assert loaded.get(name, identity(run, name)) == summary(number)
    assert_equal(loaded.arrays(name, identity(run, name)), arrays(number))
    assert loaded.problems == ()


def assert_equal(found: Arrays, expected: Arrays) -> None:
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def rewritten(run: Path, **changes: Any) -> None:
    """Change fields of the entry of the first file, with a right checksum."""
    path = run / COMPACT_MAP_NAME
    content = path.read_bytes()
    _magic, size, _crc = PRELUDE.unpack_from(content)
    header = json.loads(content[PRELUDE.size : PRELUDE.size + size])
    for key, value in changes.items():
        target = header if key in header else header["files"][NAME]
        target[key] = value
    put_header(path, header, content[PRELUDE.size + size :])


def put_header(path: Path, header: Any, blocks: bytes = b"") -> None:
    text = json.dumps(header).encode()
    prelude = PRELUDE.pack(b"EUXMAP\x00\x01", len(text), zlib.crc32(text))
    path.write_bytes(prelude + text + blocks)


def test_what_was_put_is_remembered(run: Path) -> None:
    save_all(run)
    for i, name in enumerate(FILES):
        assert_known(run, name, i + 1)


def test_what_was_put_is_known_before_it_is_saved(run: Path) -> None:
    new = CompactMap.load(run)
    new.put(NAME, identity(run), summary(1), {"a": np.array([7])})
    new.put(NAME, identity(run), summary(1), {"b": np.array([8])})
    assert new.get(NAME, identity(run)) == summary(1)
    assert_equal(new.arrays(NAME, identity(run)), {"a": np.array([7]), "b": np.array([8])})


def test_arrays_put_later_join_those_on_disk(run: Path) -> None:
    save_all(run)
    later = CompactMap.load(run)
    later.put(NAME, identity(run), summary(1), {"chunks": np.array([11, 12])})
    assert_equal(later.arrays(NAME, identity(run)), arrays(1) | {"chunks": np.array([11, 12])})
    later.save()
    loaded = CompactMap.load(run)
    assert_equal(loaded.arrays(NAME, identity(run)), arrays(1) | {"chunks": np.array([11, 12])})
    assert_known(run, FILES[2], 3)


@pytest.mark.parametrize("change", [{"size": 1}, {"mtime_ns": 1}])
def test_a_file_in_another_state_is_not_known(run: Path, change: dict[str, int]) -> None:
    """R6: identity is size and time of change; a stale entry is absent without a note."""
    save_all(run)
    rewritten(run, **change)
    loaded = CompactMap.load(run)
    assert loaded.get(NAME, identity(run)) is None
    assert loaded.arrays(NAME, identity(run)) == {}
    assert loaded.problems == ()


def test_arrays_of_another_state_of_the_file_are_not_kept(run: Path) -> None:
    save_all(run)
    (run / NAME).write_bytes(b"grown" * 1000)
    later = CompactMap.load(run)
    later.put(NAME, identity(run), summary(5), {"new": np.array([3])})
    later.save()
    assert_equal(CompactMap.load(run).arrays(NAME, identity(run)), {"new": np.array([3])})


def test_lists_that_files_share_are_stored_once(run: Path) -> None:
    """Dependencies, caches: ranges of train IDs and interned lists make the map small."""
    new = CompactMap.load(run)
    shared = summary(1)
    names = [f"RAW-R0238-AGIPD00-S{n:05}.h5" for n in range(200)]
    for name in names:
        new.put(name, FileIdentity(0, 0, 1, 2, 3), shared)
    new.save()
    assert (run / COMPACT_MAP_NAME).stat().st_size < 200 * len(names)


def test_files_that_are_gone_leave_the_map(run: Path) -> None:
    save_all(run)
    gone = identity(run, FILES[2])
    (run / FILES[2]).unlink()
    later = CompactMap.load(run)
    later.put(NAME, identity(run), summary(1))
    later.save()
    assert CompactMap.load(run).get(FILES[2], gone) is None
    assert_known(run, FILES[1], 2)


def test_two_writers_at_once_lose_nothing(run: Path) -> None:
    """Reliability R8: two cache writers x 20; readers never see half a map."""
    names = [f"RAW-R0238-X{n:02}-S00000.h5" for n in range(20)]
    for name in names:
        (run / name).write_bytes(b"content")
    problems: set[object] = set()

    def write(part: range) -> None:
        for i in part:
            new = CompactMap.load(run)
            new.put(names[i], identity(run, names[i]), summary(i), arrays(i + 1))
            problems.add(new.save())
            problems.add(CompactMap.load(run).problems)

    threads = [threading.Thread(target=write, args=(range(i, 20, 2),)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loaded = CompactMap.load(run)
    for i, name in enumerate(names):
        assert loaded.get(name, identity(run, name)) == summary(i)
        assert_equal(loaded.arrays(name, identity(run, name)), arrays(i + 1))
    assert problems == {None, ()}


def test_arrays_of_a_map_replaced_meanwhile_are_just_not_there(run: Path) -> None:
    save_all(run)
    early = CompactMap.load(run)
    (run / NAME).write_bytes(b"grown" * 1000)
    save_all(run)
    assert early.arrays(FILES[1], identity(run, FILES[1])) == {}
    assert early.problems == ()
    (run / COMPACT_MAP_NAME).unlink()
    assert early.arrays(FILES[1], identity(run, FILES[1])) == {}
    assert early.problems == ()


def test_read_arrays_cannot_be_changed(run: Path) -> None:
    save_all(run)
    found = CompactMap.load(run).arrays(NAME, identity(run))
    with pytest.raises(ValueError, match="read-only"):
        found["flags"][0] = False


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([None]), np.array([1j])])
def test_only_numbers_can_be_put(run: Path, array: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        CompactMap.load(run).put(NAME, identity(run), summary(1), {"a": array})


def test_only_names_can_be_put(run: Path) -> None:
    with pytest.raises(ValueError, match="by name"):
        CompactMap.load(run).put(f"../{NAME}", identity(run), summary(1))


def test_arrays_beyond_the_limit_are_left_out(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact_draft, "BLOCKS_MAX", 250)
    save_all(run)
    loaded = CompactMap.load(run)
    known = [bool(loaded.arrays(name, identity(run, name))) for name in FILES]
    assert known == [True, False, False]
    assert loaded.get(FILES[2], identity(run, FILES[2])) == summary(3)
    assert loaded.problems == ()


def test_nothing_is_known_without_a_map(run: Path) -> None:
    empty = CompactMap.load(run)
    assert empty.get(NAME, identity(run)) is None
    assert empty.arrays(NAME, identity(run)) == {}
    assert (empty.path, empty.problems, empty.save()) == (None, (), None)
    assert not (run / COMPACT_MAP_NAME).exists()


def test_scratch_is_used_when_the_run_cannot_be_written(run: Path) -> None:
    """F4: same places as the shared run map."""
    (run / COMPACT_MAP_NAME).mkdir()
    new = CompactMap.load(run)
    new.put(NAME, identity(run), summary(1), arrays(1))
    assert new.save() is None
    fallback = run.parents[1] / "scratch/.karabo_data_maps/raw_r0238.euxfel_map"
    assert CompactMap.load(run).path == str(fallback)


@pytest.mark.parametrize("operation", ["write", "fsync", "replace"])
def test_whatever_fails_while_writing_the_old_map_stays_and_nothing_else(
    run: Path, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """Reliability R6, F1."""
    save_all(run)

    def fail(*args: Any, **kwargs: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, operation, fail)
        later = CompactMap.load(run)
        later.put(NAME, identity(run), summary(9), arrays(9))
        problem = later.save()
    assert problem is not None
    assert problem.kind == ProblemKind.BAD_CACHE
    assert_known(run, NAME, 1)
    assert {p.name for p in run.iterdir()} == {*FILES, COMPACT_MAP_NAME}


# Damaged and hostile maps -----------------------------------------------------------------


def assert_usable_nevertheless(run: Path, noted: bool = True) -> None:
    loaded = CompactMap.load(run)
    found = loaded.get(NAME, identity(run))
    kept = loaded.arrays(NAME, identity(run))
    assert found is None or not kept
    assert bool(loaded.problems) is noted
    assert all(p.kind == ProblemKind.BAD_CACHE for p in loaded.problems)
    save_all(run)
    assert_known(run, NAME, 1)


NESTED = "[" * 50_000 + "]" * 50_000
HUGE_HEADER = PRELUDE.pack(b"EUXMAP\x00\x01", 2**63, 1)


@pytest.mark.parametrize(
    "content",
    [b"", b"EUXMAP\x00\x01", b"\x89HDF\r\n\x1a\n" * 20, b"[]" * 20, bytes(range(256)), HUGE_HEADER],
    ids=["empty", "magic only", "hdf5", "json", "binary", "huge header"],
)
def test_what_is_no_map_is_ignored_with_a_note(run: Path, content: bytes) -> None:
    """F3, reliability, caches: a damaged map does not stop the run from opening."""
    (run / COMPACT_MAP_NAME).write_bytes(content)
    assert_usable_nevertheless(run)


@pytest.mark.parametrize(
    "header",
    [
        [],
        17,
        None,
        {},
        {"names": [], "sources": [], "trains": [], "files": []},
        {"names": {}, "sources": [], "trains": [], "files": {}},
    ],
    ids=repr,
)
def test_a_header_of_other_types_is_ignored_with_a_note(run: Path, header: Any) -> None:
    put_header(run / COMPACT_MAP_NAME, header)
    assert_usable_nevertheless(run)


def test_a_deeply_nested_header_is_ignored_with_a_note(run: Path) -> None:
    text = NESTED.encode()
    prelude = PRELUDE.pack(b"EUXMAP\x00\x01", len(text), zlib.crc32(text))
    (run / COMPACT_MAP_NAME).write_bytes(prelude + text)
    assert_usable_nevertheless(run)


def test_links_pipes_and_folders_in_place_of_the_map_do_no_harm(run: Path) -> None:
    save_all(run)
    place = run / COMPACT_MAP_NAME
    elsewhere = place.rename(run.parents[4] / "elsewhere")
    place.symlink_to(elsewhere)
    assert_usable_nevertheless(run)
    place.unlink()
    os.mkfifo(place)
    assert_usable_nevertheless(run)


@pytest.mark.parametrize("length", [10, 30, 200, 700, 900])
def test_a_map_cut_short_is_noticed(run: Path, length: int) -> None:
    save_all(run)
    os.truncate(run / COMPACT_MAP_NAME, length)
    loaded = CompactMap.load(run)
    for i, name in enumerate(FILES):
        assert loaded.get(name, identity(run, name)) in (None, summary(i + 1))
        loaded.arrays(name, identity(run, name))
    assert loaded.problems != ()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_byte_never_changes_what_comes_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Never silently wrong: right, or absent with a note."""
    run = tmp_path_factory.mktemp("run")
    (run / NAME).write_bytes(b"content")
    new = CompactMap.load(run)
    new.put(NAME, identity(run), summary(1), arrays(1))
    new.save()
    path = run / COMPACT_MAP_NAME
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    loaded = CompactMap.load(run)
    found, kept = loaded.get(NAME, identity(run)), loaded.arrays(NAME, identity(run))
    assert found in (None, summary(1))
    assert loaded.problems or kept
    if kept:
        assert_equal(kept, arrays(1))


BAD_VALUES: list[tuple[str, Any]] = [
    ("trains", None),
    ("trains", 99),
    ("trains", -1),
    ("trains", True),
    ("trains", [[10, 2]]),
    ("trains", [["10", 2]] * 3),
    ("trains", [[10]] * 3),
    ("trains", [[0, 5]] * 3),
    ("trains", [[10, -5]] * 3),
    ("trains", [[10, 0]] * 3),
    ("trains", [[10, 1e3]] * 3),
    ("trains", [[2**64 - 1, 2]] * 3),
    ("trains", [[1, 2**62]] * 3),
    ("trains", [{}] * 3),
    ("suspect", None),
    ("suspect", [21]),
    ("suspect", [-1]),
    ("suspect", [2**70]),
    ("suspect", [True]),
    ("control", "SPB/XGM"),
    ("control", 99),
    ("control", None),
    ("instrument", None),
    ("sources", [[99]] * 9),
    ("sources", [[-1]] * 9),
    ("sources", [None] * 9),
    ("sources", [["SPB/XGM"]] * 9),
    ("names", ["../INDEX"] * 99),
    ("names", ["\x1b[31m"] * 99),
    ("names", [None] * 99),
    ("names", [["x"]] * 99),
    ("legacy", None),
    ("legacy", {"a": 1}),
    ("legacy", {"../a": "b"}),
    ("errata", "x"),
    ("errata", 99),
]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES, ids=repr)
def test_a_malformed_entry_is_absent_with_a_note(run: Path, field: str, value: Any) -> None:
    """F3: a hostile map with a right checksum allocates nothing and leads nowhere."""
    save_all(run)
    rewritten(run, **{field: value})
    assert CompactMap.load(run).get(NAME, identity(run)) is None
    assert_usable_nevertheless(run)


@pytest.mark.parametrize("field", ["trains", "suspect", "control", "legacy", "errata"])
def test_an_entry_that_lacks_a_field_is_absent_with_a_note(run: Path, field: str) -> None:
    """B24."""
    save_all(run)
    path = run / COMPACT_MAP_NAME
    content = path.read_bytes()
    _magic, size, _crc = PRELUDE.unpack_from(content)
    header = json.loads(content[PRELUDE.size : PRELUDE.size + size])
    del header["files"][NAME][field]
    put_header(path, header, content[PRELUDE.size + size :])
    assert CompactMap.load(run).get(NAME, identity(run)) is None
    assert_usable_nevertheless(run)


def test_entries_of_other_types_are_dropped_when_the_map_is_saved(run: Path) -> None:
    save_all(run)
    rewritten(run, files={NAME: 7, FILES[1]: None, "../x.h5": {}})
    assert_usable_nevertheless(run, noted=False)


@pytest.mark.parametrize(
    "place",
    [
        7,
        [],
        [0, 10],
        [0, 10, "x"],
        [-1, 10, 1],
        [0, -5, 1],
        [2**50, 8, 1],
        [0, 2**40, 1],
        [0, 8, 1],
    ],
    ids=repr,
)
def test_arrays_at_a_senseless_place_are_absent_with_a_note(run: Path, place: Any) -> None:
    save_all(run)
    rewritten(run, arrays=place)
    assert CompactMap.load(run).get(NAME, identity(run)) == summary(1)
    assert_usable_nevertheless(run)


def block(table: Any, content: bytes = bytes(64)) -> bytes:
    text = json.dumps(table).encode()
    return struct.pack("<I", len(text)) + text + content


@pytest.mark.parametrize(
    "table",
    [
        None,
        [],
        {"a": None},
        {"a": ["<i8", [2]]},
        {"a": ["|O8", [2], 0]},
        {"a": ["<M8[s]", [2], 0]},
        {"a": ["<b8", [2], 0]},
        {"a": [7, [2], 0]},
        {"a": ["<i8", 2, 0]},
        {"a": ["<i8", [-2], 0]},
        {"a": ["<i8", [2.0], 0]},
        {"a": ["<i8", [True], 0]},
        {"a": ["<i8", [9], 0]},
        {"a": ["<i8", [2**62, 2**62], 0]},
        {"a": ["<i8", [0, 2**70], 0]},
        {"a": ["<i8", [1] * 40, 0]},
        {"a": ["<i8", [2], -8]},
        {"a": ["<i8", [2], 60]},
        {"a": ["<i8", [2], None]},
    ],
    ids=repr,
)
def test_a_malformed_table_of_arrays_is_a_value_error(table: Any) -> None:
    with pytest.raises(ValueError, match=r"block|array"):
        unpack_block(block(table))


def test_blocks_that_are_hardly_there_are_a_value_error() -> None:
    for content in (b"", b"\1", b"\xff\xff\xff\xff{}", struct.pack("<I", 2) + b"{"):
        with pytest.raises(ValueError, match=r"."):
            unpack_block(content)


def test_ranges_stand_for_no_more_trains_than_allowed() -> None:
    """Reliability, index: nothing is allocated from unvalidated numbers."""
    assert len(decode_ranges([10, 20], limit=20)) == 20
    with pytest.raises(ValueError, match="21 train IDs are more than"):
        decode_ranges([10, 21], limit=20)


@settings(deadline=None)
@given(st.lists(st.integers(1, 30) | st.integers(2**64 - 5, 2**64 - 1), max_size=30))
def test_ranges_stand_for_any_train_ids(ids: list[int]) -> None:
    """B8/B9: out of order, repeated, and up to 2^64-1."""
    array = np.array(ids, dtype=np.uint64)
    decoded = decode_ranges(encode_ranges(array), limit=30)
    assert decoded.dtype == np.uint64
    assert decoded.tolist() == ids


NUMBERS = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=5), hnp.arrays(NUMBERS, hnp.array_shapes(min_side=0))))
def test_any_arrays_of_numbers_come_back_bit_for_bit(given_arrays: Arrays) -> None:
    found = unpack_block(pack_block(given_arrays))
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


def test_the_header_stores_a_list_of_sources_once() -> None:
    tables = Interned()
    positions = [tables.add_sources(frozenset({"a", name})) for name in ("b", "c", "b")]
    assert positions == [0, 1, 0]
    assert tables.names == ["a", "b", "c"]
    assert json.loads(pack_header(tables, {})[PRELUDE.size :])["sources"] == [[0, 1], [0, 2]]
