"""The run map shared with EXtra-data: read without trust, merged, replaced as a whole."""

from __future__ import annotations

import errno
import json
import math
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.fileaccess import cachefiles
from euxfel.fileaccess.compact_map import CompactMap
from euxfel.fileaccess.identity import FileIdentity
from euxfel.fileaccess.problems import ProblemKind
from euxfel.fileaccess.run_map import MAP_NAME, FileSummary, RunMap, _seconds

FILES = [f"RAW-R0238-DA{n:02}-S00000.h5" for n in (1, 2, 3)]
NAME = FILES[0]


def summary(number: int) -> FileSummary:
    """Values that differ from file to file."""
    first = 10_000 + 100 * number
    return FileSummary(
        train_ids=np.arange(first, first + 20, dtype=np.uint64),
        suspect_indices=np.array([3, number], dtype=np.int64),
        control_sources=frozenset({f"SPB/MOTOR/{number}", "SPB/XGM/é"}),
        instrument_sources=frozenset({f"SPB/CAM/{number}:daqOutput"}),
        legacy_sources={f"SPB/OLD/{number}": f"SPB/MOTOR/{number}"},
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder at a place like the facility's, with scratch."""
    proposal = tmp_path / "exp/SPB/201830/p002012"
    folder = proposal / "raw/r0238"
    folder.mkdir(parents=True)
    (proposal / "scratch").mkdir()
    for i, name in enumerate(FILES):
        (folder / name).write_bytes(b"x" * (1000 + i))
        os.utime(folder / name, ns=(10**18, 1_795_216_056_171_413_170 + i))
    return folder


def identity(run: Path, name: str = NAME) -> FileIdentity:
    return FileIdentity.of(run / name)


def known(run: Path) -> dict[str, tuple[FileIdentity, FileSummary]]:
    return {name: (identity(run, name), summary(i + 1)) for i, name in enumerate(FILES)}


def fallback(run: Path) -> Path:
    return run.parents[1] / "scratch/.karabo_data_maps/raw_r0238.json"


def good_entry(run: Path, **changes: Any) -> dict[str, Any]:
    st = os.stat(run / NAME)
    entry = {
        "filename": NAME,
        "mtime": st.st_mtime,
        "size": st.st_size,
        "train_ids": [10001, 10002],
        "control_sources": ["SPB/MOTOR/1"],
        "instrument_sources": [],
        "legacy_sources": {},
        "suspect_train_indices": [],
    }
    return entry | changes


def write_map(run: Path, content: Any, place: Path | None = None) -> None:
    place = place or run / MAP_NAME
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def test_what_was_saved_is_remembered(run: Path) -> None:
    assert RunMap.load(run).save(known(run)) is None
    loaded = RunMap.load(run)
    for name, (what, about) in known(run).items():
        assert loaded.get(name, what) == about
    assert loaded.problems == ()


def test_the_map_has_the_fields_that_extra_data_wants(run: Path) -> None:
    RunMap.load(run).save(known(run))
    listed = json.loads((run / MAP_NAME).read_text())
    assert [set(entry) for entry in listed] == [set(good_entry(run))] * 3
    for entry in listed:
        st = os.stat(run / entry["filename"])
        assert (entry["mtime"], entry["size"]) == (st.st_mtime, st.st_size)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2**62))
def test_times_are_rounded_as_the_operating_system_module_does(
    tmp_path_factory: pytest.TempPathFactory, mtime_ns: int
) -> None:
    """The map holds ``st_mtime`` exactly: another rounding would make every entry stale."""
    path = tmp_path_factory.getbasetemp() / "touched"
    path.touch()
    os.utime(path, ns=(1, mtime_ns))
    state = os.stat(path)
    assert _seconds(state.st_mtime_ns) == state.st_mtime


def test_nothing_is_known_without_a_map(run: Path) -> None:
    empty = RunMap.load(run)
    assert empty.get(NAME, identity(run)) is None
    assert (len(empty), empty.path, empty.problems) == (0, None, ())


