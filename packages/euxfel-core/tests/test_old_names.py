"""Old names of sources: what is selected by an old name is found by that name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from euxfel.core import RunDirectory, open_run
from euxfel.fileaccess.testing import SimulatedRun, camera, motor, with_legacy_name

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
OLD = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
NEW = "SPB_IRU_CAM/CORR/SIDEMIC:output"
PIXELS, DIMS = "data.image.pixels", "data.image.dims"
RAW = SimulatedRun({"DA01": (motor(),), "DA02": (camera()[1],)}, proposal=2012, run=243)
CORRECTED = SimulatedRun(
    {"DA01": (motor(),), "DA02": (with_legacy_name(replace(camera()[1], name=NEW), OLD),)},
    proposal=2012,
    run=243,
    category="CORR",
    format_version="1.3",
)

old_name_warns = pytest.mark.filterwarnings("ignore:.* is an old name of:DeprecationWarning")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return CORRECTED.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(written):
    return RunDirectory(written.path)


@pytest.mark.parametrize(
    "selection", [OLD, "*CAM/CAM*", [(OLD, "*")], {OLD: set()}, [OLD]], ids=repr
)
def test_selection_by_old_name_has_that_name(run, selection):
    chosen = run.select(selection)
    assert chosen.all_sources == {OLD}
    assert chosen.instrument_sources == {OLD}
    assert chosen.legacy_sources == {OLD: NEW}
    assert OLD in chosen
    assert NEW not in chosen
    with pytest.warns(DeprecationWarning, match=f"{OLD} is an old name of {NEW}"):
        assert chosen[OLD].canonical_name == NEW


def test_selection_by_present_name_has_that_name(run):
    chosen = run.select(NEW)
    assert chosen.all_sources == {NEW}
    assert chosen.legacy_sources == {}
    assert OLD not in chosen


def test_all_names_are_one_source(run):
    """The data of a source with two names is read once."""
    chosen = run.select("*")
    assert chosen.all_sources == run.all_sources == {MOTOR, OLD, NEW}
    assert chosen.instrument_sources == {NEW}
    assert chosen.selection == {MOTOR: None, NEW: None}


@old_name_warns
def test_keys_by_each_name(run):
    chosen = run.select([(OLD, PIXELS), (NEW, DIMS)])
    assert chosen[OLD].keys() == {PIXELS}
    assert chosen[NEW].keys() == {DIMS}
    same = run.select([(OLD, PIXELS), (NEW, PIXELS)])
    assert same.selection == {NEW: {PIXELS}}
    assert same[OLD].keys() == {PIXELS}


@old_name_warns
def test_objects_by_old_name_can_be_selected(run):
    assert run.select(run[OLD]).all_sources == {OLD}
    assert run.select(run[OLD, PIXELS]).selection == {OLD: {PIXELS}}
    assert run.select(run.select(OLD)).all_sources == {OLD}
    assert run.select(run).all_sources == run.all_sources


@pytest.mark.parametrize(
    ("dropped", "left"),
    [(OLD, {MOTOR, NEW}), (NEW, {MOTOR}), ("*CAM*", {MOTOR}), (MOTOR, {OLD, NEW})],
)
def test_dropping_a_name(run, dropped, left):
    """An old name can be dropped alone; without the source there are no old names."""
    assert run.deselect(dropped).all_sources == left


@old_name_warns
def test_dropping_keys(run):
    both = run.deselect(NEW, PIXELS)
    assert PIXELS not in both[NEW]
    assert PIXELS not in both[OLD]
    old_only = run.deselect(OLD, PIXELS)
    assert PIXELS in old_only[NEW]
    assert PIXELS not in old_only[OLD]


@pytest.mark.parametrize("flat_keys", [False, True])
def test_trains_by_every_name(run, written, flat_keys):
    for chosen, names in ((run, {OLD, NEW}), (run.select(OLD), {OLD}), (run.select(NEW), {NEW})):
        train_id, data = next(chosen[3:].trains(flat_keys=flat_keys))
        found = {k[0] for k in data} if flat_keys else set(data)
        assert found - {MOTOR} == names
        expected = written.expected(NEW, PIXELS, [train_id])[0]
        for name in names:
            value = data[name, PIXELS] if flat_keys else data[name][PIXELS]
            np.testing.assert_array_equal(value, expected)
            assert flat_keys or data[name]["metadata"]["source"] == name


def test_require_all_counts_a_source_once(run):
    assert run.select([OLD, MOTOR], require_all=True).train_ids == run.train_ids


@old_name_warns
def test_union_of_names(run):
    assert (run.select(OLD) | run.select(NEW)).selection == {NEW: None}
    assert (run.select(OLD) | run.select(NEW)).all_sources == {OLD, NEW}
    assert (run | run.select(OLD, PIXELS))[OLD].keys() == run[NEW].keys()
    assert (run.select(OLD, PIXELS) | run)[OLD].keys() == run[NEW].keys()
    assert (run.select(OLD, PIXELS) | run.select(OLD, DIMS))[OLD].keys() == {PIXELS, DIMS}
    assert (run[:5].select(OLD) | run[9:].select(OLD)).all_sources == {OLD}


@pytest.fixture(scope="module")
def raw_and_corrected(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    RAW.write(root)
    CORRECTED.write(root)
    return root


@pytest.mark.parametrize(("data", "stands_for"), [("default", OLD), ("all", NEW)])
@old_name_warns
def test_old_name_of_one_part_in_the_other(raw_and_corrected, monkeypatch, data, stands_for):
    """B28: the name of the raw data stands for the part that wins, never for a mixture."""
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(raw_and_corrected))
    run = open_run(2012, 243, data)
    assert run.all_sources == {MOTOR, OLD, NEW}
    assert run[OLD].canonical_name == stands_for
    described = RAW if stands_for == OLD else CORRECTED
    np.testing.assert_array_equal(
        run[OLD, PIXELS].ndarray(), described.expected(stands_for, PIXELS)
    )


def test_name_that_stands_for_two_sources(raw_and_corrected, run):
    raw = RunDirectory(RAW.path_under(raw_and_corrected))
    with pytest.raises(ValueError, match="in one part and"):
        raw | run.select(OLD)
    assert (raw | run)[OLD].canonical_name == OLD
    assert (run | raw)[OLD].canonical_name == OLD


def test_offset_is_that_of_the_source(run):
    moved = run.with_train_offset(OLD, 2)
    assert moved.train_offsets == {NEW: 2}
    assert moved.select(OLD).train_offsets == {OLD: 2}


def test_keys_match_alike_for_runs_and_sources(run):
    """One rule for globs: keys of control data match without ``.value``."""
    for glob in ("actual*", "*Position", "actualPosition", "*.timestamp", "is?oving", "*.value"):
        chosen = run.select(MOTOR, glob).selection[MOTOR]
        assert run[MOTOR].select_keys(glob).keys() == chosen
