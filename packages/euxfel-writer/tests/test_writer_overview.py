"""Virtual overviews: made in the place where readers look, and found to fit or not."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.core import DataCollection, DataError, H5File, RunDirectory
from euxfel.fileaccess import FileHandle, WriteError
from euxfel.fileaccess.overview import check_overview
from euxfel.fileaccess.testing import small_run
from euxfel.writer import VirtualOverviewFileWriter, make_overview
from euxfel.writer import overview as module
from euxfel.writer.testing import each_fault

KEY = ("SPB_XTD9_XGM/DOOCS/MAIN:output", "data.intensityTD")


def opened(path: Path | str) -> DataCollection:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return H5File(path)


def test_it_stands_beside_the_data_and_fits(tmp_path: Path) -> None:
    written = small_run().write(tmp_path)
    path = make_overview(written.path)
    assert path == str(written.path / "overview.h5")
    assert check_overview(FileHandle(path)) == ()
    np.testing.assert_array_equal(opened(path)[KEY].ndarray(), written.expected(*KEY))
    assert RunDirectory(written.path).all_sources == opened(path).all_sources
    with h5py.File(path) as file:
        group = file["INSTRUMENT"][KEY[0]]
        assert sorted(group.attrs["source_files"]) == [str(p) for p in written.paths[:2]]


def test_a_folder_that_cannot_be_written_has_it_with_the_proposal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F4."""
    written = small_run().write(tmp_path)
    (written.path.parents[1] / "usr").mkdir()
    usual = os.access
    monkeypatch.setattr(
        module.os, "access", lambda p, mode: str(p) != str(written.path) and usual(p, mode)
    )
    path = make_overview(written.path)
    assert path.endswith("p900000/usr/.extra_data/RAW-R0001-OVERVIEW.h5")
    assert check_overview(FileHandle(path)) == ()
    np.testing.assert_array_equal(opened(path)[KEY].ndarray(), written.expected(*KEY))


def test_without_any_place_the_error_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = small_run().write(tmp_path)
    monkeypatch.setattr(module.os, "access", lambda p, mode: False)
    with pytest.raises(WriteError, match="RAW-R0001-OVERVIEW"):
        make_overview(written.path)


def test_files_that_grew_since_the_run_was_opened_do_not_fit(tmp_path: Path) -> None:
    """R6: sizes are those of the files that were looked at."""
    written = small_run().write(tmp_path)
    run = RunDirectory(written.path)
    VirtualOverviewFileWriter(written.path / "overview.h5", run).write()
    with written.paths[0].open("ab") as file:
        file.write(b"more")
    [problem] = check_overview(FileHandle(written.path / "overview.h5"))
    assert "have changed" in problem.message


def test_a_run_with_an_unusable_file_has_no_overview(tmp_path: Path) -> None:
    written = small_run().write(tmp_path)
    written.paths[2].write_bytes(b"nothing")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DataError, match="DA02"):
            make_overview(written.path)
    assert not (written.path / "overview.h5").exists()


def test_every_failing_call_is_told_and_the_old_file_survives(tmp_path: Path) -> None:
    """F1, R6."""
    written = small_run(4).write(tmp_path)
    path = tmp_path / "mine" / "overview.h5"
    path.parent.mkdir()
    path.write_bytes(b"old")
    for fault, error in each_fault(lambda: make_overview(written.path, path)):
        if error is not None:
            assert isinstance(error, WriteError)
            assert path.read_bytes() == b"old"
        else:
            assert not fault.happened or fault.calls[-1] == "fsync_folder"
        assert os.listdir(path.parent) == ["overview.h5"]
        path.write_bytes(b"old")