def test_a_folder_that_does_not_exist_has_no_map(tmp_path: Path) -> None:
    assert len(RunMap.load(tmp_path / "absent")) == 0


@pytest.mark.parametrize("change", [{"size": 999}, {"mtime": 1.0}, {"mtime": 1795216056.1714}])
def test_an_entry_for_another_state_of_the_file_does_not_count(
    run: Path, change: dict[str, Any]
) -> None:
    """B23, R6: stale entries are absent, without a note: that is usual."""
    write_map(run, [good_entry(run, **change)])
    loaded = RunMap.load(run)
    assert loaded.get(NAME, identity(run)) is None
    assert loaded.problems == ()


def test_entries_merge_with_those_of_other_readers(run: Path) -> None:
    """B23, B25: a partial map is completed, not replaced."""
    files = known(run)
    first, second = RunMap.load(run), RunMap.load(run)
    first.save({FILES[0]: files[FILES[0]]})
    second.save({FILES[1]: files[FILES[1]]})
    loaded = RunMap.load(run)
    assert loaded.get(FILES[0], files[FILES[0]][0]) == files[FILES[0]][1]
    assert loaded.get(FILES[1], files[FILES[1]][0]) == files[FILES[1]][1]


def test_files_that_are_gone_leave_the_map(run: Path) -> None:
    files = known(run)
    RunMap.load(run).save(files)
    (run / FILES[2]).unlink()
    RunMap.load(run).save({FILES[0]: files[FILES[0]]})
    assert len(RunMap.load(run)) == 2


def test_two_writers_at_once_lose_nothing(run: Path) -> None:
    """Reliability R8: two cache writers x 20; readers never see half a map."""
    names = [f"RAW-R0238-X{n:02}-S00000.h5" for n in range(20)]
    for name in names:
        (run / name).write_bytes(b"content")
    seen: list[tuple[object, ...]] = []

    def write(part: list[str]) -> None:
        for i, name in enumerate(part):
            RunMap.load(run).save({name: (identity(run, name), summary(i))})
            seen.append(RunMap.load(run).problems)

    threads = [threading.Thread(target=write, args=(names[i::2],)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loaded = RunMap.load(run)
    assert all(loaded.get(name, identity(run, name)) is not None for name in names)
    assert set(seen) == {()}


def test_a_map_is_readable_as_the_umask_says(run: Path) -> None:
    """Reliability, caches: EXtra-data's maps have mode 0600, so that only one user profits."""
    old = os.umask(0o027)
    try:
        RunMap.load(run).save(known(run))
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(run / MAP_NAME).st_mode) == 0o640


def test_the_newest_map_wins(run: Path) -> None:
    write_map(run, [good_entry(run, train_ids=[111])])
    write_map(run, [good_entry(run, train_ids=[222])], fallback(run))
    for newest, expected in ((run / MAP_NAME, 111), (fallback(run), 222)):
        for place in (run / MAP_NAME, fallback(run)):
            os.utime(place, (2e9, 2e9) if place == newest else (1e9, 1e9))
        found = RunMap.load(run).get(NAME, identity(run))
        assert found is not None
        assert found.train_ids.tolist() == [expected]


def test_a_damaged_newer_map_gives_way_to_an_older_one(run: Path) -> None:
    write_map(run, [good_entry(run)], fallback(run))
    os.utime(fallback(run), (1e9, 1e9))
    write_map(run, b"{")
    loaded = RunMap.load(run)
    assert loaded.get(NAME, identity(run)) is not None
    assert [p.kind for p in loaded.problems] == [ProblemKind.BAD_CACHE]


def test_other_fields_and_orders_do_no_harm(run: Path) -> None:
    entry = dict(reversed(list(good_entry(run, written_by="a later version").items())))
    write_map(run, [entry])
    assert RunMap.load(run).get(NAME, identity(run)) is not None


# Damaged and hostile maps -----------------------------------------------------------------

NESTED = b"[" * 100_000 + b"]" * 100_000

DAMAGED_FILES: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)) * 10,
    "utf-16 half": b"\xff\xfe\x00",
    "truncated": b'[{"filename": "RAW-R0238-DA01-S00000.h5", "mti',
    "not a list": b'{"filename": "RAW-R0238-DA01-S00000.h5"}',
    "number": b"17",
    "null": b"null",
    "nested": NESTED,
    "huge integer": b"[" + b"9" * 5000 + b"]",
    "hdf5": b"\x89HDF\r\n\x1a\n" + b"\0" * 100,
    "two documents": b"[] []",
}

