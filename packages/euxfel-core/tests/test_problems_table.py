"""The table of problems, which a person reads; the sequence behind it keeps every one."""

from __future__ import annotations

from pathlib import Path

from euxfel.core import Problem, ProblemKind, Problems, RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, motor

FILES = [f"/d/RAW-R0001-DA{n:02d}-S00000.h5" for n in range(1, 35)]
SUSPECT = [Problem(ProblemKind.SUSPECT_TRAINS, "train 7", file=f, trains=(7,)) for f in FILES]


def test_the_same_problem_in_many_files_is_one_row() -> None:
    """B9: a train without a valid ID is in every file of the run."""
    problems = Problems([*SUSPECT, Problem(ProblemKind.UNUSABLE_FILE, "no METADATA", file="/d/x")])
    header, first, second = repr(problems).splitlines()
    assert header.split() == ["kind", "file", "source", "trains", "message"]
    assert "RAW-R0001-DA01-S00000.h5 and 33 more" in first
    assert first.split()[-3:] == ["7", "train", "7"]
    assert second.startswith("unusable-file")
    assert problems._repr_html_().count("<tr>") == 3
    assert len(problems) == 35


def test_the_same_problem_of_many_sources_is_one_row() -> None:
    alike = [Problem(ProblemKind.MISSING_DATA, "no data", "/d/x", f"A/M/{n}") for n in range(4)]
    _, row = repr(Problems(alike)).splitlines()
    assert "A/M/0 and 3 more" in row
    assert "x and" not in row


def test_other_trains_are_another_row() -> None:
    other = Problem(ProblemKind.SUSPECT_TRAINS, "train 7", file=FILES[0], trains=(7, 8))
    assert len(repr(Problems([SUSPECT[0], other])).splitlines()) == 3


def test_a_run_groups_what_its_files_say(tmp_path: Path) -> None:
    """B9: as seen by a user, with one record for each file."""
    devices = {f"DA{n:02d}": (motor(f"A/MOTOR/{n}"),) for n in range(1, 6)}
    written = SimulatedRun(devices, suspect=frozenset({10007})).write(tmp_path)
    problems = RunDirectory(written.path).problems
    assert len(problems) == 5
    assert "DA01-S00000.h5 and 4 more" in repr(problems)
    assert len(repr(problems).splitlines()) == 2
