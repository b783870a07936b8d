"""Validation beside EXtra-data's: silent on its mock runs, and at least as watchful."""

from __future__ import annotations

from pathlib import Path

import pytest
from extra_data.validation import RunValidator as PeerValidator
from parity.makers import RECIPES, Recipe

from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.testing.defects import CASES
from euxfel.validate import FileValidator, Finding, RunValidator

# What the mock runs really get wrong: none of it is a defect of the data that they imitate.
MISTAKES = {
    "spb_raw-1.1": {"train_flags"},  # flags as in 1.0: 1.1 inverted their meaning
    "lpd_missed_train-1.0": {"train_id_datasets", "module_trains"},  # a train is left out
    "fxe_jungfrau-1.0": {"one_run"},  # two detectors with different run numbers
    "sa3-1.2": {"train_id_datasets"},  # IDs of sparse cameras count from the first train
    "empty_source-0.5": {"train_id_datasets"},
}

# Cases in which EXtra-data's validator finds something, by the name of the check.
BOTH = {
    "trains-swapped": "train_ids_order",
    "zero-train-id": "train_ids_nonzero",
    "train-twice": "train_ids_order",
    "rows-without-train": "index_instrument",
    "data-cut": "index_instrument",
    "index-beyond-data": "index_instrument",
    "index-overlaps": "index_instrument",
}


def found_in(recipe: Recipe, folder: Path) -> list[Finding]:
    recipe.make(folder)
    if recipe.file:
        return FileValidator(FileAccess(folder / recipe.file), deep=True).run_checks()
    return RunValidator(folder, deep=True, isolate=False).run_checks()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_mock_runs_pass_in_silence(recipe: Recipe, tmp_path: Path) -> None:
    """Issue 7: silent on every healthy run, the peer's mock runs too."""
    checks = {finding.check for finding in found_in(recipe, tmp_path)}
    assert checks == MISTAKES.get(recipe.name, set())


@pytest.mark.parametrize("name", BOTH)
def test_what_the_peer_finds_is_found(name: str, tmp_path: Path) -> None:
    """The same file is named, by the check of the same name."""
    folder = CASES[name].run.write(tmp_path).path
    peer = PeerValidator(str(folder))
    bad = {Path(problem["file"]).name for problem in peer.run_checks()}
    assert bad
    ours = RunValidator(str(folder), isolate=False)
    found = [problem for problem in ours.run_checks() if problem["check"] == BOTH[name]]
    assert {Path(problem["file"]).name for problem in found} <= bad
    assert found
    assert all("msg" in problem for problem in found)
    assert set(ours.filenames) == set(peer.filenames)
