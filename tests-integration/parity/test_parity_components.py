"""Moving over changes import lines only: detectors give the same in both libraries."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import extra_data.components
import pytest
from parity.cases import Case, compare
from parity.detector_cases import jungfrau_cases, quiet, xtdf_cases
from parity.libraries import PEER, Opened, ours

# (run, class, options)
XTDF = (
    ("spb_raw-1.3", "AGIPD1M", {"raw": True}),
    ("spb_proc-0.5", "AGIPD1M", {"raw": False}),
    ("modern_proc-1.2", "AGIPD1M", {"raw": False, "modules": [0, 3, 7]}),
    ("agipd500k-1.0", "AGIPD500K", {"raw": True}),
    ("fxe-0.5", "LPD1M", {"raw": True}),
    ("lpd_parallel_gain-1.0", "LPD1M", {"raw": True, "parallel_gain": True}),
    ("lpd_missed_train-1.0", "LPD1M", {"raw": True}),
    ("scs-1.0", "DSSC1M", {"raw": True, "modules": [1, 2, 9]}),
    ("reduced_proc-1.3", "AGIPD1M", {"raw": None}),
)
JUNGFRAU = (
    ("jungfrau-1.0", {"raw": False}),
    ("jungfrau-1.0", {"raw": False, "modules": [2, 5], "n_modules": 8}),
    ("fxe_jungfrau-1.0", {"raw": False, "detector_name": "FXE_XAD_JF500K", "first_modno": 3}),
    ("fxe_jungfrau-1.0", {"raw": False, "detector_name": "FXE_XAD_JF1M"}),
)


# More would only take longer: the gaps of these runs are among the first.
TRAINS = 20
# The others are asked less: a run more tells little more.
ALL_QUESTIONS = ("spb_raw-1.3", "spb_proc-0.5", "lpd_parallel_gain-1.0")


def every_question() -> Iterator[object]:
    for run, name, options in XTDF:
        for case in xtdf_cases("proc" in run, brief=run not in ALL_QUESTIONS):
            yield pytest.param(run, name, options, case, id=f"{run}/{case.id}")
    for number, (run, options) in enumerate(JUNGFRAU):
        for case in jungfrau_cases():
            yield pytest.param(run, "JUNGFRAU", options, case, id=f"{run}-{number}/{case.id}")


@pytest.mark.parametrize(
    ("run", "name", "options", "case"), list(every_question()), indirect=["run"]
)
def test_detector_answers_alike(
    run: Opened, name: str, options: dict[str, Any], case: Case
) -> None:
    subjects = [
        quiet(getattr(module, name), data[:TRAINS], **options)
        for module, data in ((extra_data.components, run.theirs), (our_components(), run.ours))
    ]
    compare(case, f"{run.name}/{name}/{case.id}", (PEER, ours()), subjects)


def our_components() -> Any:
    return importlib.import_module("euxfel.components")