BAD_ENTRIES: dict[str, Any] = {
    "list": [],
    "null": None,
    "string": "RAW-R0238-DA01-S00000.h5",
    "no filename": {"size": 1},
    "filename is a number": {"filename": 7},
    "filename is a list": {"filename": [NAME]},
    "path": {"filename": f"../r0239/{NAME}"},
    "absolute path": {"filename": f"/data/{NAME}"},
    "other file": {"filename": "passwd"},
}

BAD_VALUES: list[tuple[str, Any]] = [
    ("train_ids", None),
    ("train_ids", 10001),
    ("train_ids", "10001"),
    ("train_ids", {"10001": 1}),
    ("train_ids", [10001.0]),
    ("train_ids", [10001, "10002"]),
    ("train_ids", [True]),
    ("train_ids", [10001, True]),
    ("train_ids", [[10001]]),
    ("train_ids", [-1]),
    ("train_ids", [2**64]),
    ("train_ids", [0, 10001]),
    ("train_ids", [math.nan]),
    ("train_ids", [math.inf]),
    ("suspect_train_indices", None),
    ("suspect_train_indices", [2]),
    ("suspect_train_indices", [-1]),
    ("suspect_train_indices", [2**63]),
    ("suspect_train_indices", [0.0]),
    ("suspect_train_indices", "0"),
    ("suspect_train_indices", [False]),
    ("control_sources", None),
    ("control_sources", "SPB/MOTOR/1"),
    ("control_sources", {"SPB/MOTOR/1": 1}),
    ("control_sources", [1]),
    ("control_sources", [["SPB/MOTOR/1"]]),
    ("control_sources", [{}]),
    ("control_sources", ["../INDEX"]),
    ("control_sources", ["SPB/../../INDEX"]),
    ("control_sources", ["/SPB/MOTOR"]),
    ("control_sources", [""]),
    ("control_sources", ["SPB/\x1b[31mRED"]),
    ("control_sources", ["x" * 5000]),
    ("control_sources", ["\ud800"]),
    ("instrument_sources", None),
    ("instrument_sources", [None]),
    ("legacy_sources", None),
    ("legacy_sources", []),
    ("legacy_sources", {"SPB/OLD": 1}),
    ("legacy_sources", {"SPB/OLD": ["SPB/NEW"]}),
    ("legacy_sources", {"../OLD": "SPB/NEW"}),
    ("legacy_sources", {"SPB/OLD": "../../INDEX"}),
]

NO_MATCH: list[tuple[str, Any]] = [
    ("mtime", None),
    ("mtime", "1"),
    ("mtime", math.nan),
    ("mtime", 10**400),
    ("mtime", True),
    ("mtime", []),
    ("size", None),
    ("size", 1000.0),
    ("size", "1000"),
    ("size", -1),
    ("size", 10**400),
]


def assert_usable_nevertheless(run: Path) -> None:
    """The map does no harm: nothing is known, and a good map can be saved over it."""
    loaded = RunMap.load(run)
    assert loaded.get(NAME, identity(run)) is None
    assert loaded.save(known(run)) is None
    assert RunMap.load(run).get(NAME, identity(run)) == summary(1)


