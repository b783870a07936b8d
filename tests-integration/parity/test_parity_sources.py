"""Moving over changes import lines only: what a source gives is the same in both libraries."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from parity import source_cases, train_choices
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours

# Run, source and the section that it stands in.
SUBJECTS = (
    ("spb_raw-1.3", "SA1_XTD2_XGM/DOOCS/MAIN", "CONTROL"),
    ("spb_raw-0.5", "SA1_XTD2_XGM/DOOCS/MAIN:output", "INSTRUMENT"),
    ("spb_raw-1.1", "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "INSTRUMENT"),
    ("spb_raw-1.0", "SPB_DET_AGIPD1M-1/DET/7CH0:xtdf", "INSTRUMENT"),
    ("fxe-0.5", "SA1_XTD2_XGM/DOOCS/MAIN", "CONTROL"),
    ("fxe-0.5", "FXE_XAD_GEC/CAM/CAMERA_NODATA:daqOutput", "INSTRUMENT"),
    ("reduced_proc-1.3", "SPB_DET_AGIPD1M-1/DET/9CH0:xtdf", "INSTRUMENT"),
    ("modern_proc-1.2", "SPB_DET_AGIPD1M-1/CORR/7CH0:output", "INSTRUMENT"),
    ("modern_proc-1.2", "SPB_DET_AGIPD1M-1/DET/7CH0:xtdf", "INSTRUMENT"),
    ("lpd_missed_train-1.0", "FXE_DET_LPD1M-1/DET/1CH0:xtdf", "INSTRUMENT"),
    ("agipd1m-1.0", "SPB_IRU_AGIPD1M1/MDL/FPGA_COMP", "CONTROL"),
    ("jungfrau-1.0", "SPB_IRDA_JF4M/MDL/MONITOR", "CONTROL"),
    ("scs-1.0", "SCS_DET_DSSC1M-1/DET/4CH0:xtdf", "INSTRUMENT"),
    ("remi-1.0", "SQS_REMI_DLD6/DET/TOP", "CONTROL"),
    ("remi-1.0", "SQS_REMI_DLD6/DET/TOP:output", "INSTRUMENT"),
    ("sa3-1.2", "SA3_XTD10_IMGFEL/CAM/BEAMVIEW3:daqOutput", "INSTRUMENT"),
    ("empty_source-0.5", "SA3_XTD10_VAC/GAUGE/G30520C", "CONTROL"),
    ("no_trains-1.0", "SA3_XTD10_XGM/XGM/DOOCS", "CONTROL"),
    ("first_last_status-0.5", "SPB_DET_AGIPD1M-1/DET/7CH0:xtdf", "INSTRUMENT"),
)
# No trains, or no keys but those of RUN: both libraries may refuse a question, alike.
ODD = (
    "no_trains-1.0/SA3_XTD10_XGM/XGM/DOOCS",
    "remi-1.0/SQS_REMI_DLD6/DET/TOP",
    "lpd_missed_train-1.0/FXE_DET_LPD1M-1/DET/1CH0:xtdf",
)
CHOOSING = SUBJECTS[0], SUBJECTS[6]


def every_question() -> Iterator[object]:
    for run, source, section in SUBJECTS:
        for case in source_cases.cases(section):
            yield pytest.param(run, source, case, id=f"{run}/{source}/{case.id}")


def every_choice() -> Iterator[object]:
    for run, source, _ in CHOOSING:
        for case in train_choices.cases():
            yield pytest.param(run, source, case, id=f"{run}/{source}/{case.id}")


@pytest.mark.parametrize(("run", "source", "case"), list(every_question()), indirect=["run"])
def test_source_answers_alike(run: Opened, source: str, case: Case) -> None:
    compare_source(run, source, case)


@pytest.mark.parametrize(("run", "source", "case"), list(every_choice()), indirect=["run"])
def test_trains_of_a_source_are_chosen_alike(run: Opened, source: str, case: Case) -> None:
    compare_source(run, source, case)


def compare_source(run: Opened, source: str, case: Case) -> None:
    name = f"{run.name}/{source}"
    # Getting a source by its legacy name warns: that is asked of the runs.
    subjects = [quietly(run.by(lib), source) for lib in ("extra_data", "euxfel")]
    compare(case, name, (PEER, ours()), subjects, ordinary=name not in ODD)


def quietly(opened: Any, source: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return opened[source]
