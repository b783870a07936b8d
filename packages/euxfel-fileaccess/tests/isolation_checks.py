"""Checks that workers run in place of opening a file; the name of the file says what happens."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress


def misbehave(path: str) -> None:
    """Do what the name of the file says."""
    name = os.path.basename(path)
    if name.startswith("fails"):
        raise ValueError(f"bad\n{name}\x1b[31m \udce9")
    if name.startswith("hangs"):
        # As libhdf5 does: signals to Python are not looked at.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
        time.sleep(600)
    if name.startswith("crashes"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("exits"):
        sys.exit(3)
    if name.startswith("prints"):
        sys.stdout.write("null\n" * 10)
        sys.stdout.flush()
        os.write(1, b'"ready"\n' * 10)
    if name.startswith("forges"):
        for fd in range(3, 10):
            with suppress(OSError):
                os.write(fd, b'null\n{}\n[99, null, null]\n[2]\n"x"\n[3, null, 1]\n\xff\n' * 3)
        raise ValueError("forger")
    if name.startswith("silent"):
        raise KeyError


def record(path: str) -> None:
    """Note in the file which process had it."""
    with open(path, "a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(0.05)


def describe(
    path: str, word: str, numbers: tuple[float, ...] = (), times: int = 1
) -> dict[str, list[object]]:
    """Tell what was asked for, unless the name of the file says something else."""
    misbehave(path)
    return {path: [word * times, *numbers]}


def give_a_set(path: str) -> set[str]:
    """Give what JSON cannot carry."""
    return {path}
