"""Sources whose train IDs are moved: everything afterwards goes by the moved IDs."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core import DataError, RunDirectory, by_id
from euxfel.core.entries import shifted_ids
from euxfel.fileaccess.testing import SimulatedRun, camera, defects, detections, motor

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
HITS = "SQS_REMI_DLD6/DET/TOP:output"
POSITION = "actualPosition.value"
PIXELS = "data.image.pixels"
FIRST, LAST = 10000, 10019


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    sources = {"DA01": (motor(), *camera()), "DA02": (detections(),)}
    run = SimulatedRun(sources, trains_per_file=8, missing={CAMERA: (10004,)})
    return run.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(written):
    return RunDirectory(written.path)


def stored(train_ids, offset):
    """Stored IDs of the data that stands for some trains."""
    return [t for t in (int(t) - offset for t in train_ids) if FIRST <= t <= LAST]


@settings(deadline=None, max_examples=25)
@given(st.integers(-25, 25), st.integers(0, 19), st.integers(0, 20))
def test_arrays_and_counts_go_by_moved_trains(run, written, offset, start, length):
    part = run.with_train_offset(HITS, offset)[start : start + length]
    for key in ("rec.hits", "rec.position"):
        kd = part[HITS, key]
        ids = stored(part.train_ids, offset)
        np.testing.assert_array_equal(kd.ndarray(), written.expected(HITS, key, ids))
        counts = written.expected_counts(HITS, "rec", ids)
        np.testing.assert_array_equal(
            kd.train_id_coordinates(), np.repeat(np.array(ids, dtype=np.int64) + offset, counts)
        )
        assert dict(kd.data_counts()[kd.data_counts() > 0]) == {
            t + offset: n for t, n in zip(ids, counts, strict=True) if n
        }


@pytest.fixture(scope="module")
def moved(run):
    return run.with_train_offset(CAMERA, 3)


def test_run_keeps_its_trains(run, moved):
    assert moved.train_ids == run.train_ids
    assert moved.train_offsets == {CAMERA: 3}
    assert moved[CAMERA].train_offset == moved[CAMERA, PIXELS].train_offset == 3
    assert run.train_offsets == {}


def test_offset_replaces_the_one_before(run, moved):
    again = moved.with_train_offset(CAMERA, 1)
    assert again.train_offsets == {CAMERA: 1}
    assert again.with_train_offset(CAMERA, 0).train_offsets == {}


def test_globs_move_several_sources(run):
    moved = run.with_train_offset("*CAM*", -1)
    assert moved.train_offsets == {CAMERA: -1, "SPB_IRU_CAM/CAM/SIDEMIC": -1}


@pytest.mark.parametrize("offset", [1.5, "1", None])
def test_offset_is_a_whole_number(run, offset):
    with pytest.raises(TypeError):
        run.with_train_offset(CAMERA, offset)
    with pytest.raises(ValueError, match="larger than any"):
        run.with_train_offset(CAMERA, 2**63)


def test_lazy_and_labelled_arrays_agree_with_the_array(moved):
    kd = moved[CAMERA, PIXELS]
    data = kd.ndarray()
    np.testing.assert_array_equal(kd.dask_array().compute(), data)
    labelled = kd.xarray()
    np.testing.assert_array_equal(labelled.values, data)
    assert 10007 not in labelled.trainId.values.tolist()
    assert labelled.trainId.values.tolist()[0] == 10003


def test_lazy_arrays_of_other_offsets_are_other_arrays(run, moved):
    assert run[CAMERA, PIXELS].dask_array().name != moved[CAMERA, PIXELS].dask_array().name


def test_trains_are_put_together_by_moved_id(moved, written):
    """Trains, one train by ID, and trains in which all have data."""
    found = dict(moved.trains([(MOTOR, POSITION), (CAMERA, PIXELS)], flat_keys=True))
    assert (CAMERA, PIXELS) not in found[10002]
    for train_id, data in found.items():
        assert data[MOTOR, POSITION] == written.expected(MOTOR, POSITION, [train_id])[0]
        if (CAMERA, PIXELS) in data:
            expected = written.expected(CAMERA, PIXELS, [train_id - 3])[0]
            np.testing.assert_array_equal(data[CAMERA, PIXELS], expected)
    np.testing.assert_array_equal(
        moved.train_from_id(10009)[1][CAMERA][PIXELS], found[10009][CAMERA, PIXELS]
    )
    both = moved.select([(MOTOR, "*"), (CAMERA, "*")], require_all=True)
    assert both.train_ids == [t for t in range(10003, 10020) if t != 10007]
    assert both.train_offsets == {CAMERA: 3}


def test_key_goes_by_moved_trains(moved, written):
    kd = moved[CAMERA, PIXELS]
    assert [t for t, _ in kd.trains()] == kd.drop_empty_trains().train_ids
    assert kd.drop_empty_trains().train_ids[0] == 10003
    np.testing.assert_array_equal(
        kd[by_id[10010]].ndarray(), written.expected(CAMERA, PIXELS, [10007])
    )
    assert moved[CAMERA].drop_empty_trains().train_ids == kd.drop_empty_trains().train_ids


def test_tables_put_moved_rows_beside_others(run, written):
    table = run.with_train_offset(MOTOR, -2).get_dataframe([(MOTOR, POSITION)])
    assert table.index.tolist() == list(range(10000, 10018))
    expected = written.expected(MOTOR, POSITION, range(10002, 10020))
    np.testing.assert_array_equal(table.iloc[:, 0], expected)


def test_selections_keep_the_offset(moved):
    assert moved.select([(CAMERA, "*image*"), (MOTOR, "*")]).train_offsets == {CAMERA: 3}
    assert moved.select(moved[CAMERA, PIXELS]).train_offsets == {CAMERA: 3}
    assert moved.deselect(CAMERA, PIXELS).train_offsets == {CAMERA: 3}
    assert moved[:4].train_offsets == {CAMERA: 3}
    assert moved.deselect(CAMERA).train_offsets == {}
    assert moved.with_train_offset(MOTOR, 1).train_offsets == {CAMERA: 3, MOTOR: 1}


def test_union_of_other_offsets_is_refused(run, moved):
    assert (moved[:5] | moved[7:]).train_offsets == {CAMERA: 3}
    assert (moved[:5] | run.select(MOTOR)).train_offsets == {CAMERA: 3}
    with pytest.raises(ValueError, match=r"\+3 in one part and \+0"):
        moved[:5] | run[7:]
    with pytest.raises(ValueError, match="SIDEMIC:daqOutput has train offset"):
        run[CAMERA] | moved[CAMERA]


def test_run_shows_offsets(moved, capsys):
    moved.info()
    shown = capsys.readouterr().out
    assert f"Offsets   {CAMERA}: train IDs +3" in shown
    assert "train IDs +3" in moved._repr_html_()
    assert moved.summary().to_dict()["offsets"] == [
        {"pattern": CAMERA, "offset": 3, "names": [CAMERA]}
    ]


def test_errors_name_moved_trains(tmp_path):
    """An error tells which trains to leave out; a problem which trains the file has."""
    beyond = defects.IndexEntry(path=f"INDEX/{HITS}/rec/count", position=7, value=90)
    broken = SimulatedRun({"DA01": (detections(),)}).with_defect(beyond).write(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moved = RunDirectory(broken.path).with_train_offset(HITS, -1)
    kd = moved[HITS, "rec.hits"]
    with pytest.raises(DataError) as caught:
        kd.ndarray()
    assert list(caught.value.trains) == kd.bad_train_ids
    assert 10006 in kd.bad_train_ids
    assert 10007 in {t for p in moved.problems for t in p.trains}
    assert kd.drop_bad_trains().ndarray().size


@given(st.lists(st.integers(0, 2**64 - 1), unique=True), st.integers(-(2**62), 2**62))
def test_moved_ids_stay_in_order_and_never_wrap(ids, offset):
    """B9: a rogue train ID of 2**64 - 1 does not become a good one."""
    moved, kept = shifted_ids(np.array(sorted(ids), dtype=np.uint64), offset)
    assert moved.tolist() == [t + offset for t in sorted(ids) if 0 <= t + offset < 2**64]
    assert kept.sum() == len(moved)
