"""`DataCollection.from_path` and `from_paths`: files as they are named, from any folder."""

from __future__ import annotations

import os
import warnings
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.core import DataCollection, FileStructureError, MultiRunError
from euxfel.fileaccess import FileChangedError
from euxfel.fileaccess.testing import SimulatedRun, camera, motor

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
RUN = SimulatedRun({"DA01": (motor(),), "DA02": camera(shape=(4, 4))}, trains_per_file=7)


def test_one_file(tmp_path: Path) -> None:
    written = RUN.write(tmp_path)
    data = DataCollection.from_path(written.file("DA01", 1))
    assert data.train_ids == list(range(10007, 10014))
    assert data.is_single_run
    wanted = RUN.expected(MOTOR, "actualPosition.value", data.train_ids)
    np.testing.assert_array_equal(data[MOTOR, "actualPosition"].ndarray(), wanted)


def test_chosen_files_of_a_run(tmp_path: Path) -> None:
    """Only the named ones, in order of name, whatever the order asked for."""
    written = RUN.write(tmp_path)
    chosen = [written.file("DA01", 2), str(written.file("DA01", 0))]
    data = DataCollection.from_paths(chosen, is_single_run=True)
    assert data.all_sources == {MOTOR}
    wanted = [*range(10000, 10007), *range(10014, 10020)]
    assert data.train_ids == wanted
    np.testing.assert_array_equal(
        data[MOTOR, "actualPosition"].ndarray(),
        RUN.expected(MOTOR, "actualPosition.value", wanted),
    )
    assert data.run_metadata()["proposalNumber"] == 900000
    assert not (written.path / ".euxfel_map").exists()


def test_files_of_several_runs(tmp_path: Path) -> None:
    """Unless said otherwise nothing is believed to be one run: RUN values are refused."""
    first = RUN.write(tmp_path)
    second = replace(RUN, run=2, train_ids=range(20000, 20020)).write(tmp_path)
    data = DataCollection.from_paths([first.file("DA01"), second.file("DA01")])
    assert len(data.train_ids) == 14
    with pytest.raises(MultiRunError):
        data.get_run_value(MOTOR, "softLimitHigh")


def test_a_bad_file_among_them(tmp_path: Path) -> None:
    """B10: named in the problems, the rest opens; alone it is an error."""
    written = RUN.write(tmp_path)
    bad = written.file("DA02")
    bad.write_bytes(b"not HDF5")
    with pytest.warns(UserWarning, match="DA02"):
        data = DataCollection.from_paths(written.paths, is_single_run=True, parallelize=False)
    assert [p.file for p in data.known_problems] == [str(bad)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(FileStructureError, match="DA02"):
            DataCollection.from_paths([bad])


@pytest.mark.parametrize("by", ["us", "the user"])
def test_a_file_that_was_cut_while_it_was_open_is_refused(tmp_path: Path, by: str) -> None:
    """R5, identity: the HDF5 library goes on with what it knew of a file that is open anywhere."""
    written = RUN.write(tmp_path)
    path = written.file("DA01", 1)
    with h5py.File(path) if by == "the user" else nullcontext():
        before = DataCollection.from_path(path)
        if by == "us":
            before[MOTOR, "actualPosition"].ndarray()
        os.truncate(path, Path(path).stat().st_size // 2)
        with pytest.raises((FileStructureError, FileChangedError), match=Path(path).name):
            DataCollection.from_path(path)
