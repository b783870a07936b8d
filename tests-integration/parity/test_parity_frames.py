"""Chosen frames are the same as EXtra-data writes, read with both libraries."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import extra_data
import numpy as np
import pytest
from extra_data import components as theirs
from parity.makers import BY_NAME
from parity.plant import plant

from euxfel import components as ours
from euxfel.core import H5File, RunDirectory
from euxfel.fileaccess import WriteError
from euxfel.writer.testing import each_fault

MODULE = "SPB_DET_AGIPD1M-1/DET/4CH0:xtdf"


@pytest.fixture(scope="module", params=["spb_raw-1.0", "spb_proc-0.5"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("frames") / request.param
    made.mkdir()
    BY_NAME[request.param].make(made)
    plant(made)
    return made


def detector(library: Any, folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = RunDirectory(folder) if library is ours else extra_data.RunDirectory(str(folder))
        return library.AGIPD1M(run, modules=[3, 4])


def pairs(own: Any) -> tuple[Any, Any]:
    """Some frames, out of order, one of them twice."""
    trains = np.array(own.train_ids)[[5, 0, 0, 7, 5, 5]]
    return trains, np.array([3, 1, 0, 5, 2, 3])


def test_chosen_frames_are_the_same(folder: Path, tmp_path: Path) -> None:
    """R12: whichever library writes and reads."""
    own = detector(ours, folder)
    detector(theirs, folder).write_frames(str(tmp_path / "peer.h5"), *pairs(own))
    own.write_frames(tmp_path / "own.h5", *pairs(own))
    for library in (H5File, extra_data.H5File):
        peer_file, own_file = (library(str(tmp_path / f"{n}.h5")) for n in ("peer", "own"))
        assert own_file.all_sources == peer_file.all_sources
        assert own_file[MODULE].keys() == peer_file[MODULE].keys()
        for key in own_file[MODULE].keys():  # noqa: SIM118
            new, old = own_file[MODULE, key], peer_file[MODULE, key]
            assert new.data_counts(labelled=False).tolist() == (
                old.data_counts(labelled=False).tolist()
            )
            np.testing.assert_array_equal(new.ndarray(), old.ndarray())
    assert H5File(tmp_path / "own.h5")[MODULE, "image.data"].shape[0] == 5


def test_frames_that_are_not_there_are_told(folder: Path, tmp_path: Path) -> None:
    own = detector(ours, folder)
    with pytest.warns(UserWarning, match="1 of 2 frames are in no module, train 10000, pulse 999"):
        own.write_frames(tmp_path / "own.h5", [10000, 10000], [999, 2])
    assert H5File(tmp_path / "own.h5")[MODULE, "image.data"].shape[0] == 1


def test_no_frames_at_all(folder: Path, tmp_path: Path) -> None:
    """B12: the file has the module, and no frame."""
    detector(ours, folder).write_frames(tmp_path / "own.h5", [], [])
    assert H5File(tmp_path / "own.h5")[MODULE, "image.data"].shape[0] == 0


def test_every_failing_call_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    """F1, R6: also for virtual CXI files."""
    made = tmp_path / "run"
    made.mkdir()
    BY_NAME["spb_raw-1.0"].make(made)
    own = detector(ours, made).select_trains(np.s_[:1])
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "new"
    for make in (
        lambda: own.write_virtual_cxi(path, overwrite=True),
        lambda: own.write_frames(path, own.train_ids, [2]),
    ):
        for fault, error in each_fault(make):
            assert error is None or isinstance(error, WriteError)
            if error is None:
                assert not fault.happened or fault.calls[-1] == "fsync_folder"
                path.unlink()
            assert os.listdir(path.parent) == []
