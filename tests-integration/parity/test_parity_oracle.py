"""Both libraries give what a loop over plain h5py gives, for every value of every run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from parity.libraries import NAMES, Opened
from parity.makers import RECIPES
from parity.oracle import Oracle

every_run = pytest.mark.parametrize("run", [r.name for r in RECIPES], indirect=True)
each_library = pytest.mark.parametrize("lib", NAMES)


@each_library
@every_run
def test_trains_and_sources_are_those_in_the_files(run: Opened, lib: str) -> None:
    opened, truth = run.by(lib), run.oracle
    assert [int(t) for t in opened.train_ids] == truth.train_ids
    assert opened.control_sources == truth.control_sources
    assert opened.legacy_sources == truth.legacy_sources
    # Whether old names count as sources is a knowing difference ("old-names").
    old = set(truth.legacy_sources)
    assert opened.instrument_sources - old == truth.instrument_sources - old


@each_library
@every_run
def test_keys_types_and_entry_shapes_are_those_in_the_files(run: Opened, lib: str) -> None:
    opened, truth = run.by(lib), run.oracle
    for source in own_sources(truth):
        assert opened[source].keys() == truth.keys(source), source
        for key in truth.keys(source):
            data, dataset = opened[source, key], truth.dataset(source, key)
            assert data.dtype == dataset.dtype, (source, key)
            assert tuple(data.entry_shape) == dataset.shape[1:], (source, key)


@each_library
@every_run
def test_counts_are_those_of_the_index(run: Opened, lib: str) -> None:
    opened, truth = run.by(lib), run.oracle
    for source, key in one_key_per_group(truth):
        expected = truth.counts(source, key, truth.train_ids)
        data = opened[source, key]
        assert data.data_counts(labelled=False).tolist() == expected, (source, key)
        assert data.data_counts().tolist() == expected, (source, key)
        assert data.shape[0] == sum(expected)


@each_library
@every_run
def test_every_value_is_the_one_in_the_file(run: Opened, lib: str) -> None:
    opened, truth = run.by(lib), run.oracle
    wrong = [
        (source, key)
        for source, key in readable_keys(truth)
        if not equal(opened[source, key].ndarray(), truth.array(source, key, truth.train_ids))
    ]
    assert wrong == []


@each_library
@every_run
def test_a_selection_of_trains_has_the_values_of_those_trains(run: Opened, lib: str) -> None:
    opened, truth = run.by(lib), run.oracle
    trains = truth.train_ids[1::3]
    selected = opened[1::3]
    for source, key in one_key_per_group(truth):
        data = selected[source, key]
        assert equal(data.ndarray(), truth.array(source, key, trains)), (source, key)
        assert data.train_id_coordinates().tolist() == truth.coordinates(source, key, trains)


@each_library
@every_run
def test_run_values_are_those_in_the_files(run: Opened, lib: str) -> None:
    opened, truth = run.by(lib), run.oracle
    for source in truth.control_sources:
        found, expected = opened.get_run_values(source), truth.run_values(source)
        assert found.keys() == expected.keys(), source
        wrong = [key for key in expected if not equal(found[key], expected[key])]
        assert wrong == [], source


@each_library
@every_run
def test_timestamps_are_those_of_the_index(run: Opened, lib: str) -> None:
    found = run.by(lib).train_timestamps()
    expected = [
        np.datetime64("NaT") if stamp is None else np.datetime64(stamp, "ns")
        for stamp in run.oracle.timestamps()
    ]
    assert np.array_equal(found, np.array(expected, "M8[ns]"), equal_nan=True)


def own_sources(truth: Oracle) -> list[str]:
    """Sources under their own names: a legacy name is the same data again."""
    return sorted((truth.control_sources | truth.instrument_sources) - truth.legacy_sources.keys())


def readable_keys(truth: Oracle) -> Iterator[tuple[str, str]]:
    for source in own_sources(truth):
        for key in sorted(truth.keys(source)):
            if truth.dataset(source, key).nbytes < 32_000_000:
                yield source, key


def one_key_per_group(truth: Oracle) -> Iterator[tuple[str, str]]:
    """Give the smallest key of each index group, the one place where counts can differ."""
    for source in own_sources(truth):
        groups: dict[str, str] = {}
        for key in sorted(truth.keys(source), key=lambda k: (truth.dataset(source, k).nbytes, k)):
            group = "" if source in truth.control_sources else key.partition(".")[0]
            groups.setdefault(group, key)
        yield from ((source, key) for key in groups.values())


def equal(one: Any, other: Any) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return False
    if one.dtype.kind == "O":
        return bool(one.tolist() == other.tolist())
    return bool(one.tobytes() == other.tobytes())
