"""What the index promises and a file lacks: told, and refused where it is asked for."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.core import DataError, H5File, RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, WrittenRun, motor, xgm

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
FAST = f"{XGM}:output"
RUN = SimulatedRun({"DA01": (*xgm(), motor())}, trains_per_file=10)
LAST_TRAINS = tuple(range(10010, 10020))


@pytest.fixture
def written(tmp_path: Path) -> WrittenRun:
    return RUN.write(tmp_path)


def remove(written: WrittenRun, path: str) -> str:
    """Remove something from the second file."""
    file = written.file("DA01", 1)
    with h5py.File(file, "r+") as h5:
        del h5[path]
    return str(file)


def test_a_control_source_without_its_group(written: WrittenRun) -> None:
    """B22: one problem for the file; the other sources are as they were."""
    file = remove(written, f"CONTROL/{XGM}")
    run = RunDirectory(written.path)
    assert [(p.kind, p.file, p.source, p.trains) for p in run.problems] == [
        ("missing-data", file, XGM, LAST_TRAINS)
    ]
    with pytest.raises(DataError, match="the index claims more"):
        run[XGM, "pressure.pressureFiltered"].ndarray()
    found = run[MOTOR, "actualPosition"].ndarray()
    np.testing.assert_array_equal(found, RUN.expected(MOTOR, "actualPosition"))


@pytest.mark.parametrize("path", [f"CONTROL/{XGM.partition('/')[0]}", "CONTROL", "INSTRUMENT"])
def test_groups_above_the_source_are_missing(path: str, written: WrittenRun) -> None:
    """B22: not even the folder-like groups of the names are there; the file is usable."""
    file = remove(written, path)
    run = RunDirectory(written.path)
    assert {(p.kind, p.file) for p in run.problems} == {("missing-data", file)}
    first = run[MOTOR, "actualPosition"][:10].ndarray()
    np.testing.assert_array_equal(first, RUN.expected(MOTOR, "actualPosition", range(10000, 10010)))
    assert run[MOTOR].run_value("softLimitLow") == RUN.expected_run_value(MOTOR, "softLimitLow")


def test_one_key_is_missing_in_one_file(written: WrittenRun) -> None:
    """B19, B22: only that key is concerned, for the trains of that file."""
    file = remove(written, f"INSTRUMENT/{FAST}/data/intensityTD")
    run = RunDirectory(written.path)
    found = [(p.kind, p.file, p.source, p.key, p.trains) for p in run.problems]
    assert found == [("missing-data", file, FAST, "data.intensityTD", LAST_TRAINS)]
    kd = run[FAST, "data.intensityTD"]
    with pytest.raises(DataError) as caught:
        kd.ndarray()
    assert caught.value.trains == LAST_TRAINS
    assert kd.drop_bad_trains().train_ids == list(range(10000, 10010))
    other = run[FAST, "data.intensitySa1TD"].ndarray()
    np.testing.assert_array_equal(other, RUN.expected(FAST, "data.intensitySa1TD"))


def test_a_source_that_is_only_listed(tmp_path: Path) -> None:
    """B18, B22: in the list of sources and nowhere else: visible, without data, no problem."""
    path = SimulatedRun({"DA01": (*xgm(), motor())}).write(tmp_path).file("DA01")
    with h5py.File(path, "r+") as h5:
        for group in ("CONTROL", "INDEX", "RUN"):
            del h5[f"{group}/{XGM}"]
    run = H5File(path)
    assert XGM in run.control_sources
    assert run[XGM].keys() == set()
    assert run[XGM].data_counts(labelled=False).tolist() == [0] * 20
    assert run[XGM].run_keys() == set()
    assert not run.problems


def test_a_damaged_index_is_one_source_s_problem(written: WrittenRun) -> None:
    """B14: an index that cannot be read at all refuses its trains, and no others."""
    file = written.file("DA01", 1)
    with h5py.File(file, "r+") as h5:
        at = h5py.h5o.get_info(h5[f"INDEX/{FAST}/data/count"].id).addr
    with file.open("r+b") as raw:
        raw.seek(at)
        # The version of the header of the dataset.
        raw.write(b"\xee")
    run = RunDirectory(written.path)
    assert {(p.kind, p.file, p.source) for p in run.problems} == {
        ("index-invalid", str(file), FAST)
    }
    kd = run[FAST, "data.intensityTD"]
    with pytest.raises(DataError, match=FAST) as caught:
        kd.ndarray()
    assert caught.value.trains == LAST_TRAINS
    good = kd.drop_bad_trains()
    np.testing.assert_array_equal(
        good.ndarray(), RUN.expected(FAST, "data.intensityTD", range(10000, 10010))
    )
    run[MOTOR, "actualPosition"].ndarray()
