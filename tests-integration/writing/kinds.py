"""The kinds of output, each as a function that writes one: every fault is tried on all of them."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, detector_modules, motor
from euxfel.writer import NewFile, NewKey


def make_run(folder: Path) -> Path:
    """Write a small run: a motor, and a module whose frames are compressed."""
    modules = detector_modules(
        "SPB_DET_AGIPD1M-1", 4, corrected=True, modules=[3], module_shape=(64, 32), old_names=True
    )
    run = SimulatedRun({"DA01": (motor(),), **modules}, range(10000, 10012), 5)
    return run.write(folder).path


def write_selection(run: Path, path: Path) -> None:
    RunDirectory(run).select_trains(np.s_[1:]).write(str(path), overwrite=True)


def write_encoded(run: Path, path: Path) -> None:
    RunDirectory(run).select("*xtdf", "image.[dp]*").write(
        str(path), overwrite=True, compression=1, chunks={"*": 3}, manifest=True
    )


def write_virtual(run: Path, path: Path) -> None:
    RunDirectory(run).write_virtual(str(path), overwrite=True)


def write_new(_run: Path, path: Path) -> None:
    with NewFile(path, overwrite=True) as file:
        file.add_instrument("LAB/CAM/1:out", {"data.image": NewKey("u2", (64, 32))})
        for train in range(1, 20):
            image = np.full((1, 64, 32), train, "u2")
            file.append([train], {"LAB/CAM/1:out": {"data.image": image}})


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "selection": write_selection,
    "encoded": write_encoded,
    "virtual": write_virtual,
    "new": write_new,
}


def main() -> None:
    """Start a writer for each line of input, to be killed: ``kinds.py KIND RUN TARGET``.

    A new process has only to be forked, with all that it needs loaded.
    """
    kind, run, path = sys.argv[1:]
    warnings.simplefilter("ignore")
    KINDS[kind](Path(run), Path(path))
    for _ in sys.stdin:
        writer = os.fork()
        if not writer:
            while True:
                KINDS[kind](Path(run), Path(path))
        sys.stdout.write(f"{writer}\n")
        sys.stdout.flush()
        os.waitpid(writer, 0)


if __name__ == "__main__":
    main()
