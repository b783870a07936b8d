"""Input that cannot be written well: a clear error that leaves the target, or a right file."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from writing import kinds

from euxfel.components import AGIPD1M
from euxfel.core import DataCollection, H5File, RunDirectory
from euxfel.fileaccess import DataError, WriteError
from euxfel.fileaccess.testing import SimulatedRun, defects, motor, xgm
from euxfel.writer import make_overview, write_frames
from euxfel.writer.testing import failing

OLD = b"what was there before"
Write = Callable[[DataCollection, Path], None]
each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
COPIES: dict[str, Write] = {
    "copy": lambda run, path: run.write(str(path), overwrite=True),
    "virtual": lambda run, path: run.write_virtual(str(path), overwrite=True),
}
each_copy = pytest.mark.parametrize("write", COPIES.values(), ids=COPIES)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.make_run(tmp_path_factory.mktemp("bad"))


def opened(described: SimulatedRun, folder: Path) -> DataCollection:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RunDirectory(described.write(folder).path)


@each_kind
def test_a_missing_folder_is_named(run: Path, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    with pytest.raises(WriteError, match=f"there is no folder {folder}") as caught:
        kinds.KINDS[kind](run, folder / "out.h5")
    assert caught.value.errno == errno.ENOENT
    assert not os.listdir(tmp_path)


@each_kind
def test_a_folder_that_cannot_be_written_is_one_clear_error(
    run: Path, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "out.h5"
    path.write_bytes(OLD)
    with (
        failing(0, errno.EACCES),
        pytest.raises(WriteError, match="Permission denied; write to a folder of your own"),
    ):
        kinds.KINDS[kind](run, path)
    assert path.read_bytes() == OLD


@each_copy
@pytest.mark.parametrize("case", ["R7", "R8"])
def test_a_key_of_two_types_or_shapes_is_told_before_the_target_is_touched(
    case: str, write: Write, tmp_path: Path
) -> None:
    path = tmp_path / "out.h5"
    path.write_bytes(OLD)
    [found] = defects.cases(case)
    run = opened(found.run, tmp_path / "run")
    with failing(0) as fault, pytest.raises(DataError) as caught:
        write(run, path)
    assert not fault.happened
    assert caught.value.key
    assert path.read_bytes() == OLD


@each_copy
@pytest.mark.parametrize("case", ["B3", "R3"])
def test_trains_out_of_order_or_twice_read_as_before(
    case: str, write: Write, tmp_path: Path
) -> None:
    """Also in control data: what the run shows, the file shows."""
    run = opened(defects.cases(case)[0].run, tmp_path / "run")
    write(run, tmp_path / "out.h5")
    found = H5File(tmp_path / "out.h5")
    assert found.train_ids == run.train_ids == sorted(set(run.train_ids))
    for source in sorted(run.all_sources - run.legacy_sources.keys()):
        for key in sorted(run[source].keys()):
            np.testing.assert_array_equal(found[source, key].ndarray(), run[source, key].ndarray())


@each_copy
def test_runs_of_several_format_versions_become_one_file(write: Write, tmp_path: Path) -> None:
    parts = [
        opened(
            SimulatedRun({"DA01": (source,)}, trains, format_version=version), tmp_path / version
        )
        for version, source, trains in (
            ("0.5", motor("LAB/MOTOR/X"), range(10000, 10005)),
            ("1.0", xgm()[1], range(10002, 10008)),
            ("1.3", motor("LAB/MOTOR/Y"), range(10003, 10010)),
        )
    ]
    run = parts[0].union(*parts[1:])
    write(run, tmp_path / "out.h5")
    found = H5File(tmp_path / "out.h5")
    assert found.train_ids == list(range(10000, 10010))
    assert found.all_sources == {source for part in parts for source in part.all_sources}
    for part in parts:
        for source in part.all_sources:
            for key in sorted(part[source].keys()):
                here, there = found[source, key], part[source, key]
                assert here.train_id_coordinates().tolist() == (
                    there.train_id_coordinates().tolist()
                )
                np.testing.assert_array_equal(here.ndarray(), there.ndarray())


@each_copy
@pytest.mark.parametrize("left", ["no trains", "no sources"])
def test_an_empty_selection_is_a_file_that_opens(left: str, write: Write, tmp_path: Path) -> None:
    run = opened(SimulatedRun({"DA01": (*xgm(), motor())}), tmp_path / "run")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        some: Any = run.select_trains(np.s_[:0]) if left == "no trains" else run.select([])
        write(some, tmp_path / "out.h5")
        found = H5File(tmp_path / "out.h5")
    assert found.train_ids == some.train_ids
    assert found.all_sources == some.all_sources


def test_a_detector_without_trains_is_a_file_without_frames(run: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        det = AGIPD1M(RunDirectory(run), raw=False).select_trains(np.s_[:0])
        write_frames(det, tmp_path / "frames.h5", [], [])
    assert H5File(tmp_path / "frames.h5").train_ids == []


@each_copy
def test_names_with_odd_characters_are_kept(write: Write, tmp_path: Path) -> None:
    name = "LAB/MOTOR-Ä é/x (1)"
    run = opened(SimulatedRun({"DA01": (motor(name),)}), tmp_path / "run é")
    write(run, tmp_path / "out 'ü\".h5")
    found = H5File(tmp_path / "out 'ü\".h5")
    assert found.all_sources == {name}
    key = "actualPosition"
    np.testing.assert_array_equal(found[name, key].ndarray(), run[name, key].ndarray())


def test_an_overview_of_an_absent_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        make_overview(tmp_path / "missing", tmp_path / "out.h5")
