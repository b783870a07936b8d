"""Files of virtual datasets: what they show is what the run holds, or there is no file."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from euxfel.core import DataCollection, DataError, H5File, RunDirectory, by_index
from euxfel.fileaccess import TargetExistsError, WriteError
from euxfel.fileaccess.testing import (
    SimulatedRun,
    motor,
    run_only,
    small_run,
    with_legacy_name,
    xgm,
)
from euxfel.fileaccess.testing.defects.cases import CASES
from euxfel.writer import VirtualFileWriter
from euxfel.writer.testing import each_fault

CAMERA, PIXELS = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels"
XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
DAMAGED = "corrupt-chunk"


def opened(path: Path, **options: Any) -> DataCollection:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (H5File if path.is_file() else RunDirectory)(path, **options)


def present(run: DataCollection) -> list[str]:
    return sorted(run.control_sources | run.instrument_sources)


def all_keys(run: DataCollection) -> list[tuple[str, str]]:
    return [(source, key) for source in present(run) for key in sorted(run[source].keys())]


def values(data: Any) -> Any:
    """Give the values; None where they are refused."""
    try:
        return data.ndarray()
    except DataError:
        return None


def assert_alike(made: DataCollection, run: DataCollection) -> None:
    """Fail unless two collections hold the same sources, keys, counts, values and snapshots."""
    assert made.all_sources == run.all_sources
    assert made.legacy_sources == run.legacy_sources
    assert made.train_ids == run.train_ids
    for source in present(run):
        assert made[source].keys() == run[source].keys()
        assert made[source].data_counts(labelled=False).tolist() == (
            run[source].data_counts(labelled=False).tolist()
        )
        if source in run.control_sources:
            before, after = run[source].run_values(), made[source].run_values()
            assert str(sorted(after.items())) == str(sorted(before.items()))
    for source, key in all_keys(run):
        old, new = run[source, key], made[source, key]
        np.testing.assert_array_equal(values(new), values(old))
        assert (new.dtype, new.shape) == (old.dtype, old.shape)
        assert str(new.attributes()) == str(old.attributes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run().write_flat(tmp_path_factory.mktemp("small")).path


# One case for each row of known defects.
ROWS = {case.row: name for name, case in CASES.items()}


@pytest.mark.parametrize("name", ROWS.values(), ids=ROWS)
def test_each_defect_is_shown_as_the_run_reads_or_refused(name: str, tmp_path: Path) -> None:
    """B1..B49, R3, R7, R8: the file reads as the run does; data that is refused is not shown."""
    run = opened(CASES[name].run.write_flat(tmp_path / "run").path)
    path = tmp_path / "run" / "virtual.h5x"
    # A chunk that is damaged is so behind a virtual dataset too.
    refused = {s for s, k in all_keys(run) if values(run[s, k]) is None} if name != DAMAGED else ()
    if refused:
        with pytest.raises(DataError, match="INSTRUMENT/"):
            run.write_virtual(path)
        assert not path.exists()
        run = run.deselect([(source, "*") for source in refused])
    run.write_virtual(path)
    assert_alike(opened(path), run)


def test_metadata_times_and_flags_are_kept(tmp_path: Path) -> None:
    described = SimulatedRun({"DA01": (motor("A/MOTOR/X"),)}, suspect=frozenset({10004}))
    run = opened(described.write_flat(tmp_path).path)
    run.write_virtual(tmp_path / "virtual.h5x")
    made = opened(tmp_path / "virtual.h5x")
    assert made.suspect_train_ids.tolist() == [10004]
    assert (made.train_timestamps() == run.train_timestamps()).all()
    about, same = made.run_metadata(), run.run_metadata()
    assert (about.pop("dataFormatVersion"), same.pop("dataFormatVersion")) == ("1.0", "1.2")
    assert about == same


@pytest.mark.parametrize(("suspect", "version"), [((), "0.5"), ((10004,), "1.0")])
def test_the_oldest_format_stays_unless_it_could_not_tell_suspect_trains(
    tmp_path: Path, suspect: tuple[int, ...], version: str
) -> None:
    trains = [t if t not in suspect else 5 for t in range(10000, 10020)]
    source = {"DA01": (motor("A/MOTOR/X"),)}
    described = SimulatedRun(source, trains, format_version="0.5", suspect=frozenset({5}))
    run = opened(described.write_flat(tmp_path).path)
    run.write_virtual(tmp_path / "virtual.h5x")
    made = opened(tmp_path / "virtual.h5x")
    assert made.run_metadata()["dataFormatVersion"] == version
    assert made.suspect_train_ids.tolist() == run.suspect_train_ids.tolist()


def test_old_names_are_links(tmp_path: Path) -> None:
    sources = {
        "DA01": (motor("A/MOTOR/X"), *(with_legacy_name(s, "OLD/XGM/1:output") for s in xgm()[1:]))
    }
    run = opened(SimulatedRun(sources).write_flat(tmp_path).path)
    run.write_virtual(tmp_path / "virtual.h5x")
    made = opened(tmp_path / "virtual.h5x")
    assert made.legacy_sources == {"OLD/XGM/1:output": f"{XGM}:output"}
    assert_alike(made, run)


@pytest.mark.parametrize("way", ["moved", "shorter"])
def test_a_missing_source_raises_on_reading(tmp_path: Path, way: str) -> None:
    """B46, B47: never fill values, and no word."""
    written = small_run().write_flat(tmp_path)
    opened(tmp_path).write_virtual(tmp_path / "virtual.h5x")
    victim = written.paths[1]
    victim.rename(tmp_path / "elsewhere")
    if way == "shorter":
        [made, *_] = small_run(4).write_flat(tmp_path / "other").paths
        made.rename(victim)
    data = opened(tmp_path / "virtual.h5x")[f"{XGM}:output", "data.intensityTD"]
    with pytest.raises(DataError, match=victim.name):
        data.ndarray()
    expected = written.expected(data.source, data.key, range(10000, 10010))
    np.testing.assert_array_equal(data[by_index[:10]].ndarray(), expected)


def test_a_run_without_selected_trains_is_shown_empty(folder: Path, tmp_path: Path) -> None:
    """B12: types and shapes are known, rows there are none."""
    run = opened(folder).select_trains(by_index[:0])
    run.write_virtual(tmp_path / "virtual.h5")
    made = opened(tmp_path / "virtual.h5")
    assert_alike(made, run)
    assert made[CAMERA, PIXELS].shape == run[CAMERA, PIXELS].shape


def test_sources_with_a_snapshot_only_are_kept(tmp_path: Path) -> None:
    """B18."""
    sources = {"DA01": (motor("A/MOTOR/X"), run_only())}
    run = opened(SimulatedRun(sources).write_flat(tmp_path).path)
    run.write_virtual(tmp_path / "virtual.h5x")
    assert_alike(opened(tmp_path / "virtual.h5x"), run)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    trains=st.lists(st.booleans(), min_size=20, max_size=20).map(np.array),
    keys=st.sets(st.sampled_from(["data.intensityTD", "data.trainId", "data.intensitySa1TD"])),
    offset=st.integers(-3, 3),
)
def test_any_selection_is_shown_as_it_reads(
    folder: Path, tmp_path: Path, trains: Any, keys: set[str], offset: int
) -> None:
    run = opened(folder).select_trains(trains)
    chosen = {f"{XGM}:output": keys, XGM: set(), CAMERA: set()}
    run = run.select(chosen).with_train_offset(CAMERA, offset)
    # Beside the run, where its sources may be followed.
    path = folder / "any.h5x"
    run.write_virtual(path, overwrite=True)
    assert_alike(opened(path), run)


def test_a_virtual_dataset_of_one_key(folder: Path, tmp_path: Path) -> None:
    run = opened(folder)
    dataset = run.get_virtual_dataset(XGM, "pulseEnergy.photonFlux", tmp_path / "one.h5")
    assert dataset.is_virtual
    assert dataset.name == f"/CONTROL/{XGM}/pulseEnergy/photonFlux/value"
    np.testing.assert_array_equal(dataset[:], run[XGM, "pulseEnergy.photonFlux"].ndarray())
    assert opened(tmp_path / "one.h5").all_sources == {XGM}
    with pytest.raises(TargetExistsError):
        run.get_virtual_dataset(XGM, "state", tmp_path / "one.h5")


def test_a_virtual_dataset_without_a_name_is_in_a_new_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dataset = opened(folder).get_virtual_dataset(CAMERA, PIXELS)
    assert Path(dataset.file.filename).parent == tmp_path
    assert len(os.listdir(tmp_path)) == 1


def test_pulse_and_cell_ids_are_copied(tmp_path: Path) -> None:
    run = opened(CASES["module-lacks-train"].run.write_flat(tmp_path).path)
    run.write_virtual(tmp_path / "virtual.h5x")
    with h5py.File(tmp_path / "virtual.h5x") as file:
        image = file["INSTRUMENT/SPB_DET_AGIPD1M-1/CORR/3CH0:output/image"]
        virtual = {name: image[name].is_virtual for name in ("pulseId", "cellId", "data")}
    assert virtual == {"pulseId": False, "cellId": False, "data": True}


def test_a_file_of_the_run_is_never_the_target(tmp_path: Path) -> None:
    """F2."""
    written = small_run().write_flat(tmp_path)
    before = written.paths[0].read_bytes()
    with pytest.raises(WriteError, match="never overwritten"):
        opened(tmp_path).write_virtual(written.paths[0], overwrite=True)
    assert written.paths[0].read_bytes() == before


def test_a_name_with_a_meaning_of_its_own_is_refused(tmp_path: Path) -> None:
    """The library would look for numbered files where a name holds a percent sign."""
    run = opened(small_run().write_flat(tmp_path / "100%done").path)
    with pytest.raises(WriteError, match="%"):
        run.write_virtual(tmp_path / "virtual.h5")
    assert not (tmp_path / "virtual.h5").exists()


def test_every_failing_call_is_told_and_the_old_file_survives(tmp_path: Path) -> None:
    """F1, R6."""
    run = opened(small_run(4).write_flat(tmp_path / "run").path).select("*XGM*")
    path = tmp_path / "virtual.h5"
    path.write_bytes(b"old")
    for fault, error in each_fault(lambda: run.write_virtual(path, overwrite=True)):
        assert error is None or isinstance(error, WriteError)
        if error is not None:
            assert path.read_bytes() == b"old"
        else:
            assert not fault.happened or fault.calls[-1] == "fsync_folder"
        assert sorted(os.listdir(tmp_path)) == ["run", "virtual.h5"]
        path.write_bytes(b"old")


def test_the_writer_class_writes_the_same_file(folder: Path, tmp_path: Path) -> None:
    run = opened(folder)
    with VirtualFileWriter(tmp_path / "a.h5", run) as writer:
        writer.write()
    run.write_virtual(tmp_path / "b.h5")
    assert (tmp_path / "a.h5").stat().st_size == (tmp_path / "b.h5").stat().st_size
