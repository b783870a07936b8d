"""R4 of the bars: validation is a total function, whatever bytes stand in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.mutants import VARIANTS, mutants

from euxfel.validate import RunValidator, report_json, report_junit, report_lines

PER_VARIANT = 16


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_exception_leaves_the_validator(variant: str, tmp_path: Path) -> None:
    """Each mutant is a file of its own aggregator; crashes and hangs are findings too."""
    original = tmp_path / "original.h5"
    VARIANTS[variant].write(original)
    content = original.read_bytes()
    run = tmp_path / "run"
    run.mkdir()
    for number, mutant in enumerate(mutants(variant, original, PER_VARIANT, 20261127)):
        mutant.write(content, run / f"RAW-R0001-DA{number:03d}-S00000.h5")
    validator = RunValidator(run, deep=True, deadline=3.0, workers=2)
    found = validator.run_checks()
    # Most of the changed bytes are structure: many files cannot pass.
    assert len({f.file for f in found if f.file is not None}) > PER_VARIANT // 5
    assert all(f.message and f.check for f in found)
    assert report_lines(found, examples=None)
    assert report_junit(found, str(run), [])
    assert report_json(found, str(run), PER_VARIANT, [])["ok"] is False


@pytest.mark.parametrize("variant", VARIANTS)
def test_files_that_were_not_damaged_pass(variant: str, tmp_path: Path) -> None:
    VARIANTS[variant].write_in(tmp_path)
    assert RunValidator(tmp_path, deep=True, isolate=False).run_checks() == []
