"""Virtual overviews that EXtra-data made: never used in silence, right or refused when opened."""

from __future__ import annotations

import os
import shutil
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from extra_data import voview

from euxfel.core import DataError, H5File, RunDirectory
from euxfel.fileaccess import FileStructureError
from euxfel.fileaccess.handle import FileHandle
from euxfel.fileaccess.overview import check_overview, overview_paths
from euxfel.fileaccess.testing import camera, detector_modules, motor, xgm
from euxfel.fileaccess.testing.runs import SimulatedRun, WrittenRun

CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
MODULE = "SPB_DET_AGIPD1M-1/CORR/3CH0:output"
FRAMES = 40


@pytest.fixture
def written(tmp_path: Path) -> WrittenRun:
    modules = detector_modules(
        "SPB_DET_AGIPD1M-1", FRAMES, corrected=True, modules=(2, 3), module_shape=(32, 16)
    )
    run = SimulatedRun(
        {"DA01": (*xgm(), motor()), "DA02": (camera()[1],), **modules},
        trains_per_file={"DA01": 7},
        missing={"DA02": (10003,)},
    )
    return run.write(tmp_path)


def made(run: Path, place: Path) -> Path:
    """Let EXtra-data make an overview."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        voview.main([str(run), "--overview-file", str(place)])
    return place


def overview(written: WrittenRun, where: int = 0) -> Path:
    return made(written.path, Path(overview_paths(written.path)[where]))


def opened(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return H5File(path)


def assert_same(one: Any, other: Any) -> None:
    np.testing.assert_array_equal(one.train_ids, other.train_ids)
    assert one.all_sources == other.all_sources
    for source in sorted(one.control_sources | one.instrument_sources):
        assert one[source].keys() == other[source].keys()
        for key in sorted(one[source].keys()):
            mine, theirs = one[source, key], other[source, key]
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(
                mine.data_counts(labelled=False), theirs.data_counts(labelled=False)
            )
            np.testing.assert_array_equal(mine.ndarray(), theirs.ndarray())


@pytest.mark.parametrize("where", [0, 1], ids=["in the run", "in usr"])
def test_an_overview_holds_what_the_run_holds(written: WrittenRun, where: int) -> None:
    """Trains, sources, counts and data are the same, wherever the overview stands."""
    run = RunDirectory(written.path)
    shown = H5File(overview(written, where))
    assert not shown.problems
    assert_same(run, shown)


@pytest.mark.parametrize("where", [0, 1])
def test_the_places_are_those_of_extra_data(
    written: WrittenRun, where: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An overview made by one library is found by the other."""
    root = written.path.parents[4]
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(root))
    (written.path.parents[1] / "usr").mkdir(exist_ok=True)
    theirs = voview.voview_paths_for_run(written.path)
    assert overview_paths(written.path)[where] == theirs[where]


def test_a_run_is_opened_without_its_overview(written: WrittenRun) -> None:
    """B33: an overview beside the files, even a broken one, changes nothing."""
    before = RunDirectory(written.path)
    overview(written).write_bytes(b"no overview")
    after = RunDirectory(written.path)
    assert [f.filename for f in after.files] == [f.filename for f in before.files]
    assert not after.problems
    assert_same(before, after)


def changed(folder: Path) -> None:
    with sorted(folder.glob("*-DA02-*.h5"))[0].open("ab") as file:
        file.write(b"more")


def gone(folder: Path) -> None:
    sorted(folder.glob("*-DA02-*.h5"))[0].unlink()


def new(folder: Path) -> None:
    file = sorted(folder.glob("*-DA02-*.h5"))[0]
    shutil.copy(file, folder / file.name.replace("DA02", "DA03"))


@pytest.mark.parametrize("change", [changed, gone, new])
def test_an_outdated_overview_is_a_problem(written: WrittenRun, change: Any) -> None:
    """B46: sizes and names of the files are compared with what the overview recorded."""
    path = overview(written)
    assert check_overview(FileHandle(path)) == ()
    change(written.path)
    (problem,) = check_overview(FileHandle(path))
    assert problem.kind == "bad-cache"
    assert "-DA0" in problem.message
    with pytest.warns(UserWarning, match="open the run itself"):
        assert list(H5File(path).known_problems) == [problem]


def test_an_overview_of_a_later_version_is_a_problem(written: WrittenRun) -> None:
    path = overview(written)
    with h5py.File(path, "r+") as file:
        file.attrs["virtual_overview_version"] = 2
    (problem,) = check_overview(FileHandle(path))
    assert "version" in problem.message


@pytest.mark.parametrize("part", ["names", "sizes"])
def test_an_overview_without_its_list_is_a_problem(written: WrittenRun, part: str) -> None:
    path = overview(written)
    with h5py.File(path, "r+") as file:
        del file[f".source_files/{part}"]
    assert "does not tell" in check_overview(FileHandle(path))[0].message


def test_what_is_no_overview_cannot_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "overview.h5"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(FileStructureError, match=r"overview\.h5"):
        check_overview(FileHandle(path))


def test_a_missing_source_file_is_named(written: WrittenRun) -> None:
    """B47: data of a missing file is an error that names it, not zeros; the rest is right."""
    run = RunDirectory(written.path)
    expected = run[MODULE, "image.data"].ndarray()
    path = overview(written)
    gone(written.path)
    shown = opened(path)
    with pytest.raises(DataError, match="-DA02-"):
        shown[CAMERA, "data.image.pixels"].ndarray()
    np.testing.assert_array_equal(shown[MODULE, "image.data"].ndarray(), expected)


def test_data_of_a_moved_run_is_that_of_the_run(written: WrittenRun) -> None:
    """B47: an overview that moved with its run shows the files beside it."""
    expected = RunDirectory(written.path)[CAMERA, "data.image.pixels"].ndarray()
    overview(written)
    elsewhere = written.path.with_name("r0099")
    os.rename(written.path, elsewhere)
    shown = opened(elsewhere / "overview.h5")
    np.testing.assert_array_equal(shown[CAMERA, "data.image.pixels"].ndarray(), expected)


def test_memory_follows_the_selection(written: WrittenRun) -> None:
    """B33: a part of a source in an overview takes the memory of the part."""
    shown = H5File(overview(written))
    kd = shown[MODULE, "image.data"]
    kd[:1].ndarray()
    part = kd[3:5]
    tracemalloc.start()
    data = part.ndarray()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert data.nbytes == 2 * FRAMES * 32 * 16 * data.itemsize
    assert peak < 2 * data.nbytes < kd.nbytes / 4
