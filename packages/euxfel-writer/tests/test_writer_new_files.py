"""New EXDF files: what is declared and appended is what is read."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from euxfel.core import H5File, RunDirectory
from euxfel.writer import NewFile, NewKey, NewRun
from euxfel.writer.new_file import VERSIONS
from euxfel.writer.testing import each_fault

MOTOR, CAMERA = "LAB/MOTOR/X", "LAB/CAM/1:out"
MM = {"unitSymbol": "m", "metricPrefixSymbol": "m"}
MOTOR_KEYS = {"position": NewKey("f8", attributes=MM), "state": NewKey(str)}
CAMERA_KEYS = {
    "data.image": NewKey("u2", (4, 6), {"unitSymbol": "J"}, compression=1),
    "data.gain": NewKey("u1"),
    "header.length": NewKey("u4"),
}
IDS = [10001, 10002, 10004]


def values() -> dict[str, dict[str, Any]]:
    return {
        MOTOR: {"position": [0.5, 0.6, 0.7], "state": ["ON", "OFF", "MÜDE"]},
        CAMERA: {
            "data.image": np.arange(1, 97).reshape(4, 4, 6),
            "data.gain": [1, 2, 3, 4],
            "header.length": [7, 8, 9],
        },
    }


def write(path: Path, **options: Any) -> None:
    with NewFile(path, proposal=900000, run=7, **options) as file:
        file.add_control(MOTOR, MOTOR_KEYS, {"limit": 12.5, "classId": "Motor"})
        file.add_instrument(CAMERA, CAMERA_KEYS)
        file.append(
            IDS,
            values(),
            counts={CAMERA: {"data": [3, 0, 1]}},
            timestamps=[5_000_000_000, 5_100_000_000, 5_300_000_000],
            suspect=[10002],
        )


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_appended_is_read(tmp_path: Path, version: str) -> None:
    path = tmp_path / "RAW-R0007-DA01-S00000.h5"
    write(path, format_version=version)
    with warnings.catch_warnings(action="ignore"):
        run = H5File(path)
    assert run.train_ids == IDS
    assert run.suspect_train_ids.tolist() == [10002]
    assert run[MOTOR, "position"].ndarray().tolist() == [0.5, 0.6, 0.7]
    assert run[MOTOR, "position"].units == "mm"
    assert run[MOTOR, "state"].ndarray().tolist() == ["ON", "OFF", "MÜDE"]
    assert run[MOTOR, "position.timestamp"].ndarray()[0] == 5_000_000_000
    image = run[CAMERA, "data.image"]
    assert image.dtype == "u2"
    assert image.units == "J"
    np.testing.assert_array_equal(image.ndarray(), values()[CAMERA]["data.image"])
    assert image.data_counts(labelled=False).tolist() == [3, 0, 1]
    assert run[CAMERA, "header.length"].ndarray().tolist() == [7, 8, 9]
    assert run[MOTOR].run_value("limit") == 12.5
    assert run[MOTOR].run_value("position") == 0.5
    assert run[MOTOR].device_class == "Motor"
    about = run.run_metadata()
    assert (about["dataFormatVersion"], about["proposalNumber"]) == (version, 900000)
    assert not [p for p in run.problems if p.kind != "suspect-trains"]


def test_blocks_follow_each_other(tmp_path: Path) -> None:
    with NewFile(tmp_path / "x.h5") as file:
        file.add_control(MOTOR, {"position": NewKey("f4")})
        file.append([1, 2], {MOTOR: {"position": [1, 2]}})
        file.append([3], {})
        file.append([4], {MOTOR: {"position": [4]}})
    found = H5File(tmp_path / "x.h5")[MOTOR, "position"]
    assert found.ndarray().tolist() == [1, 2, 4]
    assert found.data_counts(labelled=False).tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("ids", "data", "said"),
    [
        ([3, 2], {MOTOR: {"position": [1, 2]}}, "have to increase"),
        ([2, 2], {MOTOR: {"position": [1, 2]}}, "have to increase"),
        ([1], {MOTOR: {"position": [1]}}, "have to increase"),
        ([5], {MOTOR: {"position": [1, 2]}}, "2 entries, 1 are needed"),
        ([5], {MOTOR: {"position": [1.5]}}, "not kept by int32"),
        ([5], {MOTOR: {"position": [[1]]}}, "declared as"),
        ([5], {MOTOR: {"speed": [1]}}, "other keys than declared"),
        ([5], {"LAB/MOTOR/Y": {"position": [1]}}, "was not declared"),
    ],
)
def test_what_contradicts_the_declaration_is_refused_and_nothing_of_it_written(
    tmp_path: Path, ids: list[int], data: dict[str, Any], said: str
) -> None:
    with NewFile(tmp_path / "x.h5") as file:
        file.add_control(MOTOR, {"position": NewKey("i4")})
        file.append([1], {MOTOR: {"position": [7]}})
        with pytest.raises(ValueError, match=said):
            file.append(ids, data)
    run = H5File(tmp_path / "x.h5")
    assert run.train_ids == [1]
    assert run[MOTOR, "position"].ndarray().tolist() == [7]


@pytest.mark.parametrize(
    ("source", "key"),
    [("A/../B", "x"), ("/A/B", "x"), ("A/B/C:out", "x"), ("A/B/C", "../x")],
)
def test_odd_names_are_refused(tmp_path: Path, source: str, key: str) -> None:
    def declare() -> None:
        with NewFile(tmp_path / "x.h5") as file:
            file.add_control(source, {key: NewKey()})

    with pytest.raises(ValueError, match="is no name of"):
        declare()
    assert not os.listdir(tmp_path)


def test_a_run_gets_sequence_files_of_each_aggregator(tmp_path: Path) -> None:
    with NewRun(tmp_path / "r0007", sequence_trains=2, run=7) as run:
        run.add_control("DA01", MOTOR, MOTOR_KEYS)
        run.add_instrument("DA02", CAMERA, CAMERA_KEYS)
        run.append(IDS, values(), counts={CAMERA: {"data": [3, 0, 1]}})
        assert os.listdir(tmp_path) != ["r0007"]
    found = RunDirectory(tmp_path / "r0007")
    assert len(found.files) == 4
    assert found.train_ids == IDS
    np.testing.assert_array_equal(
        found[CAMERA, "data.image"].ndarray(), values()[CAMERA]["data.image"]
    )
    assert found[CAMERA, "data.image"].data_counts(labelled=False).tolist() == [3, 0, 1]
    assert not found.problems


def test_a_run_without_trains_opens(tmp_path: Path) -> None:
    with NewRun(tmp_path / "r0007") as run:
        run.add_control("DA01", MOTOR, MOTOR_KEYS)
    found = RunDirectory(tmp_path / "r0007")
    assert found.train_ids == []
    assert found[MOTOR, "position"].ndarray().shape == (0,)


def test_a_failing_body_leaves_no_run(tmp_path: Path) -> None:
    def fail() -> None:
        with NewRun(tmp_path / "r0007", sequence_trains=1) as run:
            run.add_control("DA01", MOTOR, {"position": NewKey()})
            run.append([1, 2], {MOTOR: {"position": [1, 2]}})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not os.listdir(tmp_path)


def test_every_failing_call_is_told_and_the_old_file_survives(tmp_path: Path) -> None:
    """R6: a system call fails, the errors of disks in turn."""
    path = tmp_path / "x.h5"
    path.write_bytes(b"old")
    for fault, error in each_fault(lambda: write(path, overwrite=True), writes=30):
        if error is not None:
            assert path.read_bytes() == b"old"
        else:
            assert not fault.happened or fault.calls[-1] == "fsync_folder"
            with h5py.File(path) as file:
                assert file[f"INSTRUMENT/{CAMERA}/data/image"][-1, -1, -1] == 96
        assert os.listdir(tmp_path) == ["x.h5"]
        path.write_bytes(b"old")


def test_every_failing_call_leaves_no_half_run(tmp_path: Path) -> None:
    """R6: a run appears as a whole or not at all."""

    def make() -> None:
        with NewRun(tmp_path / "r0007", sequence_trains=1) as run:
            run.add_control("DA01", MOTOR, {"position": NewKey()})
            run.append([1, 2], {MOTOR: {"position": [1, 2]}})

    def make_anew() -> None:
        shutil.rmtree(tmp_path / "r0007", ignore_errors=True)
        make()

    for _fault, error in each_fault(make_anew, writes=10):
        if error is not None:
            assert not os.listdir(tmp_path)
        else:
            assert RunDirectory(tmp_path / "r0007").train_ids == [1, 2]
