"""Bar R9: valid runs that nobody thought of; every way to the data gives what plain lists say.

The lists are made of the description of a run alone: train by train, the rows of each key.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from euxfel.core import RunDirectory, by_id
from euxfel.fileaccess.testing import (
    FORMAT_VERSIONS,
    ControlSource,
    Group,
    InstrumentSource,
    Key,
    Layout,
    SimulatedRun,
    Storage,
)

RUNS = 300

storages = st.sampled_from(
    [Storage(), Storage(chunk_rows=1), Storage(chunk_rows=3, deflate=1, shuffle=True)]
)
layouts = st.builds(
    Layout,
    index_style=st.sampled_from(["first_count", "first_last_status"]),
    index_padding=st.integers(0, 3),
    index_chunk=st.sampled_from([None, 1]),
    index_dtype=st.sampled_from(["u8", "i8", "u4"]),
    data_padding=st.integers(0, 2),
    metadata_padding=st.integers(0, 2),
    libver=st.sampled_from(["earliest", "latest"]),
)


@st.composite
def keys(draw):
    dtype = draw(st.sampled_from(["f4", "f8", "u2", "i8", "u1"]))
    shape = draw(st.sampled_from([(), (), (3,), (2, 2)]))
    return Key("deep.value" if draw(st.booleans()) else "x", dtype, shape, storage=draw(storages))


@st.composite
def devices(draw, number):
    if draw(st.booleans()):
        return ControlSource(f"A/DEVICE/{number}", (Key("position", "f8"), draw(keys())))
    entries = draw(st.sampled_from([1, 2, (0, 1), (0, 3, 1), (2, 0, 0, 1)]))
    groups = [Group("data", (draw(keys()),), entries=entries)]
    if draw(st.booleans()):
        groups.append(Group("more", (Key("y", "u4"),), entries=draw(st.integers(0, 2))))
    return InstrumentSource(f"A/DEVICE/{number}:output", tuple(groups))


@st.composite
def runs(draw):
    """A run without defects: trains and whole sources may be absent, everything else is whole."""
    steps = draw(st.lists(st.integers(1, 4), min_size=1, max_size=9))
    trains = (10000 + np.cumsum(steps)).tolist()
    aggregators, n = {}, 0
    for number in range(draw(st.integers(1, 2))):
        size = draw(st.integers(1, 2))
        aggregators[f"DA{number:02d}"] = tuple(draw(devices(n + i)) for i in range(size))
        n += size
    names = [s.name for sources in aggregators.values() for s in sources]
    some_trains = st.sets(st.sampled_from(trains), max_size=3)
    return SimulatedRun(
        aggregators,
        trains,
        trains_per_file=draw(st.sampled_from([None, 2, 5])),
        missing=draw(
            st.dictionaries(st.sampled_from([*names, *aggregators]), some_trains, max_size=2)
        ),
        format_version=draw(st.sampled_from(FORMAT_VERSIONS)),
        layout=draw(layouts),
    )


@dataclass
class Listed:
    """One key as plain lists: the rows of each train."""

    rows: dict[int, list[object]]
    entry_shape: tuple[int, ...]
    dtype: np.dtype

    @classmethod
    def of(cls, description, source, key, trains):
        values = description.expected(source, key, trains)
        group = key.partition(".")[0] if ":" in source else ""
        counts = description.expected_counts(source, group, trains).tolist()
        flat, rows = values.tolist(), {}
        for train, count in zip(trains, counts, strict=True):
            rows[train], flat = flat[:count], flat[count:]
        return cls(rows, values.shape[1:], values.dtype)

    def of_trains(self, trains):
        return [row for t in trains for row in self.rows[t]]


def keys_in(description):
    file = description.files[0]
    found = {(d.source, d.key) for f in (file, *description.files) for d in f.datasets()}
    return sorted((s, k) for s, k in found if not k.endswith("timestamp"))


def check_key(kd, listed, trains):
    """Everything that a key can be asked, for some trains."""
    rows = listed.of_trains(trains)
    counts = [len(listed.rows[t]) for t in trains]
    owners = [t for t in trains for _ in listed.rows[t]]
    assert kd.train_ids == trains
    assert kd.shape == (len(rows), *listed.entry_shape)
    assert kd.dtype == listed.dtype
    assert kd.data_counts(labelled=False).tolist() == counts
    assert kd.data_counts().to_dict() == dict(zip(trains, counts, strict=True))
    assert kd.train_id_coordinates().tolist() == owners
    start, stop = kd.train_index_bounds()
    assert (stop - start).tolist() == counts
    assert kd.ndarray().tolist() == rows
    labelled = kd.xarray()
    assert labelled.values.tolist() == rows
    assert labelled.trainId.values.tolist() == owners
    by_train = {t: v.tolist() for t, v in kd.trains(keep_dims=True)}
    assert by_train == {t: listed.rows[t] for t in trains if listed.rows[t]}
    single = {t: v.tolist() for t, v in kd.trains()}
    assert single == {t: v[0] if len(v) == 1 else v for t, v in by_train.items()}
    kept = [t for t in trains if listed.rows[t]]
    assert kd.drop_empty_trains().train_ids == kept
    if kept:
        tid, value = kd.train_from_id(kept[-1], keep_dims=True)
        assert (tid, value.tolist()) == (kept[-1], listed.rows[kept[-1]])
    if not listed.entry_shape:
        series = kd.series()
        assert series.tolist() == rows
        assert series.index.tolist() == owners
    parts = list(kd.split_trains(trains_per_part=2)) if trains else []
    assert [row for part in parts for row in part.ndarray().tolist()] == rows


def check_dask(kd, listed, trains):
    assert kd.dask_array().compute(scheduler="synchronous").tolist() == listed.of_trains(trains)


def check_run(run, model, trains):
    """What a run can be asked about all its sources together."""
    sources = {source for source, _ in model}
    assert run.train_ids == trains
    assert run.all_sources == sources
    everywhere = [t for t in trains if all(listed.rows[t] for listed in model.values())]
    anywhere = [t for t in trains if any(listed.rows[t] for listed in model.values())]
    assert run.select("*", require_all=True, warn_drop_trains_frac=2).train_ids == everywhere
    assert run.select("*", require_any=True, warn_drop_trains_frac=2).train_ids == anywhere
    seen = dict(run.trains(keep_dims=True, flat_keys=True))
    assert list(seen) == trains
    for (source, key), listed in model.items():
        found = {t: data[source, key].tolist() for t, data in seen.items() if (source, key) in data}
        # Control data has one row per train, and no dimension for it.
        wanted = {t: rows if ":" in source else rows[0] for t, rows in listed.rows.items() if rows}
        assert found == wanted


def check_counts_of_sources(run, model, trains):
    for source in sorted({s for s, _ in model}):
        most = [max(len(m.rows[t]) for (s, _), m in model.items() if s == source) for t in trains]
        assert run[source].data_counts(labelled=False).tolist() == most


@settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def test_every_accessor_gives_what_the_lists_say(data):
    """R9 of the bars; B1, B2, B16, B19, B40 and B41 where they happen to come up."""
    description = data.draw(runs())
    every = description.trains()
    model = {
        (source, key): Listed.of(description, source, key, every)
        for source, key in keys_in(description)
    }
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory(description.write(folder).path)
        check_run(run, model, every)
        chosen = sorted(data.draw(st.sets(st.sampled_from(every)))) if every else []
        part = run.select_trains(by_id[chosen])
        check_counts_of_sources(part, model, chosen)
        source, key = data.draw(st.sampled_from(sorted(model)))
        listed = model[source, key]
        check_key(run[source, key], listed, every)
        check_key(part[source, key], listed, chosen)
        if data.draw(st.integers(0, 5)) == 0:
            check_dask(part[source, key], listed, chosen)
        wanted = data.draw(st.slices(len(every)))
        assert run[wanted].union(part).train_ids == sorted({*every[wanted], *chosen})
        assert not run.problems
