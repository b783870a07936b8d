"""Several keys in one Dataset: aligned by train, gaps told from data."""

from __future__ import annotations

import numpy as np
import pytest

from euxfel.core import RunDirectory, aligned
from euxfel.fileaccess.testing import (
    ControlSource,
    Group,
    InstrumentSource,
    Key,
    SimulatedRun,
    camera,
    detections,
    every_type,
    motor,
)

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
HITS = "SQS_REMI_DLD6/DET/TOP:output"
TYPES = "SPB_TEST/DEVICE/TYPES"
PAIRS = "SPB_TEST/DEVICE/PAIRS:output"
IMAGES = (CAMERA, "data.image.pixels")
POSITION = (MOTOR, "actualPosition")
TRAINS = list(range(10000, 10020))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    pairs = InstrumentSource(PAIRS, (Group("data", (Key("pair", "f4", (3,)),), entries=(2,)),))
    sources = {"DA01": (motor(), every_type()), "DA02": (*camera(), detections(), pairs)}
    absent = {CAMERA: (10004, 10011), TYPES: (10004, 10007)}
    run = SimulatedRun(sources, TRAINS, trains_per_file={"DA01": 7}, missing=absent)
    return run.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(written):
    return RunDirectory(written.path)


def expected(written, pair, trains):
    source, key = pair
    key = key if ":" in source else f"{key}.value"
    return written.expected(source, key, trains)


def test_default_join_keeps_trains_with_all_data(run, written):
    data = run.xarray({"x": POSITION, "image": IMAGES})
    trains = [t for t in TRAINS if t not in (10004, 10011)]
    assert data.trainId.values.tolist() == trains
    np.testing.assert_array_equal(data.x, expected(written, POSITION, trains))
    np.testing.assert_array_equal(data.image, expected(written, IMAGES, trains))
    assert data.image.dtype == np.uint16
    assert data.image.dims == ("trainId", "image_dim_0", "image_dim_1")
    assert "fill_value" not in data.image.attrs


def test_variables_say_where_they_are_from(run):
    attrs = run.xarray({"x": POSITION}).x.attrs
    assert attrs == {"source": MOTOR, "key": "actualPosition", "units": "mm"}


def test_outer_join_marks_gaps_with_nan(run, written):
    """B38: gaps can be told from data, and are never 0."""
    data = run.xarray({"x": POSITION, "image": IMAGES}, join="outer")
    assert data.trainId.values.tolist() == TRAINS
    assert data.image.dtype == np.float32
    assert np.isnan(data.image.attrs["fill_value"])
    gone = data.image.sel(trainId=[10004, 10011])
    assert np.isnan(gone).all()
    there = data.image.drop_sel(trainId=[10004, 10011])
    np.testing.assert_array_equal(there, expected(written, IMAGES, there.trainId.values))
    assert not np.isnan(data.x).any()


@pytest.mark.parametrize(
    ("code", "as_float"),
    [("u1", "f4"), ("i2", "f4"), ("u2", "f4"), ("i4", "f8"), ("u4", "f8"), ("f4", "f4")],
)
def test_small_integers_become_floats_that_hold_them(run, written, code, as_float):
    pair = (TYPES, f"number.{code}")
    data = run.xarray({"n": pair, "x": POSITION}, join="outer").n
    assert data.dtype == as_float
    trains = [t for t in TRAINS if t not in (10004, 10007)]
    np.testing.assert_array_equal(data.sel(trainId=trains), expected(written, pair, trains))


@pytest.mark.parametrize("code", ["i8", "u8"])
def test_large_integers_need_a_fill_value(run, written, code):
    """Floats would change them in silence."""
    pair = (TYPES, f"number.{code}")
    with pytest.raises(ValueError, match=r"trains 10004, 10007.*fill_value=\{'n'"):
        run.xarray({"n": pair, "x": POSITION}, join="outer")
    data = run.xarray({"n": pair, "x": POSITION}, join="outer", fill_value={"n": 77}).n
    assert data.dtype == code
    assert data.attrs["fill_value"] == 77
    assert data.sel(trainId=[10004, 10007]).values.tolist() == [77, 77]
    np.testing.assert_array_equal(
        data.drop_sel(trainId=[10004, 10007]),
        expected(written, pair, [t for t in TRAINS if t not in (10004, 10007)]),
    )


def test_missing_strings_are_nan(run, written):
    data = run.xarray({"text": (TYPES, "text"), "x": POSITION}, join="outer").text
    assert np.isnan(data.sel(trainId=10004).item())
    assert data.sel(trainId=10005).item() == expected(written, (TYPES, "text"), [10005])[0]


