"""R6: files change while run objects live. Nobody ever reads new rows by an old index."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from euxfel.core import DataError, FileChangedError, RunDirectory
from euxfel.core.collection import DataCollection
from euxfel.fileaccess.testing import SimulatedRun, WrittenRun, camera, motor

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
KEY = "actualPosition.value"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
# A run that stands for what was there before, and one with other trains for what comes after.
BEFORE = SimulatedRun({"DA01": (motor(),), "DA02": camera(shape=(4, 4))}, range(10000, 10020))
AFTER = replace(BEFORE, train_ids=range(10007, 10027))

Change = Callable[[Path, Path], None]


def rewrite(path: Path, new: Path) -> None:
    """Other content in the same file, as a writer leaves it that truncates first."""
    path.write_bytes(new.read_bytes())


def exchange(path: Path, new: Path) -> None:
    """Another file of the same name."""
    os.replace(shutil.copy(new, f"{path}.new"), path)


def exchange_keeping_times(path: Path, new: Path) -> None:
    """Another file, with the size and the times of the old one."""
    st = path.stat()
    exchange(path, new)
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))


def grow(path: Path, new: Path) -> None:
    """Bytes at the end."""
    with path.open("ab") as file:
        file.write(new.read_bytes()[:4096])


def truncate(path: Path, new: Path) -> None:
    """Half of the file."""
    os.truncate(path, path.stat().st_size // 2)


def remove(path: Path, new: Path) -> None:
    """No file."""
    path.unlink()


CHANGES = (rewrite, exchange, exchange_keeping_times, grow, truncate, remove)
changes = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)

USES: dict[str, Callable[[DataCollection], object]] = {
    "array": lambda run: run[MOTOR, KEY].ndarray(),
    "labelled": lambda run: run[MOTOR, KEY].xarray(),
    "series": lambda run: run[MOTOR, KEY].series(),
    "trains": lambda run: list(run[MOTOR, KEY].trains()),
    "all trains": lambda run: list(run.trains()),
    "one train": lambda run: run.train_from_index(3),
    "dask": lambda run: run[MOTOR, KEY].dask_array().compute(scheduler="sync"),
    "run value": lambda run: run[MOTOR].run_value("softLimitLow"),
    "attributes": lambda run: run[MOTOR, KEY].attributes(),
}


@pytest.fixture
def written(tmp_path: Path) -> WrittenRun:
    return BEFORE.write(tmp_path / "before")


@pytest.fixture
def new_file(tmp_path: Path) -> Path:
    return AFTER.write(tmp_path / "after").file("DA01")


@changes
def test_a_used_run_refuses_the_changed_file(
    change: Change, written: WrittenRun, new_file: Path
) -> None:
    """R6: with everything known of the file, and the file open."""
    run = RunDirectory(written.path)
    for use in USES.values():
        use(run)
    change(written.file("DA01"), new_file)
    for name, use in USES.items():
        with pytest.raises((FileChangedError, FileNotFoundError)):
            pytest.fail(f"{name} gives {use(run)!r}")


@changes
def test_a_fresh_run_refuses_the_changed_file(
    change: Change, written: WrittenRun, new_file: Path
) -> None:
    """R6: between opening and the first use."""
    run = RunDirectory(written.path)
    change(written.file("DA01"), new_file)
    with pytest.raises((FileChangedError, FileNotFoundError)):
        run[MOTOR, KEY].ndarray()


@changes
def test_other_files_stay_usable(change: Change, written: WrittenRun, new_file: Path) -> None:
    """R6: what did not change is read as before."""
    run = RunDirectory(written.path)
    run[MOTOR, KEY].ndarray()
    change(written.file("DA01"), new_file)
    found = run[CAMERA, "data.image.pixels"].ndarray()
    np.testing.assert_array_equal(found, BEFORE.expected(CAMERA, "data.image.pixels"))


@changes
def test_pickles_of_the_old_file_are_refused(
    change: Change, written: WrittenRun, new_file: Path
) -> None:
    """R6: a pickle carries the identity of its files."""
    run = RunDirectory(written.path)
    things = (run, run[MOTOR], run[MOTOR, KEY], run[MOTOR, KEY].dask_array())
    pickles = [pickle.dumps(thing) for thing in things]
    change(written.file("DA01"), new_file)
    for pickled in pickles:
        with pytest.raises((FileChangedError, FileNotFoundError)):
            pickle.loads(pickled)


@pytest.mark.parametrize("change", [rewrite, exchange])
def test_opened_again_the_run_is_the_new_one(
    change: Change, written: WrittenRun, new_file: Path
) -> None:
    """R6, B24: neither open files nor run maps of the old state are used."""
    RunDirectory(written.path)[MOTOR, KEY].ndarray()
    change(written.file("DA01"), new_file)
    run = RunDirectory(written.path)
    assert run[MOTOR].drop_empty_trains().train_ids == list(AFTER.train_ids)
    np.testing.assert_array_equal(run[MOTOR, KEY].ndarray(), AFTER.expected(MOTOR, KEY))


def test_a_map_that_cannot_tell_files_apart_is_found_out(
    written: WrittenRun, new_file: Path
) -> None:
    """R6, caches: the run map knows a file by size and time only; its trains are compared."""
    RunDirectory(written.path)[MOTOR, KEY].ndarray()
    exchange_keeping_times(written.file("DA01"), new_file)
    run = RunDirectory(written.path)
    with pytest.raises(DataError, match=r"karabo_data_map\.json"):
        run[MOTOR, KEY].ndarray()
    for name in ("karabo_data_map.json", ".euxfel_map"):
        (written.path / name).unlink(missing_ok=True)
    found = RunDirectory(written.path)[MOTOR, KEY].ndarray()
    np.testing.assert_array_equal(found, AFTER.expected(MOTOR, KEY))


def test_a_truncated_file_is_a_problem_when_opened_again(written: WrittenRun) -> None:
    """R5: the other files are used."""
    RunDirectory(written.path)
    truncate(written.file("DA01"), written.path)
    with pytest.warns(UserWarning, match="DA01"):
        run = RunDirectory(written.path)
    assert [p.kind for p in run.problems] == ["unusable-file"]
    assert MOTOR not in run.all_sources
    assert CAMERA in run.all_sources


def test_changes_of_mode_or_place_cost_a_new_opening_at_most(written: WrittenRun) -> None:
    """R6: a changed mode is a changed file; opened again it is right."""
    run = RunDirectory(written.path)
    written.file("DA01").chmod(0o640)
    with pytest.raises(FileChangedError, match="open the run again"):
        run[MOTOR, KEY].ndarray()
    again = RunDirectory(written.path)[MOTOR, KEY].ndarray()
    np.testing.assert_array_equal(again, BEFORE.expected(MOTOR, KEY))