@pytest.mark.parametrize("content", DAMAGED_FILES.values(), ids=DAMAGED_FILES)
def test_a_damaged_map_is_ignored_with_a_note(run: Path, content: bytes) -> None:
    """F3, reliability, caches: 29 kinds of damaged map must not stop a run from opening."""
    write_map(run, content)
    (problem,) = RunMap.load(run).problems
    assert problem.kind == ProblemKind.BAD_CACHE
    assert "is not used" in problem.message
    assert_usable_nevertheless(run)


@pytest.mark.parametrize("entry", BAD_ENTRIES.values(), ids=BAD_ENTRIES)
def test_an_entry_about_no_file_of_the_run_is_dropped_with_a_note(run: Path, entry: Any) -> None:
    """F3: path tricks lead nowhere; good entries beside them count."""
    write_map(run, [entry, good_entry(run)])
    loaded = RunMap.load(run)
    assert loaded.get(NAME, identity(run)) is not None
    assert ["1 entries of the run map" in p.message for p in loaded.problems] == [True]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES, ids=repr)
def test_a_malformed_entry_is_absent_with_a_note(run: Path, field: str, value: Any) -> None:
    """F3: wrong types, negative and huge numbers, names that lead elsewhere."""
    write_map(run, [good_entry(run, **{field: value})])
    loaded = RunMap.load(run)
    assert loaded.get(NAME, identity(run)) is None
    assert loaded.get(NAME, identity(run)) is None
    (problem,) = loaded.problems
    assert NAME in problem.message
    assert_usable_nevertheless(run)


@pytest.mark.parametrize(("field", "value"), NO_MATCH, ids=repr)
def test_an_entry_with_a_senseless_size_or_time_does_not_match(
    run: Path, field: str, value: Any
) -> None:
    write_map(run, [good_entry(run, **{field: value})])
    assert_usable_nevertheless(run)


@pytest.mark.parametrize("field", ["mtime", "size", "train_ids", "legacy_sources"])
def test_an_entry_that_lacks_a_field_is_absent(run: Path, field: str) -> None:
    """B24: a map from an older version."""
    entry = good_entry(run)
    del entry[field]
    write_map(run, [entry])
    assert_usable_nevertheless(run)


def test_of_two_entries_for_a_file_none_counts(run: Path) -> None:
    write_map(run, [good_entry(run), good_entry(run, train_ids=[99])])
    assert len(RunMap.load(run).problems) == 1
    assert_usable_nevertheless(run)


def test_a_map_too_large_for_its_run_is_not_read(run: Path) -> None:
    with (run / MAP_NAME).open("wb") as file:
        file.truncate(1 << 40)
    (problem,) = RunMap.load(run).problems
    assert "more than such a file needs" in problem.message
    assert_usable_nevertheless(run)


def test_a_linked_map_is_not_followed_and_replaced_when_saving(run: Path) -> None:
    """F3: nothing outside the run is read or written."""
    elsewhere = run.parents[4] / "elsewhere.json"
    elsewhere.write_text(json.dumps([good_entry(run)]))
    before = elsewhere.read_bytes()
    (run / MAP_NAME).symlink_to(elsewhere)
    assert_usable_nevertheless(run)
    assert elsewhere.read_bytes() == before
    assert not (run / MAP_NAME).is_symlink()


@pytest.mark.parametrize("target", [MAP_NAME, "absent/map.json", "/dev/zero"])
def test_a_link_to_itself_nothing_or_a_device_does_no_harm(run: Path, target: str) -> None:
    (run / MAP_NAME).symlink_to(target)
    assert_usable_nevertheless(run)


