"""Moving over changes import lines only: what a key gives is the same in both libraries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from parity import key_cases, train_choices
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours
from parity.makers import BY_NAME

# (run, kind of key, dimensions of an entry, kind of data)
SUBJECTS = (
    ("spb_raw-1.3", "scalar", 0, "number"),
    ("spb_raw-1.3", "text", 0, "text"),
    ("spb_raw-0.5", "vector", 1, "number"),
    ("spb_raw-1.0", "image", 2, "number"),
    ("spb_raw-0.5", "frames", 3, "number"),
    ("spb_raw-1.1", "cells", 1, "number"),
    ("spb_proc-0.5", "frames", 2, "number"),
    ("fxe-0.5", "empty", 2, "number"),
    ("lpd_missed_train-1.0", "frames", 3, "number"),
    ("reduced_proc-1.3", "frames", 2, "number"),
    ("reduced_raw-1.2", "header", 1, "number"),
    ("modern_proc-1.2", "frames", 2, "number"),
    ("jungfrau-1.0", "frames", 3, "number"),
    ("jungfrau-1.0", "wide", 1, "number"),
    ("scs-1.0", "frames", 3, "number"),
    ("remi-1.0", "record", 1, "record"),
    ("sa3-1.2", "sparse", 2, "number"),
    ("sa3-1.2", "scalar", 0, "number"),
    ("empty_source-0.5", "empty", 0, "number"),
    ("no_trains-1.0", "scalar", 0, "number"),
    ("no_trains-1.0", "sparse", 2, "number"),
    ("flat_name-0.5", "image", 2, "number"),
    ("first_last_status-0.5", "cells", 1, "number"),
)
# Too few trains, entries or data for some questions: both libraries may refuse those, alike.
ODD = (
    "fxe-0.5/empty",
    "spb_raw-1.1/cells",
    "sa3-1.2/sparse",
    "empty_source-0.5/empty",
    "no_trains-1.0/scalar",
    "no_trains-1.0/sparse",
    "lpd_missed_train-1.0/frames",
    "first_last_status-0.5/cells",
)
CHOOSING = (
    ("spb_raw-1.3", "scalar"),
    ("spb_raw-0.5", "image"),
    ("reduced_proc-1.3", "cells"),
    ("lpd_missed_train-1.0", "frames"),
)


def every_question() -> Iterator[object]:
    for run, kind, dimensions, data in SUBJECTS:
        for case in key_cases.cases(dimensions, data):
            yield pytest.param(run, kind, case, id=f"{run}/{kind}/{case.id}")


def every_choice() -> Iterator[object]:
    for run, kind in CHOOSING:
        for case in train_choices.cases():
            yield pytest.param(run, kind, case, id=f"{run}/{kind}/{case.id}")


@pytest.mark.parametrize(("run", "kind", "case"), list(every_question()), indirect=["run"])
def test_key_answers_alike(run: Opened, kind: str, case: Case) -> None:
    compare_key(run, kind, case)


@pytest.mark.parametrize(("run", "kind", "case"), list(every_choice()), indirect=["run"])
def test_trains_of_a_key_are_chosen_alike(run: Opened, kind: str, case: Case) -> None:
    compare_key(run, kind, case)


def compare_key(run: Opened, kind: str, case: Case) -> None:
    source, key = BY_NAME[run.name].keys[kind]
    subjects = (run.theirs[source, key], run.ours[source, key])
    name = f"{run.name}/{kind}"
    compare(case, name, (PEER, ours()), subjects, ordinary=name not in ODD)
