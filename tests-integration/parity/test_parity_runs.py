"""Moving over changes import lines only: what a run gives is the same in both libraries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from parity import run_cases, train_choices
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours
from parity.makers import BY_NAME, RECIPES

# Which keys of which runs are asked about.
KINDS = {
    "spb_raw-1.3": "scalar vector frames",
    "spb_raw-0.5": "image",
    "fxe-0.5": "scalar empty",
    "reduced_proc-1.3": "frames",
    "modern_proc-1.2": "frames",
    "lpd_missed_train-1.0": "frames",
    "sa3-1.2": "scalar sparse",
    "jungfrau-1.0": "cells",
    "no_trains-1.0": "scalar",
}
# Few trains or none: both libraries may refuse a question, alike.
ODD = ("no_trains-1.0", "lpd_missed_train-1.0")
CHOOSING = ("spb_raw-1.3", "spb_raw-0.5", "fxe-0.5", "lpd_missed_train-1.0", "no_trains-1.0")


def every_question() -> Iterator[object]:
    for recipe in RECIPES:
        for case in run_cases.of_the_run():
            yield pytest.param(recipe.name, case, id=f"{recipe.name}/{case.id}")


def every_question_about_keys() -> Iterator[object]:
    for run, wanted in KINDS.items():
        for kind, source, key in run_cases.kinds(BY_NAME[run].keys, wanted):
            for case in run_cases.of_a_key(kind, source, key):
                yield pytest.param(run, kind, case, id=f"{run}/{kind}/{case.id}")


def every_choice() -> Iterator[object]:
    for run in CHOOSING:
        for case in train_choices.cases():
            yield pytest.param(run, case, id=f"{run}/{case.id}")


@pytest.mark.parametrize(("run", "case"), list(every_question()), indirect=["run"])
def test_run_answers_alike(run: Opened, case: Case) -> None:
    compare_run(run, case)


@pytest.mark.parametrize(
    ("run", "kind", "case"), list(every_question_about_keys()), indirect=["run"]
)
def test_run_answers_alike_about_a_key(run: Opened, kind: str, case: Case) -> None:
    compare_run(run, case, f"{run.name}/{kind}")


@pytest.mark.parametrize(("run", "case"), list(every_choice()), indirect=["run"])
def test_trains_of_a_run_are_chosen_alike(run: Opened, case: Case) -> None:
    compare_run(run, case)


def compare_run(run: Opened, case: Case, name: str = "") -> None:
    subjects = (run.theirs, run.ours)
    compare(case, name or run.name, (PEER, ours()), subjects, ordinary=run.name not in ODD)
