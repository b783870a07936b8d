"""What is written of EXtra-data's mock runs reads as the runs, with both libraries."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import extra_data
import numpy as np
import pytest
from parity.libraries import Opened, Store
from parity.makers import BY_NAME

from euxfel.core import H5File
from euxfel.writer import NewFile, NewKey, VirtualOverviewFileWriter

# Everything of the runs when a release is made (EUXFEL_WHOLE_RUNS=1): ten minutes.
WHOLE_RUNS = "EUXFEL_WHOLE_RUNS" in os.environ
DATA_MAX = 1_000_000_000 if WHOLE_RUNS else 50_000_000
KEYS_MAX = None if WHOLE_RUNS else 40
FEW = ("spb_raw-1.3", "fxe-0.5", "jungfrau-1.0", "first_last_status-0.5")
LIBRARIES = {"EXtra-data": extra_data.H5File, "euxfel": H5File}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store()
    yield opened
    opened.close()


def few_sources(run: Any) -> Any:
    """Give two modules of each detector, some devices, and all else: they are all alike."""
    if WHOLE_RUNS:
        return run
    modules, devices = sorted(run.detector_sources), sorted(run.control_sources)
    left_out = set(modules[1:-1]) | set(devices[3:-3])
    return run.select(sorted((run.control_sources | run.instrument_sources) - left_out))


def few_trains(run: Any) -> Any:
    """Give as many trains as fit: one recipe claims 16 GB that were never written."""
    size = sum(run[source, key].nbytes for source, key in data_keys(run))
    return (
        run
        if size < DATA_MAX
        else run.select_trains(np.s_[: len(run.train_ids) * DATA_MAX // size])
    )


def data_keys(run: Any) -> Iterator[tuple[str, str]]:
    for source in sorted(run.all_sources - run.legacy_sources.keys()):
        for key in sorted(run[source].keys()):
            yield source, key


def assert_same_key(found: Any, expected: Any) -> None:
    data, wanted = found.ndarray(), expected.ndarray()
    assert data.dtype == wanted.dtype
    np.testing.assert_array_equal(data, wanted)
    np.testing.assert_array_equal(
        found.data_counts(labelled=False), expected.data_counts(labelled=False)
    )
    assert found.units == expected.units


def assert_same_run(found: Any, expected: Any) -> None:
    assert [int(t) for t in found.train_ids] == expected.train_ids
    assert set(found.all_sources) >= expected.all_sources - expected.legacy_sources.keys()
    about, wanted = found.run_metadata(), expected.run_metadata()
    assert {name: about[name] for name in wanted} == wanted | {
        # Files of several versions become one of one.
        "dataFormatVersion": about["dataFormatVersion"]
    }
    for source, key in data_keys(expected):
        assert_same_key(found[source, key], expected[source, key])
    for source in expected.control_sources:
        here, there = found[source].run_values(), expected[source].run_values()
        assert here.keys() == there.keys()
        assert all(np.array_equal(here[key], there[key]) for key in there)


def write_overview(run: Any, path: str) -> None:
    VirtualOverviewFileWriter(path, run).write()


WRITERS = {
    "copy": lambda run, path: run.write(path),
    "virtual": lambda run, path: run.write_virtual(path),
    "overview": write_overview,
}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", BY_NAME)
def test_both_libraries_read_what_was_written_of_a_mock_run(
    store: Store, name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: Opened = store.get(BY_NAME[name])
    # Virtual files lead out of their folder only where the reader allows it.
    folders = {os.path.dirname(f.filename) for f in run.ours.files}
    monkeypatch.setenv("EUXFEL_TRUSTED_FOLDERS", os.pathsep.join(sorted(folders)))
    path = str(tmp_path / "all.h5")
    with warnings.catch_warnings():
        # What mock runs warn about is compared elsewhere.
        warnings.simplefilter("ignore")
        some = few_trains(few_sources(run.ours))
        WRITERS[kind](some, path)
        for open_file in LIBRARIES.values():
            assert_same_run(open_file(path), some)


@pytest.mark.parametrize("method", ["write", "write_virtual"])
@pytest.mark.parametrize("name", FEW)
def test_what_the_other_library_wrote_of_a_mock_run_is_read(
    store: Store, name: str, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EXtra-data writes data and counts; both libraries find them in its files."""
    run: Opened = store.get(BY_NAME[name])
    folders = {os.path.dirname(f.filename) for f in run.theirs.files}
    monkeypatch.setenv("EUXFEL_TRUSTED_FOLDERS", os.pathsep.join(sorted(folders)))
    path = str(tmp_path / "all.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        some = few_trains(few_sources(run.ours))
        keys = [(s, k) for s, k in data_keys(some) if some[s, k].nbytes][:KEYS_MAX]
        wanted: dict[str, set[str]] = {}
        for source, key in keys:
            wanted.setdefault(source, set()).add(key)
        getattr(run.theirs.select(wanted).select_trains(extra_data.by_id[some.train_ids]), method)(
            path
        )
        found = H5File(path)
        for source, key in keys:
            data, counts = found[source, key], found[source, key].data_counts(labelled=False)
            np.testing.assert_array_equal(data.ndarray(), some[source, key].ndarray())
            known = dict(zip(data.train_ids, counts.tolist(), strict=True))
            expected = some[source, key].data_counts(labelled=False).tolist()
            pairs = zip(some.train_ids, expected, strict=True)
            assert [known.get(int(t), 0) for t, _ in pairs] == expected


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_both_libraries_read_new_files(tmp_path: Path, library: str, version: str) -> None:
    path = tmp_path / "RAW-R0007-DA01-S00000.h5"
    camera, motor = "LAB/CAM/1:out", "LAB/MOTOR/X"
    images = np.arange(1, 97, dtype="u2").reshape(4, 4, 6)
    with NewFile(path, run=7, format_version=version) as file:
        file.add_control(motor, {"position": NewKey("f8", attributes={"unitSymbol": "m"})})
        file.add_instrument(camera, {"data.image": NewKey("u2", (4, 6), compression=1)})
        file.append(
            [11, 12, 13],
            {motor: {"position": [0.5, 0.6, 0.7]}, camera: {"data.image": images}},
            counts={camera: {"data": [3, 0, 1]}},
            suspect=[12],
        )
    with warnings.catch_warnings():
        # EXtra-data warns of format 1.1.
        warnings.simplefilter("ignore")
        run = LIBRARIES[library](str(path))
        trusted = LIBRARIES[library](str(path), inc_suspect_trains=False)
    assert [int(t) for t in run.train_ids] == [11, 12, 13]
    assert [int(t) for t in trusted.train_ids] == [11, 13]
    np.testing.assert_array_equal(run[camera, "data.image"].ndarray(), images)
    assert run[camera, "data.image"].data_counts(labelled=False).tolist() == [3, 0, 1]
    assert run[motor, "position"].ndarray().tolist() == [0.5, 0.6, 0.7]
    assert run[motor, "position"].units == "m"
    assert run[motor].run_value("position") == 0.5
