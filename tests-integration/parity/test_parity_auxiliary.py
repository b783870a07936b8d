"""Moving over changes import lines only: reduction and errata data are the same in both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from parity import key_cases, source_cases
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours

RUNS = ("reduced_raw-1.2", "reduced_proc-1.3", "spb_raw-0.5")
WITH_AUXILIARY = RUNS[:2]
# Under its own name, and under the name of one of several aggregators that have it.
SOURCES = (
    "PULSE_REDUCTION/SPB_DET_AGIPD1M-1/DET/7CH0:xtdf",
    "AGIPD03@SPB_IRU_AGIPD1M1/REDU/LITFRM:daqFilter",
    "DA01@TRAINS_OUTSIDE_BUFFER_RANGE",
)
KEYS = (
    (SOURCES[0], "image.data.reductionRatio", 0, "number"),
    (SOURCES[1], "data.dataFramePattern", 1, "number"),
    (SOURCES[2], "event.originalTrainIds", 1, "number"),
)
# Strings several to an entry: whole trains read as `str` in euxfel (difference "text-by-train").
TEXT = ("DA01@TRAINS_OUTSIDE_BUFFER_RANGE", "event.types")

OF_THE_INDEXER: tuple[Case, ...] = (
    Case("all-sources", lambda lib, aux: aux.all_sources),
    Case("reduction-sources", lambda lib, aux: aux.reduction_sources),
    Case("errata-sources", lambda lib, aux: aux.errata_sources),
    Case("contains", lambda lib, aux: [source in aux for source in SOURCES]),
    Case("contains-absent", lambda lib, aux: "no" in aux),
    Case("contains-number", lambda lib, aux: 5 in aux),
    Case("contains-key", lambda lib, aux: [(source, key) in aux for source, key, *_ in KEYS]),
    Case("contains-key-absent", lambda lib, aux: [(s, "no.such") in aux for s in SOURCES]),
    Case("without-its-prefix", lambda lib, aux: aux[SOURCES[1].partition("@")[2]], "KeyError"),
    Case("absent", lambda lib, aux: aux["no"], "KeyError"),
    Case("absent-key", lambda lib, aux: aux["no", "data.x"], "KeyError"),
    Case("number", lambda lib, aux: aux[5], "TypeError"),
    Case("slice", lambda lib, aux: aux[:5], "TypeError"),
)
OF_THE_RUN: tuple[Case, ...] = (
    Case("of-selection", lambda lib, run: run[3:9].auxiliary.all_sources),
    Case("of-selected-source", lambda lib, run: run.select("*/DET/7CH0*").auxiliary.all_sources),
    Case(
        "trains-of-selection",
        lambda lib, run: run[3:9].auxiliary[SOURCES[0]].train_ids == run[3:9].train_ids,
    ),
    Case("data-of-selection", lambda lib, run: run[3:9].auxiliary[KEYS[1][:2]].ndarray()),
    Case("not-among-sources", lambda lib, run: [source in run for source in SOURCES]),
)


def every_question_about_sources() -> Iterator[object]:
    for source in SOURCES:
        for case in source_cases.ANY:
            yield pytest.param(source, case, id=f"{source}/{case.id}")


def every_question_about_keys() -> Iterator[object]:
    for source, key, dimensions, data in KEYS:
        for case in key_cases.cases(dimensions, data):
            yield pytest.param(source, key, case, id=f"{key}/{case.id}")


@pytest.mark.parametrize("case", OF_THE_INDEXER, ids=lambda case: case.id)
@pytest.mark.parametrize("run", RUNS, indirect=True)
def test_indexer_answers_alike(run: Opened, case: Case) -> None:
    subjects = (run.theirs.auxiliary, run.ours.auxiliary)
    compare(case, run.name, (PEER, ours()), subjects, ordinary=run.name in WITH_AUXILIARY)


@pytest.mark.parametrize("case", OF_THE_RUN, ids=lambda case: case.id)
@pytest.mark.parametrize("run", WITH_AUXILIARY, indirect=True)
def test_auxiliary_data_follows_selections_alike(run: Opened, case: Case) -> None:
    compare(case, run.name, (PEER, ours()), (run.theirs, run.ours))


@pytest.mark.parametrize("run", WITH_AUXILIARY[:1], indirect=True)
@pytest.mark.parametrize(("source", "case"), list(every_question_about_sources()))
def test_auxiliary_source_answers_alike(run: Opened, source: str, case: Case) -> None:
    subjects: list[Any] = [opened.auxiliary[source] for opened in (run.theirs, run.ours)]
    compare(case, f"auxiliary/{source}", (PEER, ours()), subjects)


@pytest.mark.parametrize("run", WITH_AUXILIARY[1:], indirect=True)
@pytest.mark.parametrize(("source", "key", "case"), list(every_question_about_keys()))
def test_auxiliary_key_answers_alike(run: Opened, source: str, key: str, case: Case) -> None:
    subjects: list[Any] = [opened.auxiliary[source, key] for opened in (run.theirs, run.ours)]
    compare(case, f"auxiliary/{key}", (PEER, ours()), subjects)


@pytest.mark.parametrize("case", key_cases.TEXT_BLOCKS, ids=lambda case: case.id)
@pytest.mark.parametrize("run", WITH_AUXILIARY[:1], indirect=True)
def test_arrays_of_strings_are_alike(run: Opened, case: Case) -> None:
    """B20: entries that are arrays of strings."""
    subjects: list[Any] = [opened.auxiliary[TEXT] for opened in (run.theirs, run.ours)]
    compare(case, "auxiliary/text", (PEER, ours()), subjects)
