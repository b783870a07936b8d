"""Each of the seeded defects is found and named rightly, and healthy runs pass in silence."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from seeded_runs import SEEDS, seeded

from euxfel.fileaccess.testing import FORMAT_VERSIONS, SimulatedRun, small_run
from euxfel.fileaccess.testing.defects import CASES, healthy_run
from euxfel.validate import CHECKS, Finding, RunValidator

TABLE = tomllib.loads(Path(__file__).with_name("seeded_defects.toml").read_text("utf-8"))


def findings(folder: Path) -> list[Finding]:
    return RunValidator(folder, deep=True, isolate=False).run_checks()


@pytest.mark.parametrize("name", TABLE["found"])
def test_a_seeded_defect_is_found_and_named(name: str, tmp_path: Path) -> None:
    """Issue 7: at least 40 seeded defects, by rows B1 to B49 and R2 to R8."""
    check, kind = TABLE["found"][name].split()
    found = findings(seeded(name, tmp_path))
    assert (check, kind) in {(f.check, f.kind.value) for f in found}
    # Whatever else follows from the defect: no check gave up.
    assert [f.message for f in found if "could not be completed" in f.message] == []


@pytest.mark.parametrize("name", TABLE["silent"])
def test_what_is_no_defect_is_not_told(name: str, tmp_path: Path) -> None:
    assert findings(seeded(name, tmp_path)) == []


def test_the_table_names_every_case_and_every_check() -> None:
    """A new defect or check comes with its row."""
    assert {*TABLE["found"], *TABLE["silent"]} == {*CASES, *SEEDS}
    used = {row.split()[0] for row in TABLE["found"].values()}
    assert {check.name for check in CHECKS} == used


def test_there_are_enough_defects() -> None:
    assert len(TABLE["found"]) >= 40


@pytest.mark.parametrize("version", FORMAT_VERSIONS)
def test_healthy_runs_of_every_format_pass(version: str, tmp_path: Path) -> None:
    """Silence on every healthy run."""
    runs: list[SimulatedRun] = [healthy_run(), small_run()]
    for number, run in enumerate(runs):
        folder = replace(run, format_version=version).write(tmp_path / str(number)).path
        assert findings(folder) == []
