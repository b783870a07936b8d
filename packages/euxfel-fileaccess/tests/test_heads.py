"""Heads of files are read ahead of opening, few at a time, without ever failing."""

from __future__ import annotations

import os
import resource
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from euxfel.fileaccess import close_all, heads
from euxfel.fileaccess.heads import touch_head, touch_heads


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    made = [tmp_path / f"RAW-R0001-DA{n:02}-S00000.h5" for n in range(50)]
    for n, path in enumerate(made):
        path.write_bytes(b"x" * (n + 1))
    return [str(path) for path in made]


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is taken for one that has to be waited for, so that threads start."""
    monkeypatch.setattr(heads, "SLOW", -1.0)
    monkeypatch.setattr(heads, "SLOW_IN_A_ROW", 1)


def reader_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("euxfel-heads")]


def record(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths whose head was touched, as it happens."""
    touched: list[str] = []

    def touch(path: str) -> None:
        touch_head(path)
        touched.append(path)

    monkeypatch.setattr(heads, "touch_head", touch)
    return touched


@pytest.mark.parametrize("threads", [1, 3, 60])
def test_paths_come_in_order_once_their_head_was_read(
    paths: list[str], monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    touched = record(monkeypatch)
    seen = []
    with touch_heads(iter(paths), threads) as ready:
        for path in ready:
            assert path in touched
            seen.append(path)
    assert seen == paths
    assert sorted(touched) == paths


def test_reading_is_only_so_far_ahead(paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    touched = record(monkeypatch)
    with touch_heads(paths, threads=2, look_ahead=5) as ready:
        for n, _path in enumerate(ready):
            assert len(touched) <= n + 1 + 5


def test_leaving_early_ends_the_threads(paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Reliability, exit: no thread outlives the block, also when it is left by an error."""
    touched = record(monkeypatch)
    with suppress(KeyboardInterrupt), touch_heads(paths, look_ahead=4) as ready:
        assert [next(ready), next(ready)] == paths[:2]
        assert reader_threads() != []
        raise KeyboardInterrupt
    assert reader_threads() == []
    assert len(touched) <= 6


def test_files_in_memory_need_no_threads(paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Dependencies, opening: on a warm file system threads cost more than they save."""
    monkeypatch.setattr(heads, "SLOW", 1e9)
    touched = record(monkeypatch)
    with touch_heads(paths) as ready:
        assert list(ready) == paths
        assert reader_threads() == []
    assert touched == paths


def test_nothing_is_read_before_a_path_is_asked_for(
    paths: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    touched = record(monkeypatch)
    with touch_heads(paths):
        pass
    assert touched == []


def test_what_cannot_be_read_is_passed_on_in_silence(tmp_path: Path) -> None:
    """Reliability, opening: a FIFO or directory named ``.h5`` does not hang or fail."""
    os.mkfifo(tmp_path / "pipe.h5")
    (tmp_path / "folder.h5").mkdir()
    (tmp_path / "loop.h5").symlink_to("loop.h5")
    (tmp_path / "empty.h5").touch()
    names = ["pipe.h5", "folder.h5", "loop.h5", "empty.h5", "absent.h5", "nul\0.h5"]
    wanted = [str(tmp_path / name) for name in names]
    with touch_heads(wanted) as ready:
        assert list(ready) == wanted


def test_no_paths_need_no_threads() -> None:
    with touch_heads([]) as ready:
        assert list(ready) == []
        assert reader_threads() == []


def test_few_descriptors_are_enough(paths: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """B32: works below a limit of open files, and leaves none open."""
    # Files that earlier tests left in the pools would be closed while this one counts.
    close_all()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = os.listdir("/proc/self/fd")
    opened = []
    real = os.open

    def count(path: str, flags: int) -> int:
        fd = real(path, flags)
        opened.append(len(os.listdir("/proc/self/fd")) - len(before))
        return fd

    monkeypatch.setattr(os, "open", count)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(64, hard), hard))
    try:
        with touch_heads(paths, threads=8) as ready:
            assert list(ready) == paths
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(opened) == len(paths)
    # Each thread has a file open, and counts them through one descriptor more.
    assert max(opened) <= 16
    assert len(os.listdir("/proc/self/fd")) == len(before)


@pytest.mark.parametrize(("threads", "look_ahead"), [(0, 5), (5, 0)])
def test_senseless_numbers_are_refused(threads: int, look_ahead: int) -> None:
    with pytest.raises(ValueError, match="at least 1"), touch_heads([], threads, look_ahead):
        pass
