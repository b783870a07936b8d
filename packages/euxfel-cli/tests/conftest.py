"""A simulated proposal to call commands on, and their output as it was found good."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from euxfel.cli import main
from euxfel.fileaccess.testing import (
    DETECTORS,
    SimulatedRun,
    camera,
    detector_modules,
    digitiser,
    motor,
    small_run,
    xgm,
)

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Proposal:
    """Where the simulated proposal is."""

    root: Path
    folder: Path

    def run(self, number: int, data: str = "raw") -> Path:
        return self.folder / data / f"r{number:04d}"


def write_proposal(root: Path) -> Proposal:
    """Proposal 900000: run 1 small and sound, run 2 with a detector, gaps and old names."""
    sound = small_run().write(root)
    sources: dict[str, Any] = {
        "DA01": (*xgm(), motor(), motor("SPB_IRU_SAMPLE/MOTOR/Y")),
        "DA02": (*camera(), *digitiser()),
        **{f"JNGFR{n:02d}": module for n, module in enumerate(_two_modules(), start=1)},
    }
    trains = range(20000, 20032)
    SimulatedRun(
        sources,
        trains,
        run=2,
        trains_per_file={"DA01": 12},
        missing={"JNGFR02": range(20008, 20016), "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput": [20003]},
        suspect=frozenset({20031}),
    ).write(root)
    return Proposal(root, sound.path.parent.parent)


def _two_modules() -> list[Any]:
    detector = DETECTORS["SPB_IRDA_JNGFR"]
    return list(detector_modules(detector, 1, module_shape=(8, 16)).values())[:2]


@pytest.fixture(scope="session")
def written_proposal(tmp_path_factory: pytest.TempPathFactory) -> Proposal:
    return write_proposal(tmp_path_factory.mktemp("data"))


@pytest.fixture
def proposal(
    written_proposal: Proposal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Proposal:
    """The proposal, found by its number; the working folder is an empty one."""
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(written_proposal.root))
    monkeypatch.chdir(tmp_path)
    # What a user's terminal says must not change what is expected.
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return written_proposal


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def euxfel(proposal: Proposal, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Call a command in this process: ``euxfel("ls", "900000/1")``."""

    def call(*words: str) -> Ended:
        capfd.readouterr()
        code = main(list(words))
        sys.stdout.flush()
        return Ended(code, *capfd.readouterr())

    return call


@pytest.fixture
def golden(proposal: Proposal, tmp_path: Path) -> Callable[[str, str], None]:
    """Compare output with ``tests/golden/NAME``, where folders and times are named, not given.

    ``EUXFEL_UPDATE_GOLDEN=1`` writes the files anew; look at what changed before it is committed.
    """

    def compare(name: str, shown: str) -> None:
        for folder, word in (
            (proposal.folder, "PROPOSAL"),
            (proposal.root, "ROOT"),
            (tmp_path, "HERE"),
        ):
            shown = shown.replace(str(folder), word)
        shown = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", "TIME", shown)
        path = GOLDEN / name
        if os.environ.get("EUXFEL_UPDATE_GOLDEN"):
            path.write_text(shown, "utf-8")
        assert shown == path.read_text("utf-8")

    return compare


def program(*words: str) -> list[str]:
    """The command line that starts the program in a process of its own."""
    return [sys.executable, "-m", "euxfel.cli", *words]


@pytest.fixture
def started(proposal: Proposal) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call a command in a process of its own."""

    def call(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            program(*words), capture_output=True, text=True, check=False, timeout=60, **options
        )

    return call
