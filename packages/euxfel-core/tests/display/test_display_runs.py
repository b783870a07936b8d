"""How simulated runs are shown, the damaged ones too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from euxfel.core import H5File, RunDirectory, by_id
from euxfel.core.display import (
    collection_html,
    detector_facts,
    key_html,
    missing_data,
    source_html,
    summarise,
    train_text,
)
from euxfel.fileaccess.errors import EuxfelError
from euxfel.fileaccess.handle import FileHandle
from euxfel.fileaccess.testing import (
    SimulatedRun,
    WrittenRun,
    camera,
    detector_modules,
    motor,
    run_only,
    small_run,
    xgm,
)
from euxfel.fileaccess.testing.defects import CASES, Case, RogueTrain

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
MakeRun = Callable[[SimulatedRun], WrittenRun]

pytestmark = pytest.mark.filterwarnings("ignore::euxfel.core.problems.DataProblemWarning")


def gappy_run() -> SimulatedRun:
    modules = detector_modules("SPB_DET_AGIPD1M-1", frames=(3, 5), module_shape=(4, 2))
    sources: dict[str, Any] = {**modules, "DA01": (*xgm(), motor(), run_only())}
    missing = {MOTOR: range(10005, 10015), "AGIPD03": range(10018, 10020)}
    return SimulatedRun(sources, trains_per_file={"DA01": 8}, missing=missing)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_defect_can_be_looked_at(case: Case, make_run: MakeRun) -> None:
    """What is wrong with a run never keeps it from being shown."""
    try:
        run = RunDirectory(make_run(case.run).path)
    except EuxfelError:
        assert not case.opens
        return
    summary = summarise(run, "*", counts=True, with_aggregators=True, with_auxiliary=True)
    assert summary.to_text()
    assert json.dumps(summary.to_dict())
    assert collection_html(run)
    assert missing_data(run, expand_instrument=True).labels is not None
    for train_id in run.train_ids[:1]:
        assert train_text(run, train_id)


@pytest.mark.parametrize("rogue", [7, 2**63, 2**64 - 1])
def test_a_rogue_train_is_named_apart(rogue: int, make_run: MakeRun) -> None:
    """B8/B9: info works, with duration and ends from good trains."""
    written = make_run(small_run().with_defect(RogueTrain(train_id=rogue, aggregator="DA01")))
    span = summarise(RunDirectory(written.path)).trains
    assert rogue in span.suspect
    assert (span.first, span.last) == (10000, 10019)
    assert span.seconds == 2.0


def test_counts_are_those_of_the_files(make_run: MakeRun) -> None:
    written = make_run(gappy_run())
    summary = summarise(RunDirectory(written.path), MOTOR, counts=True)
    shown = [
        (name, counts)
        for lines in (summary.instrument, summary.control, summary.detectors[0].sources)
        for line in lines
        if line.details is not None
        for name in line.names
        for counts in line.details.counts
    ]
    assert {name for name, _ in shown} >= {MOTOR, "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"}
    for name, counts in shown:
        expected = written.expected_counts(name, counts.group)
        assert counts.n_entries == expected.sum()
        assert counts.n_with_data == (expected > 0).sum()
        assert (counts.fewest, counts.most) == (expected[expected > 0].min(), expected.max())


def test_detector_facts_are_those_of_the_files(make_run: MakeRun) -> None:
    written = make_run(gappy_run())
    source = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"
    expected = written.expected_counts(source, "image")
    assert detector_facts(RunDirectory(written.path), source) == {
        "dims": (4, 2),
        "frames_per_train": expected.max(),
        "total_frames": expected.sum(),
    }


def test_missing_data_is_that_of_the_files(make_run: MakeRun) -> None:
    written = make_run(gappy_run())
    found = missing_data(RunDirectory(written.path))
    gaps = dict(zip(found.labels, found.saved.tolist(), strict=True))
    assert gaps[MOTOR] == (written.expected_counts(MOTOR) > 0).tolist()
    third = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"
    assert gaps[third] == [t < 10018 for t in found.train_ids.tolist()]


def test_a_source_of_run_values_only_is_shown(make_run: MakeRun) -> None:
    """B18: visible, counts 0, its RUN keys named."""
    run = RunDirectory(make_run(gappy_run()).path)
    (line,) = (c for c in summarise(run, "SPB_TEST/*").control if c.details)
    assert line.details is not None
    assert [c.n_with_data for c in line.details.counts] == [0]
    assert line.details.run_keys


def test_short_aggregators_are_known_at_once(make_run: MakeRun) -> None:
    run = RunDirectory(make_run(gappy_run()).path)
    (found,) = summarise(run).shortfalls
    assert (found.aggregator, found.n_listed, found.n_trains) == ("AGIPD03", 18, 20)


def test_selections_are_shown_as_such(make_run: MakeRun) -> None:
    run = RunDirectory(make_run(gappy_run()).path)[by_id[10002:10008:2]].select(MOTOR)
    summary = summarise(run, "*")
    assert (summary.trains.n_trains, summary.trains.n_absent) == (3, 2)
    assert [line.names for line in summary.control] == [(MOTOR,)]
    assert not summary.instrument


def test_no_trains_selected(make_run: MakeRun) -> None:
    """B12: a selection of zero trains."""
    run = RunDirectory(make_run(gappy_run()).path)[:0]
    assert "Trains    0" in summarise(run, "*", counts=True).to_text()
    assert collection_html(run)


def test_a_single_file_is_named(make_run: MakeRun) -> None:
    written = make_run(SimulatedRun({"DA01": camera()}))
    title = summarise(H5File(written.paths[0])).to_text().partition("\n")[0]
    assert title == "File RAW-R0001-DA01-S00000.h5 of proposal 900000 (SPB, raw)"


def test_html_of_a_key_remembers_what_was_read(make_run: MakeRun) -> None:
    """Its layout shows from then on, also in another object for the same key."""
    run = RunDirectory(make_run(gappy_run()).path)
    assert "float64" not in run[MOTOR, "actualPosition"]._repr_html_()
    run[MOTOR, "actualPosition"].ndarray()
    assert "float64" in run[MOTOR, "actualPosition"]._repr_html_()


def test_html_opens_no_file(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """An HTML repr shows what is known already."""
    run = RunDirectory(make_run(gappy_run()).path)
    source, key = run[MOTOR], run[MOTOR, "actualPosition"]

    def refuse(self: FileHandle) -> None:
        raise AssertionError(f"{self.path} was opened")

    monkeypatch.setattr(FileHandle, "h5", refuse)
    monkeypatch.setattr(FileHandle, "fd", refuse)
    assert "AGIPD03: 2 of 20 trains" in collection_html(run)
    assert MOTOR in source_html(source)
    assert "actualPosition" in key_html(key)
