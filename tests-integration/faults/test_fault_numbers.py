"""Numbers that files claim: nothing is allocated, waited for or wrapped around on their word."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from euxfel.core import DataError, EuxfelError, H5File
from euxfel.fileaccess.testing import SimulatedFile, motor, xgm

XGM = "SPB_XTD9_XGM/DOOCS/MAIN:output"
KEY = "data.intensityTD"
INDEX = f"INDEX/{XGM}/data"
MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
FILE = SimulatedFile((*xgm(), motor()))
WILD = (2**31, 2**40, 2**47, 2**48, 2**62, 2**63 - 1, 2**63, 2**64 - 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return FILE.write_in(tmp_path)


@pytest.fixture
def little_memory() -> Any:
    """At most 2 GB more than is mapped now: what is allocated on a lie shows at once."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + 2 * 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def readings(run: Any) -> dict[str, Any]:
    kd = run[XGM, KEY]
    return {
        "array": kd.ndarray,
        "labelled": kd.xarray,
        "one train": lambda: kd.train_from_index(3),
        "trains": lambda: list(kd.trains()),
        "all trains": lambda: list(run.trains()),
        "lazy": lambda: kd.dask_array().compute(scheduler="sync"),
    }


@pytest.mark.parametrize("column", ["first", "count"])
@pytest.mark.parametrize("value", WILD)
def test_a_lying_index_is_refused(column: str, value: int, path: Path, little_memory: None) -> None:
    """Index: no allocation for rows that a dataset does not have; the train is named."""
    with h5py.File(path, "r+") as file:
        file[f"{INDEX}/{column}"][3] = np.uint64(value)
    run = H5File(path)
    for name, read in readings(run).items():
        with pytest.raises(DataError) as caught:
            pytest.fail(f"{name} gives {read()!r}")
        assert 10003 in caught.value.trains
        assert XGM in str(caught.value)
        assert str(path) in str(caught.value)
    assert any(10003 in problem.trains for problem in run.problems)
    others = run[XGM, KEY].drop_bad_trains()
    np.testing.assert_array_equal(others.ndarray(), FILE.expected(XGM, KEY, others.train_ids))
    assert 10003 not in others.train_ids
    np.testing.assert_array_equal(
        run[MOTOR, "actualPosition"].ndarray(), FILE.expected(MOTOR, "actualPosition")
    )


@pytest.mark.parametrize("rows", [2**40, 2**47])
def test_a_dataset_as_large_as_the_lying_index(rows: int, path: Path, little_memory: None) -> None:
    """Index: when both lie, memory is asked for and not given; that is a typed error too."""
    with h5py.File(path, "r+") as file:
        file[f"INSTRUMENT/{XGM}/data/intensityTD"].resize(rows, axis=0)
        file[f"{INDEX}/count"][9] = np.uint64(rows - 9)
    run = H5File(path)
    for name, read in readings(run).items():
        if name == "one train":
            continue
        with pytest.raises(EuxfelError) as caught:
            pytest.fail(f"{name} gives {read()!r}")
        assert XGM in str(caught.value)
    first = run[XGM, KEY][:9]
    np.testing.assert_array_equal(first.ndarray(), FILE.expected(XGM, KEY, first.train_ids))
    assert run.summary().to_text()


@pytest.mark.parametrize("name", ["INDEX/trainId", "INDEX/flag", "METADATA/dataFormatVersion"])
def test_a_list_that_claims_to_be_huge(name: str, path: Path, little_memory: None) -> None:
    """Index: what is read at opening is bounded."""
    with h5py.File(path, "r+") as file:
        file[name].resize(2**40, axis=0)
    with pytest.raises(EuxfelError, match="elements"):
        H5File(path)


def test_a_huge_snapshot_value(path: Path, little_memory: None) -> None:
    """B18: RUN values are small; one that claims otherwise is refused, the others are given."""
    with h5py.File(path, "r+") as file:
        file[f"RUN/{MOTOR}/actualPosition/value"].resize(2**40, axis=0)
    run = H5File(path)
    with pytest.raises(EuxfelError, match="elements"):
        run[MOTOR].run_value("actualPosition")
    expected = FILE.expected_run_value(MOTOR, "softLimitLow")
    assert run[MOTOR].run_value("softLimitLow") == expected
