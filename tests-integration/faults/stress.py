"""Everything at once, for minutes: threads, forks, Ctrl-C, files closed under readers.

    python tests-integration/faults/stress.py --minutes 10

Many threads read one run in mixed ways, opened again now and then, and compare every value with
what was planted. Meanwhile files are closed under them, the process forks, and Ctrl-C strikes
reads of the main thread. Exit code 1: a value was wrong, something failed, hung, or an interrupt
was lost.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from euxfel.core import RunDirectory
from euxfel.core.collection import DataCollection
from euxfel.fileaccess import close_all
from euxfel.fileaccess.testing import (
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
SHUFFLED, PLAIN = (f"SPB_DET_AGIPD1M-1/DET/{n}CH0:xtdf" for n in (3, 4))
KEYS = {
    MOTOR: "actualPosition.value",
    CAMERA: "data.image.pixels",
    SHUFFLED: "image.data",
    PLAIN: "image.data",
}
ENTRIES = {MOTOR: 1, CAMERA: 1, SHUFFLED: 4, PLAIN: 4}
TRAINS = 60


def _detector(source: str, storage: Storage) -> tuple[InstrumentSource, ...]:
    data = Key("data", "u2", (64, 64), storage=storage)
    return (InstrumentSource(source, (Group("image", (data,), entries=4),)),)


RUN = SimulatedRun(
    {
        "DA01": (motor(),),
        "DA02": camera(shape=(64, 64)),
        "AGIPD03": _detector(SHUFFLED, Storage(1, deflate=1, shuffle=True)),
        "AGIPD04": _detector(PLAIN, Storage(1)),
    },
    range(10000, 10000 + TRAINS),
    trains_per_file=15,
)

CHILD_SECONDS = 60.0
STUCK_SECONDS = 120.0


@dataclass
class Stress:
    """What is read, what it has to be, and what has happened so far."""

    written: WrittenRun
    until: float = float("inf")
    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    run: DataCollection = field(init=False)
    truth: dict[str, Any] = field(init=False)
    slowest_interrupt: float = 0.0

    def __post_init__(self) -> None:
        self.run = RunDirectory(self.written.path)
        self.truth = {source: self.written.expected(source, key) for source, key in KEYS.items()}

    @property
    def is_over(self) -> bool:
        """Whether time is up, or enough went wrong."""
        return time.monotonic() > self.until or len(self.faults) > 20

    def rows(self, source: str, low: int, high: int) -> Any:
        """What the data of some trains has to be."""
        each = ENTRIES[source]
        return self.truth[source][low * each : high * each]

    def fault(self, what: str) -> None:
        """Note that something went wrong."""
        self.faults.append(f"{what}\n{traceback.format_exc(limit=6)}")


# Ways of reading: each takes some trains of one source and checks what it gets. ------------


def read_array(stress: Stress, source: str, low: int, high: int) -> None:
    """A whole array of some trains."""
    found = stress.run[source, KEYS[source]][low:high].ndarray()
    np.testing.assert_array_equal(found, stress.rows(source, low, high))


def read_region(stress: Stress, source: str, low: int, high: int) -> None:
    """A region of each entry, on one thread or many."""
    if source == MOTOR:
        return read_array(stress, source, low, high)
    found = stress.run[source, KEYS[source]][low:high].ndarray(roi=np.s_[8:40, ::3])
    np.testing.assert_array_equal(found, stress.rows(source, low, high)[..., 8:40, ::3])
    return None


def read_trains(stress: Stress, source: str, low: int, high: int) -> None:
    """Train by train."""
    each = ENTRIES[source]
    expected = stress.rows(source, low, high).reshape(high - low, each, -1)
    selection = stress.run.select(source, KEYS[source]).select_trains(np.s_[low:high])
    for number, (_, data) in enumerate(selection.trains()):
        found = data[source][KEYS[source]]
        np.testing.assert_array_equal(np.reshape(found, (each, -1)), expected[number])


def read_one_train(stress: Stress, source: str, low: int, high: int) -> None:
    """One train by its ID."""
    _, found = stress.run[source, KEYS[source]].train_from_id(10000 + low)
    expected = stress.rows(source, low, low + 1)
    np.testing.assert_array_equal(np.reshape(found, expected.shape), expected)


def read_labelled(stress: Stress, source: str, low: int, high: int) -> None:
    """A labelled array."""
    found = stress.run[source, KEYS[source]][low:high].xarray()
    np.testing.assert_array_equal(found.values, stress.rows(source, low, high))


def read_fresh(stress: Stress, source: str, low: int, high: int) -> None:
    """From a run that was opened just now."""
    run = RunDirectory(stress.written.path)
    found = run[source, KEYS[source]][low:high].ndarray()
    np.testing.assert_array_equal(found, stress.rows(source, low, high))


READS: list[Callable[[Stress, str, int, int], None]] = [
    *(read_array, read_region, read_trains, read_one_train, read_labelled, read_fresh),
]


def any_read(stress: Stress, dice: random.Random) -> None:
    """Read something in some way."""
    low, high = sorted(dice.sample(range(TRAINS + 1), 2))
    read, source = dice.choice(READS), dice.choice(list(KEYS))
    read(stress, source, low, high)
    stress.done[read.__name__] += 1


def keep_reading(stress: Stress, seed: int) -> None:
    """What each thread does; now and then it closes all files."""
    dice = random.Random(seed)
    while not stress.is_over:
        try:
            any_read(stress, dice)
            if dice.random() < 0.02:
                close_all()
                stress.done["close_all"] += 1
        except BaseException:  # noqa: BLE001 - whatever it is, it is noted
            stress.fault(f"thread {seed}")


# What the main thread does meanwhile. --------------------------------------------------------


def fork(stress: Stress, dice: random.Random) -> None:
    """A child forked in the middle of it all reads what its parent has open."""
    with warnings.catch_warnings():
        # Python 3.12 warns of forks in processes with threads: that is the point here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        os._exit(_read_in_child(stress, dice))
    until = time.monotonic() + CHILD_SECONDS
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > until:
            os.kill(child, signal.SIGABRT)  # the fault handler tells where it stands
            os.waitpid(child, 0)
            stress.fault("a child did not end")
            return
        time.sleep(0.005)
    if status:
        stress.fault(f"a child ended with status {status}")
        return
    stress.done["fork"] += 1


def _read_in_child(stress: Stress, dice: random.Random) -> int:
    try:
        for _ in range(3):
            any_read(stress, dice)
    except BaseException:  # noqa: BLE001 - told by the exit code
        traceback.print_exc()
        return 1
    return 0


def interrupt(stress: Stress, dice: random.Random) -> None:
    """Ctrl-C strikes reads: each is whole, or ends with KeyboardInterrupt in time."""
    with _interrupt_after(dice.uniform(0.0005, 0.02)) as struck:
        try:
            while True:
                any_read(stress, dice)
                if struck:
                    raise AssertionError("an interrupt was lost")
        except KeyboardInterrupt:
            late = time.monotonic() - struck[0]
    stress.slowest_interrupt = max(stress.slowest_interrupt, late)
    any_read(stress, dice)
    stress.done["interrupt"] += 1


@contextmanager
def _interrupt_after(seconds: float) -> Iterator[list[float]]:
    struck: list[float] = []

    def strike(*_: object) -> None:
        struck.append(time.monotonic())
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield struck
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def stress_run(folder: Path, seconds: float, threads: int, seed: int = 1) -> dict[str, Any]:
    """Do all of it for some time; give what was done and what went wrong."""
    stress = Stress(RUN.write(folder))
    # All is imported before threads start: Python itself cannot be forked during an import.
    for read in READS:
        read(stress, SHUFFLED, 0, TRAINS)
    stress.until = time.monotonic() + seconds
    crowd = [threading.Thread(target=keep_reading, args=(stress, seed + n)) for n in range(threads)]
    for thread in crowd:
        thread.start()
    dice = random.Random(seed + threads)
    while not stress.is_over:
        try:
            dice.choice([fork, interrupt])(stress, dice)
        except BaseException:  # noqa: BLE001 - whatever it is, it is noted
            stress.fault("main thread")
    for thread in crowd:
        thread.join(STUCK_SECONDS)
    if stuck := sum(thread.is_alive() for thread in crowd):
        faulthandler.dump_traceback()
        stress.faults.append(f"{stuck} threads are stuck")
    return {
        "done": dict(sorted(stress.done.items())),
        "slowest_interrupt": round(stress.slowest_interrupt, 3),
        "faults": stress.faults,
    }


def main() -> int:
    """Run it as the command line asks, and print what happened as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory() as folder:
        report = stress_run(Path(folder), options.minutes * 60, options.threads, options.seed)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    status = int(bool(report["faults"]))
    sys.stdout.flush()
    # Threads that are stuck must not keep the process from telling.
    os._exit(status)


if __name__ == "__main__":
    main()