def test_a_map_that_only_its_author_can_read_is_passed_over_in_silence(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reliability, caches: mode 0600, as EXtra-data leaves it, or 0000."""
    write_map(run, [good_entry(run, train_ids=[222])])
    write_map(run, [good_entry(run, train_ids=[111])], fallback(run))
    os.utime(fallback(run), (1e9, 1e9))
    real = os.open

    def opener(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if path == str(run / MAP_NAME):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", opener)
    loaded = RunMap.load(run)
    found = loaded.get(NAME, identity(run))
    assert found is not None
    assert found.train_ids.tolist() == [111]
    assert loaded.problems == ()


def test_a_named_pipe_in_place_of_the_map_does_not_wait(run: Path) -> None:
    os.mkfifo(run / MAP_NAME)
    assert_usable_nevertheless(run)


def test_a_folder_in_place_of_the_map_leads_to_scratch(run: Path) -> None:
    (run / MAP_NAME).mkdir()
    assert_usable_nevertheless(run)
    assert fallback(run).is_file()


def test_a_linked_folder_of_maps_in_scratch_is_not_used(run: Path, tmp_path: Path) -> None:
    """F3: reading a run writes nowhere else, whatever links others made."""
    (tmp_path / "elsewhere").mkdir()
    fallback(run).parent.symlink_to(tmp_path / "elsewhere")
    (run / MAP_NAME).mkdir()
    loaded = RunMap.load(run)
    loaded.save(known(run))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    write_map(run, [good_entry(run)], tmp_path / "elsewhere/raw_r0238.json")
    assert RunMap.load(run).get(NAME, identity(run)) is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    changes=st.dictionaries(
        st.sampled_from(
            ["train_ids", "suspect_train_indices", "control_sources", "legacy_sources", "mtime"]
        ),
        JSON_VALUES | st.lists(st.integers(-3, 2**65), max_size=4),
        min_size=1,
    ),
    beside=st.lists(JSON_VALUES, max_size=2),
)
def test_no_json_makes_reading_fail(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any], beside: list[Any]
) -> None:
    """F3: whatever an entry holds, it is either absent or well typed."""
    run = tmp_path_factory.mktemp("run")
    (run / NAME).write_bytes(b"content")
    write_map(run, [good_entry(run, **changes), *beside])
    found = RunMap.load(run).get(NAME, identity(run))
    if found is not None:
        assert found.train_ids.dtype == np.uint64
        assert found.train_ids.tolist() == changes.get("train_ids", [10001, 10002])
        assert all(0 <= i < len(found.train_ids) for i in found.suspect_indices.tolist())
        assert all(isinstance(name, str) for name in found.control_sources)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_no_bytes_make_reading_fail(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    run = tmp_path_factory.mktemp("run")
    write_map(run, content)
    assert len(RunMap.load(run)) == 0


# Writing where it does not work -------------------------------------------------------------


def refusing(error: int, under: Path | None = None) -> Callable[..., int]:
    """An `os.open` that makes no files, or none under a folder."""
    real = os.open

    def opener(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & os.O_CREAT and (under is None or Path(path).is_relative_to(under)):
            raise OSError(error, os.strerror(error), path)
        return real(path, flags, *args, **kwargs)

    return opener


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_the_map_of_a_run_that_cannot_be_written_goes_to_scratch(
    run: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """F4, reliability, caches: a read-only folder or a full disk do not stop the run."""
    monkeypatch.setattr(os, "open", refusing(error, under=run))
    assert RunMap.load(run).save(known(run)) is None
    assert not (run / MAP_NAME).exists()
    assert fallback(run).is_file()
    assert RunMap.load(run).get(NAME, identity(run)) == summary(1)


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_read_only_place_is_not_worth_a_note(
    run: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """F4: that is the usual state of raw data."""
    monkeypatch.setattr(os, "open", refusing(error))
    assert RunMap.load(run).save(known(run)) is None


def test_scratch_is_not_made(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run.parents[1] / "scratch").rmdir()
    monkeypatch.setattr(os, "open", refusing(errno.EACCES))
    assert RunMap.load(run).save(known(run)) is None
    assert not (run.parents[1] / "scratch").exists()


@pytest.mark.parametrize("operation", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG])
def test_whatever_fails_while_writing_the_old_map_stays_and_nothing_else(
    run: Path, monkeypatch: pytest.MonkeyPatch, operation: str, error: int
) -> None:
    """Reliability R6, F1: each operation fails in turn; the note says why."""
    files = known(run)
    RunMap.load(run).save({NAME: files[NAME]})
    before = (run / MAP_NAME).read_bytes()

    def fail(*args: Any, **kwargs: Any) -> int:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, operation, refusing(error) if operation == "open" else fail)
        problem = RunMap.load(run).save(files)
    assert problem is not None
    assert problem.kind == ProblemKind.BAD_CACHE
    assert os.strerror(error) in problem.message
    assert (run / MAP_NAME).read_bytes() == before
    assert {p.name for p in run.iterdir()} == {*FILES, MAP_NAME}


def test_a_short_write_is_continued(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:100]))
    RunMap.load(run).save(known(run))
    assert RunMap.load(run).get(FILES[2], identity(run, FILES[2])) == summary(3)


def test_an_interrupt_is_kept_and_leaves_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(fd: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            RunMap.load(run).save(known(run))
    assert {p.name for p in run.iterdir()} == set(FILES)


def test_what_a_killed_writer_left_is_removed_by_the_next(run: Path) -> None:
    """F1: no temp files left behind after the next run."""
    host = os.uname().nodename
    dead = run / f".{MAP_NAME}.{host}.{2**22 + 1}.0.tmp"
    alive = run / f".{MAP_NAME}.{host}.{os.getpid()}.999999.tmp"
    elsewhere = run / f".{MAP_NAME}.other-node.{2**22 + 1}.0.tmp"
    for left in (dead, alive, elsewhere):
        left.write_bytes(b"half")
    RunMap.load(run).save(known(run))
    assert (dead.exists(), alive.exists(), elsewhere.exists()) == (False, True, True)


WRITE_FOR_EVER = """
import sys
import numpy as np
from euxfel.fileaccess.compact_map import CompactMap
from euxfel.fileaccess.identity import FileIdentity
from euxfel.fileaccess.run_map import RunMap
run, name = sys.argv[1:]
identity = FileIdentity.of(f"{run}/{name}")
summary = RunMap.load(run).get(name, identity)
while True:
    RunMap.load(run).save({name: (identity, summary)})
    compact = CompactMap.load(run)
    compact.put(name, identity, summary, {"numbers": np.arange(1, 100_000)})
    compact.save()
    print(flush=True)
"""


def test_a_killed_writer_leaves_whole_maps(run: Path) -> None:
    """F1, reliability R5: kill -9 at any moment; no temp files after the next run."""
    RunMap.load(run).save(known(run))
    for delay in (0.0, 0.002, 0.005, 0.011):
        command = [sys.executable, "-c", WRITE_FOR_EVER, str(run), NAME]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(delay)
            writer.kill()
        for remembered in (RunMap.load(run), CompactMap.load(run)):
            assert remembered.get(NAME, identity(run)) == summary(1)
            assert remembered.problems == ()
        assert len(CompactMap.load(run).arrays(NAME, identity(run))["numbers"]) == 99_999
    RunMap.load(run).save(known(run))
    compact = CompactMap.load(run)
    compact.put(NAME, identity(run), summary(1))
    compact.save()
    assert {p.name for p in run.iterdir()} == {*FILES, MAP_NAME, ".euxfel_map"}


def test_a_folder_locked_for_long_does_not_stop_the_writer(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cachefiles, "_LOCK_PATIENCE", 0.05)
    with cachefiles.folder_lock(str(run)):
        assert RunMap.load(run).save(known(run)) is None
    assert len(RunMap.load(run)) == 3


def test_data_files_are_not_touched(run: Path) -> None:
    """Reliability R7: inputs are the same before and after."""
    before = {name: (identity(run, name), (run / name).read_bytes()) for name in FILES}
    RunMap.load(run).save(known(run))
    RunMap.load(run).get(NAME, identity(run))
    after = {name: (identity(run, name), (run / name).read_bytes()) for name in FILES}
    assert after == before


def test_names_with_folders_are_not_saved(run: Path) -> None:
    what, about = known(run)[NAME]
    assert RunMap.load(run).save({f"../r0239/{NAME}": (what, about)}) is None
    assert not (run / MAP_NAME).exists()
