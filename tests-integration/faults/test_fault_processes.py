"""Threads, forks, spawned and daemon processes, interrupts and exits: the same bytes, or an end."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults.scripts import command, run_script

from euxfel.core import RunDirectory
from euxfel.core.collection import DataCollection
from euxfel.fileaccess.testing import (
    ControlSource,
    Group,
    InstrumentSource,
    Key,
    SimulatedRun,
    Storage,
    WrittenRun,
    camera,
    motor,
)

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
FRAMES = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"
KEYS = {
    MOTOR: "actualPosition.value",
    CAMERA: "data.image.pixels",
    FRAMES: "image.data",
}
# Compressed and plain, several files each, more than one block of threads' work.
FAST = Group("image", (Key("data", "u2", (32, 32), storage=Storage(1, deflate=1)),), entries=4)
RUN = SimulatedRun(
    {
        "DA01": (motor(),),
        "DA02": camera(shape=(64, 64)),
        "AGIPD03": (InstrumentSource(FRAMES, (FAST,)),),
    },
    range(10000, 10040),
    trains_per_file=15,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> WrittenRun:
    return RUN.write(tmp_path_factory.mktemp("processes"))


@pytest.fixture(scope="module")
def truth(written: WrittenRun) -> dict[str, Any]:
    return {source: written.expected(source, key) for source, key in KEYS.items()}


def everything(run: DataCollection) -> dict[str, Any]:
    return {source: run[source, key].ndarray() for source, key in KEYS.items()}


def check(found: dict[str, Any], truth: dict[str, Any]) -> None:
    for source, expected in truth.items():
        np.testing.assert_array_equal(found[source], expected)


def test_many_threads_on_one_run(written: WrittenRun, truth: dict[str, Any]) -> None:
    """B29, R8 of the bars: 16 threads, 30 readings each, on one object; the first use as well."""
    run = RunDirectory(written.path)
    kd = run[FRAMES, KEYS[FRAMES]]
    start = threading.Barrier(16)

    def use(number: int) -> None:
        start.wait(30)
        for turn in range(30):
            low = (number + turn) % 30
            part = kd[low : low + 3]
            np.testing.assert_array_equal(part.ndarray(), truth[FRAMES][4 * low : 4 * low + 12])
            motor_part = run.select_trains(np.s_[low : low + 5])[MOTOR, KEYS[MOTOR]].ndarray()
            np.testing.assert_array_equal(motor_part, truth[MOTOR][low : low + 5])

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(use, number) for number in range(16)]:
            done.result(60)


def read_key(kd: Any) -> Any:
    return kd.ndarray()


def read_all(run: DataCollection) -> dict[str, Any]:
    return everything(run)


def answer(pipe: Any, thing: DataCollection) -> None:
    pipe.send(everything(thing))
    pipe.close()


@pytest.mark.parametrize("daemon", [False, True])
def test_a_forked_child_reads_what_its_parent_had_open(
    daemon: bool, written: WrittenRun, truth: dict[str, Any]
) -> None:
    """B30: after use in the parent, in ordinary and in daemon processes."""
    run = RunDirectory(written.path)
    check(everything(run), truth)
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=answer, args=(there, run), daemon=daemon)
    child.start()
    assert here.poll(30), "the child does not answer"
    check(here.recv(), truth)
    child.join(10)
    assert child.exitcode == 0
    # The parent's own files are as they were.
    check(everything(run), truth)


def test_a_spawned_child_reads_what_is_sent(written: WrittenRun, truth: dict[str, Any]) -> None:
    """B30, B31: runs and keys reach other processes as pickles."""
    run = RunDirectory(written.path)
    program = """
        import pickle
        things = pickle.load(sys.stdin.buffer)
        digests = [int(np.ascontiguousarray(t).view(np.uint8).astype(np.uint64).sum())
                   for t in (things[0]["%s", "%s"].ndarray(), things[1]["%s"].ndarray(),
                             things[2].ndarray(), things[3].compute(scheduler="sync"))]
        print(digests)
    """ % (FRAMES, KEYS[FRAMES], KEYS[FRAMES])  # noqa: UP031 - braces belong to the program
    kd = run[FRAMES, KEYS[FRAMES]]
    sent = pickle.dumps((run, run[FRAMES], kd, kd.dask_array()))
    done = subprocess.run(
        command(program, written.path), input=sent, capture_output=True, timeout=60, check=True
    )
    expected = int(truth[FRAMES].view(np.uint8).astype(np.uint64).sum())
    assert done.stdout.decode().strip() == str([expected] * 4)


def test_pickles_are_the_same_data(written: WrittenRun, truth: dict[str, Any]) -> None:
    """B31: selections, names and problems survive the way through a pickle."""
    run = RunDirectory(written.path).select_trains(np.s_[5:25])
    run[MOTOR, KEYS[MOTOR]].ndarray()
    for thing in (run, run.select("*MOTOR*"), run[MOTOR], run[MOTOR, KEYS[MOTOR]]):
        again = pickle.loads(pickle.dumps(thing))
        assert repr(again) == repr(thing)
        assert again.train_ids == thing.train_ids
        key = (
            again
            if hasattr(again, "key")
            else again[MOTOR][KEYS[MOTOR]]
            if hasattr(again, "all_sources")
            else again[KEYS[MOTOR]]
        )
        np.testing.assert_array_equal(key.ndarray(), truth[MOTOR][5:25])
    assert list(pickle.loads(pickle.dumps(run)).problems) == list(run.problems)


def test_a_pickled_run_is_small_and_holds_no_data(written: WrittenRun) -> None:
    """B31: what was read is not sent along."""
    run = RunDirectory(written.path)
    fresh = len(pickle.dumps(run))
    everything(run)
    assert len(pickle.dumps(run[FRAMES, KEYS[FRAMES]])) < 200_000
    assert len(pickle.dumps(run)) < fresh + 200_000


READ_FOREVER = """
run = RunDirectory(folder)
kd = run[sys.argv[2], sys.argv[3]]
first = kd.ndarray()
# Python takes an interrupt of a string that is executed for one that nobody caught.
loop = compile(sys.argv[4], "loop", "exec")
print("reading", flush=True)
try:
    while True:
        exec(loop)
