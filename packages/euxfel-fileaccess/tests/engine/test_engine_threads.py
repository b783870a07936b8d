"""Threads, forks, interrupts and exits: same bytes, nothing hangs, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.fileaccess.engine import ReadRequest, read
from euxfel.fileaccess.engine.threads import Crew, thread_count
from euxfel.fileaccess.handle import FileHandle

SHAPE = (300, 64, 64)
VALUES = (np.arange(300, dtype="u4")[:, None, None] * 131 + np.arange(64 * 64).reshape(64, 64)) + 1

READ_FOR_EVER = """
import sys, threading, time
import numpy as np
from euxfel.fileaccess.engine import ReadRequest, read
from euxfel.fileaccess.handle import FileHandle

handle = FileHandle(sys.argv[1])
out = np.zeros((300, 64, 64), "u4")
request = ReadRequest(handle, "data", np.array([[0, 300]]), out)

def for_ever():
    print("reading", flush=True)
    while True:
        read([request] * 3, threads=3)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with compressed frames of known numbers."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "data", data=VALUES, dtype="u4", chunks=(1, 64, 64), compression=1, shuffle=True
        )
    return path


def all_rows(handle: FileHandle, threads: int | None = None) -> np.ndarray:
    out = np.zeros(SHAPE, "u4")
    read([ReadRequest(handle, "data", np.array([[0, 300]]), out)], threads=threads)
    return out


def start(code: str, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", READ_FOR_EVER + code, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "reading\n"
    return process


@pytest.mark.parametrize("threads", [1, 2, 7, 40])
def test_same_bytes_for_any_number_of_threads(path: Path, threads: int) -> None:
    """R1: the number of threads changes nothing."""
    np.testing.assert_array_equal(all_rows(FileHandle(path), threads), VALUES)


def test_many_readers_of_one_handle(path: Path) -> None:
    """B29: threads that read through one handle do not disturb each other."""
    handle = FileHandle(path)
    with ThreadPoolExecutor(8) as pool:
        for out in pool.map(lambda _: all_rows(handle, 4), range(16)):
            np.testing.assert_array_equal(out, VALUES)


def test_a_forked_child_reads(path: Path) -> None:
    """B30: a child starts with files and helpers of its own."""
    handle = FileHandle(path)
    all_rows(handle, 4)
    child = os.fork()
    if not child:
        good = False
        try:
            good = bool((all_rows(handle, 4) == VALUES).all())
        finally:
            os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    np.testing.assert_array_equal(all_rows(handle, 4), VALUES)


@pytest.mark.parametrize("delay", [0.01, 0.05, 0.11, 0.17, 0.23])
def test_an_interrupt_ends_the_read_and_reading_works_after(path: Path, delay: float) -> None:
    """Ctrl-C reaches the caller; the next read is right."""
    code = """
try:
    for_ever()
except KeyboardInterrupt:
    for _ in range(100):
        if threading.active_count() > 1:
            time.sleep(0.01)
    print("interrupted", threading.active_count(), flush=True)
out[:] = 0
read([request], threads=3)
print(int(out.sum(dtype="u8")))
"""
    process = start(code, path)
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (out.split(), err) == (["interrupted", "1", str(int(VALUES.sum(dtype="u8")))], "")


def test_more_files_than_may_be_open(tmp_path: Path) -> None:
    """B32: one call over more files than the process may hold open."""
    for i in range(90):
        with h5py.File(tmp_path / f"f{i}.h5", "w") as file:
            file["data"] = VALUES[i]
    code = """
import resource, sys
import numpy as np
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from euxfel.fileaccess.engine import ReadRequest, read
from euxfel.fileaccess.handle import FileHandle

out = np.zeros((90, 64, 64), "i8")
rows = np.array([[0, 64]])
handles = [FileHandle(f"{sys.argv[1]}/f{i}.h5") for i in range(90)]
read([ReadRequest(h, "data", rows, out[i]) for i, h in enumerate(handles)], threads=4)
print(int(out.sum()))
"""
    found = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(found.stdout) == int(VALUES[:90].sum())


def test_exit_while_a_daemon_thread_reads(path: Path) -> None:
    """A process ends although a thread of it reads on and on."""
    code = """
threading.Thread(target=for_ever, daemon=True).start()
time.sleep(0.2)
"""
    process = start(code, path)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_the_first_error_ends_the_work() -> None:
    """Other jobs are not begun after an error; the caller gets it once all have stopped."""
    done = []

    def job(number: int) -> None:
        if number == 3:
            raise ValueError("job 3")
        time.sleep(0.001)
        done.append(number)

    def batches():
        for i in range(1000):
            yield [lambda i=i: job(i)]

    with pytest.raises(ValueError, match="job 3"):
        Crew(batches()).work(4)
    count = len(done)
    assert count < 900
    assert not any(t.name == "euxfel-read" for t in threading.enumerate())
    time.sleep(0.01)
    assert len(done) == count


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_job_is_done_once(threads: int) -> None:
    """Whoever does it, and whoever makes it."""
    done: list[int] = []

    def batches():
        for i in range(0, 200, 7):
            yield [lambda i=i, k=k: done.append(i + k) for k in range(min(7, 200 - i))]

    Crew(batches()).work(threads)
    assert sorted(done) == list(range(200))


def test_an_error_while_jobs_are_made() -> None:
    """It reaches the caller, from whichever thread."""

    def batches():
        yield [lambda: time.sleep(0.001)] * 20
        raise ValueError("planning")

    with pytest.raises(ValueError, match="planning"):
        Crew(batches()).work(3)


def test_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """As asked, else by environment, else the usable cores up to 16."""
    monkeypatch.setenv("EXTRA_NUM_THREADS", "5")
    assert thread_count() == 5
    assert thread_count(3) == 3
    monkeypatch.setenv("EXTRA_NUM_THREADS", "")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(72)))
    assert thread_count() == 16


@pytest.mark.parametrize("setting", ["0", "many", "-1"])
def test_a_wrong_number_of_threads(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """A setting that makes no sense is an error, not a guess."""
    monkeypatch.setenv("EXTRA_NUM_THREADS", setting)
    with pytest.raises(ValueError, match=r"thread|EXTRA_NUM_THREADS"):
        thread_count()
