"""Values of one train: the names that they are found by."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, camera, motor

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
SHORT, FULL = "actualPosition", "actualPosition.value"
RUN = SimulatedRun(
    {"DA01": (motor(),), "DA02": camera()}, trains_per_file=7, missing={MOTOR: (10003,)}
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return RUN.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(written):
    return RunDirectory(written.path)


def values(run, train_id, flat_keys):
    _, data = run.train_from_id(train_id, flat_keys=flat_keys)
    return data if flat_keys else {(s, k): v for s, d in data.items() for k, v in d.items()}


@pytest.mark.parametrize("flat_keys", [False, True])
def test_keys_are_full_names(run, flat_keys):
    """R9: the names are those with ``.value``."""
    names = {key for source, key in values(run, 10008, flat_keys) if source == MOTOR}
    stored = {f"{p}.{e}" for p in (SHORT, "targetPosition", "isMoving")
              for e in ("value", "timestamp")}  # fmt: skip
    assert names - {"metadata"} == stored


def test_short_names_find_values_too(run, written):
    """R9: the name without ``.value`` finds the same value."""
    expected = written.expected(MOTOR, FULL, [10008])[0]
    _, nested = run.train_from_id(10008)
    _, flat = run.train_from_id(10008, flat_keys=True)
    for found in (nested[MOTOR][SHORT], nested[MOTOR].get(SHORT), flat[MOTOR, SHORT]):
        assert found == expected
    assert SHORT in nested[MOTOR]
    assert (MOTOR, SHORT) in flat
    assert flat.get((MOTOR, SHORT)) == expected


def test_names_that_are_not_there(run):
    _, data = run.train_from_id(10008)
    with pytest.raises(KeyError, match="speed"):
        data[MOTOR]["speed"]
    assert data[MOTOR].get("speed", 7) == 7
    assert "speed" not in data[MOTOR]
    assert 3 not in data[MOTOR]


@pytest.mark.parametrize("flat_keys", [False, True])
def test_missing_data_is_absent(run, flat_keys):
    """B19: control data that a train lacks is not there, and no error."""
    found = values(run, 10003, flat_keys)
    assert (MOTOR, FULL) not in found
    assert (CAMERA, "data.image.pixels") in found


def test_require_all_skips_incomplete_trains(run):
    trains = [t for t, _ in run.trains([MOTOR, CAMERA], require_all=True)]
    assert trains == [t for t in range(10000, 10020) if t != 10003]


def test_single_rows_lose_their_dimension(run):
    key = "data.image.pixels"
    assert run.train_from_index(2)[1][CAMERA][key].shape == (24, 32)
    assert run.train_from_index(2, keep_dims=True)[1][CAMERA][key].shape == (1, 24, 32)


def test_one_train_is_that_of_all(run):
    """One train by ID, by position and in turn: the same values."""
    by_turn = dict(run.trains(flat_keys=True))
    for i, train_id in enumerate(run.train_ids):
        for _, data in (
            run.train_from_id(int(train_id), flat_keys=True),
            run.train_from_index(i, flat_keys=True),
        ):
            assert data.keys() == by_turn[train_id].keys()
            for name, value in data.items():
                np.testing.assert_array_equal(value, by_turn[train_id][name])


def test_values_survive_pickling(run):
    _, data = run.train_from_id(10008)
    again = pickle.loads(pickle.dumps(data))
    assert again[MOTOR][SHORT] == data[MOTOR][FULL]
