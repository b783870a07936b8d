"""Selections compose as sets do, and counts are what the indexes of the files say."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core import RunDirectory, by_id
from euxfel.fileaccess.testing import SimulatedRun, camera, defects, detections, motor, xgm

FIRST, N = 10000, 20
MISSING = {"DA02": (10003, 10004), "SQS_REMI_DLD6/DET/TOP:output": (10010,)}
RUN = SimulatedRun(
    {"DA01": (*xgm(), motor()), "DA02": camera(), "DA03": (detections(),)},
    range(FIRST, FIRST + N),
    trains_per_file={"DA01": 6, "DA03": 11},
    missing=MISSING,
)

often = settings(deadline=None, max_examples=40)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return RUN.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(written):
    return RunDirectory(written.path)


@dataclass(frozen=True)
class Model:
    """Trains and keys by source, as plain sets."""

    trains: frozenset[int]
    keys: dict[str, frozenset[str]]

    @classmethod
    def of(cls, data):
        sources = data.control_sources | data.instrument_sources
        return cls(
            frozenset(map(int, data.train_ids)), {s: frozenset(data[s].keys()) for s in sources}
        )

    def with_trains(self, trains):
        return replace(self, trains=frozenset(trains))

    def union(self, other):
        names = self.keys.keys() | other.keys.keys()
        none = frozenset()
        keys = {s: self.keys.get(s, none) | other.keys.get(s, none) for s in names}
        return Model(self.trains | other.trains, keys)

    def narrowed(self, keys):
        return replace(self, keys={s: self.keys[s] & wanted for s, wanted in keys.items()})

    def without(self, keys):
        left = {s: k - keys.get(s, frozenset()) for s, k in self.keys.items()}
        return replace(self, keys={s: k for s, k in left.items() if k})


@st.composite
def keys_of(draw, model):
    """Some keys of some sources."""
    sources = draw(st.sets(st.sampled_from(sorted(model.keys)), min_size=1))
    return {
        s: frozenset(draw(st.sets(st.sampled_from(sorted(model.keys[s])), min_size=1)))
        for s in sorted(sources)
    }


slices = st.slices(N)


@st.composite
def steps(draw, data, model):
    """A selection made of a few steps, and the same made of sets."""
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["slice", "ids", "select", "deselect"]))
        trains = sorted(model.trains)
        if kind == "slice":
            wanted = draw(slices)
            data, model = data[wanted], model.with_trains(trains[wanted])
        elif kind == "ids" and trains:
            ids = draw(st.sets(st.sampled_from(trains), min_size=1))
            data, model = data[by_id[sorted(ids)]], model.with_trains(ids)
        elif kind == "select" and model.keys:
            keys = draw(keys_of(model))
            data = data.select({s: set(k) for s, k in keys.items()})
            model = model.narrowed(keys)
        elif kind == "deselect" and model.keys:
            keys = draw(keys_of(model))
            data = data.deselect({s: set(k) for s, k in keys.items()})
            model = model.without(keys)
    return data, model


@often
@given(st.data())
def test_selections_are_sets(run, draw):
    data, model = draw.draw(steps(run, Model.of(run)))
    assert Model.of(data) == model
    assert data.train_ids == sorted(model.trains)


@often
@given(st.data())
def test_unions_are_unions_of_sets(run, draw):
    """Also: the order does not matter, and the union with itself is the same."""
    whole = Model.of(run)
    (a, model_a), (b, model_b), (c, model_c) = (draw.draw(steps(run, whole)) for _ in range(3))
    assert Model.of(a | b) == Model.of(b | a) == model_a.union(model_b)
    assert Model.of(a | a) == model_a
    assert Model.of((a | b) | c) == Model.of(a | (b | c)) == Model.of(a.union(b, c))
    assert Model.of(a.union(b, c)) == model_a.union(model_b).union(model_c)


@often
@given(st.data())
def test_data_follows_the_selection(run, written, draw):
    (a, _), (b, _) = (draw.draw(steps(run, Model.of(run))) for _ in range(2))
    both = a | b
    for source in sorted(both.control_sources | both.instrument_sources):
        key = both[source].one_key()
        kd = both[source, key]
        expected = written.expected(source, key, kd.drop_empty_trains().train_ids)
        np.testing.assert_array_equal(kd.ndarray(), expected)
        assert kd.train_ids == both.train_ids


@often
@given(st.data(), st.integers(1, 25))
def test_parts_make_up_the_whole(run, draw, size):
    data, model = draw.draw(steps(run, Model.of(run)))
    parts = list(data.split_trains(trains_per_part=size))
    assert [t for part in parts for t in part.train_ids] == data.train_ids
    assert all(0 < len(part.train_ids) <= size for part in parts) or not model.trains
    if parts:
        assert Model.of(parts[0].union(*parts[1:])) == model


@often
@given(slices, slices)
def test_slices_compose_as_those_of_lists(run, first, second):
    assert run[first][second].train_ids == sorted(sorted(run.train_ids[first])[second])
    motor_position = run["SPB_IRU_SAMPLE/MOTOR/X", "actualPosition"]
    assert motor_position[first][second].train_ids == run[first][second].train_ids


# ---- counts -----------------------------------------------------------------------------------


def counts_by_hand(paths, source, group):
    """Rows by train as the indexes have them; the later file with data counts."""
    found = {}
    for path in sorted(paths):
        with h5py.File(path) as h5:
            index = f"INDEX/{source}/{group}".rstrip("/")
            if index not in h5:
                continue
            trains = h5["INDEX/trainId"][:].tolist()
            counts = h5[f"{index}/count"][:].tolist()
            in_file = {}
            for train, count in zip(trains, counts, strict=True):
                if train:
                    in_file.setdefault(train, count)
            for train, count in in_file.items():
                if count or train not in found:
                    found[train] = count
    return found


def groups_of(run):
    for source in sorted(run.control_sources | run.instrument_sources):
        for group in sorted(run[source].index_groups):
            yield source, group


@often
@given(wanted=slices)
def test_counts_are_those_of_the_indexes(run, written, wanted):
    """B1, B2: one count per selected train."""
    part = run[wanted]
    for source, group in groups_of(part):
        by_hand = counts_by_hand(written.paths, source, group)
        expected = [by_hand.get(int(t), 0) for t in part.train_ids]
        counts = part[source].data_counts(labelled=False, index_group=group)
        assert counts.tolist() == expected
        labelled = part[source].data_counts(index_group=group)
        assert labelled.index.tolist() == part.train_ids
        assert labelled.tolist() == expected


@pytest.mark.parametrize(
    "defect",
    [
        defects.TrainsSwapped(aggregator="DA03"),
        defects.Overlap(aggregator="DA01"),
        defects.TrainTwice(aggregator="DA01", sequence=0),
        defects.TrainsMissing(aggregator="DA03", train_ids=(10005, 10006)),
    ],
    ids=lambda defect: type(defect).__name__,
)
def test_counts_of_damaged_runs_are_those_of_the_indexes(tmp_path, defect):
    """B3, B48, R3: trains out of order, in two files, twice in one."""
    written = RUN.with_defect(defect).write(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = RunDirectory(written.path)
    for source, group in groups_of(run):
        by_hand = counts_by_hand(written.paths, source, group)
        counts = run[source].data_counts(labelled=False, index_group=group)
        assert counts.tolist() == [by_hand.get(int(t), 0) for t in run.train_ids]


def test_no_trains_selected(run):
    """B12: right type and shape, and RUN is readable."""
    none = run[:0]
    for source in sorted(none.control_sources | none.instrument_sources):
        sd = none[source]
        assert sd.data_counts(labelled=False).tolist() == []
        for key in sorted(sd.keys()):
            kd, whole = sd[key], run[source, key]
            data = kd.ndarray()
            assert (data.shape, data.dtype) == ((0, *whole.entry_shape), whole.ndarray().dtype)
            assert list(kd.trains()) == []
            assert kd.dask_array().shape == data.shape
            assert kd.xarray().sizes["trainId"] == 0
    assert none["SPB_IRU_SAMPLE/MOTOR/X"].run_value("classId") == "BeckhoffMotor"
    assert list(none.trains()) == []
    assert len(none.get_dataframe()) == 0
    none.info()


def test_nothing_goes_on_for_ever(run):
    """B43: no iteration by counting up subscripts."""
    for data in (run, run["SPB_IRU_SAMPLE/MOTOR/X"], run["SPB_IRU_SAMPLE/MOTOR/X", "isMoving"]):
        with pytest.raises(TypeError, match="not iterable"):
            iter(data)
