"""How old control values are, against a count by hand over planted timestamps."""

from __future__ import annotations

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core import PropertyNameError, RunDirectory, by_id
from euxfel.core.age import _last_change
from euxfel.fileaccess.testing import SimulatedRun, camera, motor

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
KEY = "actualPosition"
TRAINS = range(10000, 10020)
MISSING = (10006, 10013)
SUSPECT = 10017
# Updated in 10000, 10003, 10008 and 10014, by files of 7 trains.
UPDATES = (10000, 10003, 10008, 10014)


def last_update(train_id):
    return max(u for u in UPDATES if u <= train_id)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    described = SimulatedRun(
        {"DA01": (motor(),), "DA02": camera()},
        TRAINS,
        trains_per_file=7,
        missing={MOTOR: MISSING},
        suspect=frozenset({SUSPECT}),
        format_version="1.3",
    )
    written = described.write(tmp_path_factory.mktemp("data"))
    for path in written.paths:
        if "DA01" in path.name:
            plant_updates(path)
    return RunDirectory(written.path)


def plant_updates(path):
    with h5py.File(path, "r+") as h5:
        trains = [int(t) for t in h5["INDEX/trainId"][:] if t and t not in MISSING]
        stamps = h5[f"CONTROL/{MOTOR}/{KEY}/timestamp"]
        stamps[: len(trains)] = [10**18 + last_update(t) for t in trains]


def by_hand(train_ids):
    known = {t: t - last_update(t) for t in TRAINS if t not in MISSING and t != SUSPECT}
    return [known.get(int(t), -1) for t in train_ids]


def test_age_counts_trains_since_the_last_update(run):
    ages = run[MOTOR, KEY].age()
    assert ages.dtype == np.int64
    assert ages.tolist() == by_hand(TRAINS)
    assert ages[-1] == 5


def test_trains_outside_the_selection_count(run):
    """The age does not depend on where a selection starts, nor across files."""
    assert run[MOTOR, KEY][by_id[10007:]].age()[0] == 4
    assert run.select_trains(by_id[[10012]])[MOTOR, KEY].age().tolist() == [4]
    assert run.select([(MOTOR, KEY)])[MOTOR, KEY].age().tolist() == by_hand(TRAINS)


def test_labelled_age_has_every_train(run):
    """B2: labelled and unlabelled cover all selected trains."""
    ages = run[MOTOR, KEY].age(labelled=True)
    assert ages.index.tolist() == list(TRAINS)
    assert ages.dtype == pd.Int64Dtype()
    assert ages.isna()[ages.isna()].index.tolist() == [*MISSING, SUSPECT]
    assert ages.dropna().tolist() == [a for a in by_hand(TRAINS) if a >= 0]


def test_timestamp_key_has_the_age_of_its_value(run):
    assert run[MOTOR, f"{KEY}.timestamp"].age().tolist() == by_hand(TRAINS)


def test_stale_trains_can_be_dropped(run):
    fresh = run[MOTOR, KEY].drop_stale_trains(2)
    assert fresh.train_ids == [t for t, age in zip(TRAINS, by_hand(TRAINS), strict=True)
                               if 0 <= age <= 2]  # fmt: skip


def test_age_goes_by_moved_trains(run):
    moved = run.with_train_offset(MOTOR, 4)
    assert moved[MOTOR, KEY].age().tolist() == [-1] * 4 + by_hand(TRAINS)[:-4]


def test_no_trains(run):
    """B12: a selection of zero trains."""
    assert run[MOTOR, KEY][:0].age().tolist() == []


def test_key_without_timestamps(run):
    camera_key = run["SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.bitsPerPixel"]
    with pytest.raises(PropertyNameError, match=r"data\.image\.bitsPerPixel has no timestamps"):
        camera_key.age()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=12))
def test_last_change_is_where_equal_stamps_begin(steps):
    trains = np.cumsum([1, *(gap for gap, _ in steps)]).astype(np.uint64)[1:]
    stamps = [stamp for _, stamp in steps]
    found = _last_change(np.array(stamps, dtype=np.uint64), trains)
    for i, stamp in enumerate(stamps):
        first = i
        while first and stamps[first - 1] == stamp:
            first -= 1
        assert found[i] == trains[first]