@pytest.mark.parametrize("fill_value", [-1, 3.5, 70000, np.nan, "no"])
def test_fill_value_must_be_of_the_type(run, fill_value):
    """A value that would be cast is refused: R8."""
    with pytest.raises(ValueError, match="no value of type uint16"):
        run.xarray({"x": POSITION, "image": IMAGES}, join="outer", fill_value=fill_value)


def test_fill_value_for_all(run):
    data = run.xarray({"x": POSITION, "image": IMAGES}, join="outer", fill_value=9)
    assert (data.image.sel(trainId=10011) == 9).all()
    assert data.image.attrs["fill_value"] == 9


def test_same_number_of_rows_is_a_dimension(run, written):
    data = run.xarray(
        {"pair": (PAIRS, "data.pair"), "x": POSITION}, extra_dims={"pair": ["row", "axis"]}
    )
    assert dict(data.sizes) == {"trainId": 20, "row": 2, "axis": 3}
    flat = data.pair.values.reshape(-1, 3)
    np.testing.assert_array_equal(flat, written.expected(PAIRS, "data.pair", TRAINS))


def test_other_numbers_of_rows_are_refused(run):
    with pytest.raises(ValueError, match=r"rec\.hits has 1 to 5 rows per train"):
        run.xarray({"hits": (HITS, "rec.hits")})
    fives = run[3::5].xarray({"hits": (HITS, "rec.hits"), "x": POSITION})
    assert fives.hits.shape == (4, 5)


def test_aliases_name_keys(run):
    aliased = run.with_aliases({"sample-x": POSITION, "motor": MOTOR})
    data = aliased.xarray(["sample-x", IMAGES])
    assert list(data) == ["sample-x", f"{CAMERA}.data.image.pixels"]
    with pytest.raises(TypeError, match="'motor' stands for a source"):
        aliased.xarray({"m": "motor"})


def test_offsets_are_honoured(run, written):
    data = run.with_train_offset(MOTOR, 2).xarray({"x": POSITION, "image": IMAGES})
    trains = data.trainId.values.astype(int)
    assert trains.min() == 10002
    np.testing.assert_array_equal(data.x, expected(written, POSITION, trains - 2))
    np.testing.assert_array_equal(data.image, expected(written, IMAGES, trains))


def test_one_go_of_the_engine(run, monkeypatch):
    calls = []
    original = aligned.read_block
    monkeypatch.setattr(aligned, "read_block", lambda *a: calls.append(a) or original(*a))
    run.xarray({"x": POSITION, "image": IMAGES, "t": (TYPES, "number.f4")})
    assert len(calls) == 1


def test_nothing_selected(run):
    """B12: no trains, and no keys."""
    data = run[:0].xarray({"x": POSITION, "image": IMAGES})
    assert data.image.shape == (0, 24, 32)
    assert data.image.dtype == np.uint16
    assert dict(run.xarray({}).sizes) == {"trainId": 0}


@pytest.mark.parametrize(
    ("keys", "options", "error", "words"),
    [
        ("x", {}, TypeError, "dictionary of names"),
        ({"x": POSITION}, {"join": "left"}, ValueError, "join='left'"),
        ({"x": POSITION}, {"fill_value": {"y": 3}}, ValueError, "fill_value names 'y'"),
        ({"x": POSITION}, {"extra_dims": {"y": []}}, ValueError, "extra_dims names 'y'"),
        ({"x": POSITION}, {"extra_dims": {"x": ["a"]}}, ValueError, "0 dimensions"),
        ({"trainId": POSITION}, {}, ValueError, "another name"),
        ({"x": (MOTOR, "speed")}, {}, KeyError, "speed"),
    ],
)
def test_mistakes_are_named(run, keys, options, error, words):
    with pytest.raises(error, match=words):
        run.xarray(keys, **options)


def test_gap_in_one_file_only(tmp_path):
    """B2: a source that is absent from a whole file."""
    slow = ControlSource("A/B/C", (Key("value", "f8"),))
    run = SimulatedRun({"DA01": (slow,), "DA02": (motor(),)}, trains_per_file=10)
    described = SimulatedRun(
        run.aggregators, TRAINS, trains_per_file=10, missing={"DA01": tuple(TRAINS[10:])}
    )
    opened = RunDirectory(described.write(tmp_path).path)
    data = opened.xarray([("A/B/C", "value"), POSITION], join="outer")
    assert np.isnan(data["A/B/C.value"]).values.tolist() == [False] * 10 + [True] * 10
