"""Sources opened by xarray: lazy, and the same as the arrays of their keys."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core import DataProblemWarning, RunDirectory, SourceNameError
from euxfel.core import xarray_backend as backend
from euxfel.core.row_picking import row_entries
from euxfel.fileaccess.testing import (
    Group,
    InstrumentSource,
    Key,
    SimulatedRun,
    camera,
    defects,
    detections,
    every_type,
    motor,
)

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
HITS = "SQS_REMI_DLD6/DET/TOP:output"
TYPES = "SPB_TEST/DEVICE/TYPES"
GROUPS = "SPB_TEST/DEVICE/GROUPS:output"
PIXELS = "data.image.pixels"
TWO_GROUPS = InstrumentSource(
    GROUPS,
    (Group("a", (Key("x", "f4"),), entries=(2, 1)), Group("b", (Key("y", "i4", (3,)),))),
)
RUN = SimulatedRun(
    {"DA01": (motor(), every_type()), "DA02": camera(), "DA03": (detections(), TWO_GROUPS)},
    trains_per_file=7,
    missing={CAMERA: (10004,)},
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return RUN.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(written):
    return RunDirectory(written.path)


def opened(data, **options):
    return xr.open_dataset(data, engine="euxfel", **options)


@pytest.mark.parametrize("source", [MOTOR, CAMERA, HITS, TYPES])
def test_dataset_is_what_the_keys_hold(run, source):
    ds = opened(run, source=source)
    keys = run[source].keys(inc_timestamps=False)
    assert set(ds) == {key.removesuffix(".value") for key in keys}
    for name in ds:
        kd = run[source, name]
        assert ds[name].attrs.get("units") == kd.units
        np.testing.assert_array_equal(ds[name].values, kd.ndarray())
        np.testing.assert_array_equal(ds.trainId, kd.train_id_coordinates())
    assert ds.attrs["source"] == source


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_paths_of_folders_and_files(written, as_path):
    assert opened(as_path(written.path), source=MOTOR).sizes["trainId"] == 20
    assert opened(as_path(written.paths[0]), source=MOTOR).sizes["trainId"] == 7


def test_selected_trains_and_sources_are_opened(run):
    assert opened(run[2:5], source=MOTOR).trainId.values.tolist() == [10002, 10003, 10004]
    assert list(opened(run[MOTOR], keys="actual*")) == ["actualPosition"]
    assert opened(run.select([(MOTOR, "*")]).with_train_offset(MOTOR, 3)).trainId[0] == 10003


def test_variables_can_be_chosen(run):
    ds = opened(run, source=MOTOR, drop_variables=["isMoving"], timestamps=True)
    assert set(ds) == {
        "actualPosition", "actualPosition.timestamp", "targetPosition", "targetPosition.timestamp",
        "isMoving.timestamp",
    }  # fmt: skip
    assert list(opened(run, source=CAMERA, keys={PIXELS})) == [PIXELS]


def test_opening_reads_no_data(run, monkeypatch):
    def refuse(*args):
        raise AssertionError("data was read")

    monkeypatch.setattr(backend, "read_positions", refuse)
    ds = opened(run, source=CAMERA)
    assert "pixels" in repr(ds)
    assert ds[PIXELS].isel(trainId=slice(3)).shape == (3, 24, 32)
    with pytest.raises(AssertionError, match="data was read"):
        ds[PIXELS].load()


def indexers(length):
    positions = st.integers(-length, length - 1)
    return st.one_of(st.slices(length), positions, st.lists(positions, max_size=5))


@settings(deadline=None, max_examples=60)
@given(st.tuples(indexers(19), indexers(24), indexers(32)))
def test_any_part_is_that_part_of_the_array(run, where):
    """Slices, positions and lists, on rows and inside of them."""
    whole = run[CAMERA, PIXELS].xarray().drop_vars("trainId")
    lazy = opened(run, source=CAMERA)[PIXELS].drop_vars("trainId")
    lazy = lazy.rename(dict(zip(lazy.dims, whole.dims, strict=True)))
    chosen = dict(zip(whole.dims, where, strict=True))
    xr.testing.assert_equal(lazy.isel(chosen), whole.isel(chosen))


def test_points_are_picked(run):
    """One place for each of several rows."""
    rows, columns = xr.DataArray([7, 1, 7], dims="p"), xr.DataArray([3, 20, 5], dims="p")
    picked = opened(run, source=CAMERA)[PIXELS][rows, columns, -1]
    np.testing.assert_array_equal(picked, run[CAMERA, PIXELS].ndarray()[[7, 1, 7], [3, 20, 5], -1])


@settings(deadline=None)
@given(st.lists(st.integers(0, 43), max_size=12))
def test_rows_of_trains_with_any_number_of_rows(run, rows):
    kd = run[HITS, "rec.hits"]
    assert kd.shape[0] == 44
    table = row_entries(kd._entries, np.array(rows, dtype=np.int64))
    assert table.train_ids.tolist() == kd.train_id_coordinates()[rows].tolist()
    found = opened(run, source=HITS)["rec.hits"].isel(trainId=rows)
    np.testing.assert_array_equal(found, kd.ndarray()[rows])


@pytest.mark.parametrize("chunks", [{}, "auto", {"trainId": -1}])
def test_dask_arrays_hold_the_same(run, chunks):
    ds = opened(run, source=CAMERA, chunks=chunks)
    np.testing.assert_array_equal(ds[PIXELS].compute(), run[CAMERA, PIXELS].ndarray())


def test_preferred_chunks_follow_files(run):
    ds = opened(run, source=HITS, chunks={})
    per_file = [7, 7, 6]
    counts = run[HITS].data_counts(labelled=False)
    expected = [int(part.sum()) for part in np.split(counts, np.cumsum(per_file)[:-1])]
    assert ds.chunks["trainId"] == tuple(expected)


def test_unread_dataset_survives_pickling(run):
    again = pickle.loads(pickle.dumps(opened(run, source=CAMERA)))
    np.testing.assert_array_equal(again[PIXELS], run[CAMERA, PIXELS].ndarray())


def test_index_groups_with_other_rows_are_opened_one_by_one(run):
    with pytest.raises(ValueError, match="index_group="):
        opened(run, source=GROUPS)
    assert set(opened(run, source=GROUPS, index_group="a")) == {"a.x", "a.trainId"}
    assert opened(run, source=GROUPS, index_group="b")["b.y"].shape == (20, 3)


def test_tree_has_all_sources(run):
    tree = xr.open_datatree(run, engine="euxfel")
    np.testing.assert_array_equal(
        tree[f"{CAMERA}/data"][PIXELS].values, run[CAMERA, PIXELS].ndarray()
    )
    assert tree[f"{GROUPS}/a"].sizes != tree[f"{GROUPS}/b"].sizes
    (leaf,) = xr.open_datatree(run, engine="euxfel", source="*MOTOR*").leaves
    assert leaf.path == f"/{MOTOR}"


def test_empty_selections(run):
    """B12: no trains."""
    ds = opened(run[:0], source=CAMERA)
    assert ds[PIXELS].load().shape == (0, 24, 32)
    assert ds[PIXELS].dtype == np.uint16


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [({}, ValueError, "give source="), ({"source": "A/B/C"}, SourceNameError, "A/B/C")],
)
def test_mistakes_are_named(run, options, error, words):
    with pytest.raises(error, match=words):
        opened(run, **options)


def test_other_files_are_left_to_others(written):
    """Without ``engine`` only open runs are taken."""
    guess = backend.EuxfelBackend().guess_can_open
    assert guess(RunDirectory(written.path))
    assert not guess(str(written.paths[0]))
    with pytest.raises(TypeError, match="a path, not a int"):
        opened(3)


def test_key_that_differs_between_files_is_left_out(tmp_path):
    """R8: never a silent cast, and the other keys stay usable."""
    other = defects.OtherType(source=MOTOR, key="actualPosition", dtype="i4", sequence=1)
    run = RunDirectory(replace(RUN, defects=(other,)).write(tmp_path).path)
    with pytest.warns(DataProblemWarning, match=r"actualPosition\.value is left out"):
        ds = opened(run, source=MOTOR)
    assert set(ds) == {"targetPosition", "isMoving"}
