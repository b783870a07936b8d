"""The kinds of output, each as a function that writes one: every fault is tried on all of them."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from euxfel.components import AGIPD1M
from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, detector_modules, motor
from euxfel.writer import NewFile, NewKey, copy_structure, make_overview, write_frames


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


def detector(run: Path) -> AGIPD1M:
    return AGIPD1M(RunDirectory(run), raw=False)


def write_overview(run: Path, path: Path) -> None:
    make_overview(run, path)


def write_virtual_cxi(run: Path, path: Path) -> None:
    detector(run).write_virtual_cxi(path, overwrite=True)


def write_cxi(run: Path, path: Path) -> None:
    # Each frame of each module is a chunk, and so a write that can fail: a few are enough.
    few = detector(run).select_trains(np.s_[:2])
    few.write_cxi(path, 9300.0, overwrite=True)


def write_chosen_frames(run: Path, path: Path) -> None:
    pulses = np.tile([0, 2], 6)
    write_frames(detector(run), path, np.repeat(range(10001, 10007), 2), pulses, overwrite=True)


def write_structure(run: Path, path: Path) -> None:
    """A clone has the name of its file: a run with one file, of the name of the target."""
    single = run.parent / "single" / path.name
    if not single.exists():
        single.parent.mkdir(exist_ok=True)
        os.link(min(run.glob("*.h5")), single)
    copy_structure(single, path.parent, control_data=True, overwrite=True)


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "selection": write_selection,
    "encoded": write_encoded,
    "virtual": write_virtual,
    "new": write_new,
    "overview": write_overview,
    "virtual CXI": write_virtual_cxi,
    "CXI": write_cxi,
    "frames": write_chosen_frames,
    "structure": write_structure,
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