except KeyboardInterrupt:
    pass
assert np.array_equal(first, kd.ndarray())
print("kept", flush=True)
"""


# Where h5py is asked about every dataset, one in ten strikes while it forgets an object: in a
# callback, where the interpreter shows an exception and goes on. Pressed again, it is kept.
@pytest.mark.parametrize(
    ("loop", "presses"),
    [
        ("kd.ndarray()", 1),
        ("list(kd.trains())", 1),
        ("list(run.trains())", 1),
        ("RunDirectory(folder).problems", 5),
    ],
)
def test_an_interrupt_is_kept_and_reading_works_after(
    loop: str, presses: int, written: WrittenRun
) -> None:
    """Ctrl-C: never swallowed by us, whatever is being done when it comes."""
    program = command(READ_FOREVER, written.path, FRAMES, KEYS[FRAMES], loop)
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "reading\n"
            time.sleep(0.17)
            for _ in range(presses - 1):
                process.send_signal(signal.SIGINT)
                if _has_ended(process, within=3):
                    break
            else:
                process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (out, process.returncode) == ("kept\n", 0)


def _has_ended(process: subprocess.Popen[str], within: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(within)
    return process.returncode is not None


LEAVE = {
    "run": "kept = RunDirectory(folder).trains(); next(kept)",
    "key": "kept = RunDirectory(folder)[sys.argv[2], sys.argv[3]].trains(); next(kept)",
    "daemon thread": """
        import threading
        run = RunDirectory(folder)
        def read():
            while True:
                list(run.trains())
        threading.Thread(target=read, daemon=True).start()
        kept = run.trains(); next(kept)
    """,
}


@pytest.mark.parametrize("code", LEAVE.values(), ids=LEAVE.keys())
def test_a_process_ends_with_half_consumed_trains(code: str, written: WrittenRun) -> None:
    """Exit: read-ahead does not keep a process from ending, and nothing is said about it."""
    done = subprocess.run(
        command(code, written.path, FRAMES, KEYS[FRAMES]),
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_few_open_files_are_enough(tmp_path: Path) -> None:
    """B32: 300 files at ``ulimit -n 64``, serially, in threads, through Dask, and in problems."""
    names = [f"A/MOTOR/{n}" for n in range(20)]
    key = Key("actualPosition")
    many = {f"DA{n:02d}": (ControlSource(name, (key,)),) for n, name in enumerate(names)}
    run = SimulatedRun(many, range(10000, 10015), trains_per_file=1)
    written = run.write(tmp_path)
    assert len(written.paths) == 300
    program = """
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        from concurrent.futures import ThreadPoolExecutor
        run = RunDirectory(folder)
        key = "actualPosition.value"
        keys = [run[source, key] for source in sorted(run.all_sources)]
        serial = [kd.ndarray() for kd in keys]
        with ThreadPoolExecutor(16) as pool:
            threads = list(pool.map(lambda kd: kd.ndarray(), keys))
        import dask
        arrays = [kd.dask_array() for kd in keys[:5]]
        lazy = dask.compute(*arrays, scheduler="threads", num_workers=8)
        assert len(run.problems) == 0
        assert len(list(run.trains())) == 15
        assert all(np.array_equal(a, b) for a, b in zip(serial, threads))
        assert all(np.array_equal(a, b) for a, b in zip(serial, lazy))
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (64, 64)
        np.save(sys.argv[2], np.stack(serial))
    """
    run_script(program, written.path, tmp_path / "found.npy")
    expected = [written.expected(name, "actualPosition") for name in sorted(names)]
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), np.stack(expected))


def test_children_leave_no_files_open_in_the_parent(written: WrittenRun) -> None:
    """B32: closing a run gives back its descriptors."""
    from euxfel.fileaccess import close_all

    close_all()
    before = len(os.listdir("/proc/self/fd"))
    with RunDirectory(written.path) as run:
        everything(run)
        assert len(os.listdir("/proc/self/fd")) > before
    assert len(os.listdir("/proc/self/fd")) == before
