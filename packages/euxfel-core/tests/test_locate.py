"""Where proposals and runs are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euxfel.core.locate import find_proposal, find_run
from euxfel.core.settings import data_root, software_root
from euxfel.fileaccess.errors import RunNotFoundError


@pytest.fixture
def proposal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Proposal 2012 with raw runs 1 to 9 and 238; run 7 is processed too."""
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(tmp_path))
    folder = tmp_path / "SPB" / "202301" / "p002012"
    for run in [*range(1, 10), 238]:
        (folder / "raw" / f"r{run:04d}").mkdir(parents=True)
    (folder / "proc" / "r0007").mkdir(parents=True)
    (folder / "scratch" / "mine" / "r0007").mkdir(parents=True)
    (tmp_path / "SPB" / "202301" / "p002013").mkdir()
    (tmp_path / "FXE" / "202302" / "p002014").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("number", [2012, "2012", "p002012", "002012", "p2012", np.int32(2012)])
def test_proposal_by_number(proposal: Path, number: Any) -> None:
    assert find_proposal(number) == proposal


@pytest.mark.parametrize("form", [str, Path, lambda p: f"{p}/", os.fspath])
def test_proposal_by_path(proposal: Path, form: Callable[[Path], Any]) -> None:
    assert find_proposal(form(proposal)) == proposal


def test_proposal_in_two_cycles_is_the_later_one(proposal: Path, tmp_path: Path) -> None:
    later = tmp_path / "SPB" / "202401" / "p002012"
    later.mkdir(parents=True)
    (tmp_path / "SPB" / "202402").mkdir()
    (tmp_path / "SPB" / "202402" / "p002012").write_text("no folder")
    assert find_proposal(2012) == later


@pytest.mark.parametrize(
    "number", ["p00201*", "P002012", "", "p0002012", -1, 10**6, 2012.0, True, None, b"2012", "SPB"]
)
def test_what_is_no_proposal_is_refused(proposal: Path, number: Any) -> None:
    """A pattern would open another proposal's data."""
    with pytest.raises(ValueError, match="proposal"):
        find_proposal(number)


def test_absent_proposal_names_the_root(proposal: Path, tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match=f"p002999 in {tmp_path}.*EXTRA_DATA_DATA_ROOT"):
        find_proposal(2999)
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/nowhere"):
        find_proposal(tmp_path / "nowhere")


@pytest.mark.parametrize("run", [238, "238", "r0238", "0238", "r238", np.uint16(238)])
def test_run(proposal: Path, run: Any) -> None:
    assert find_run(2012, run) == proposal / "raw" / "r0238"
    assert find_run(proposal, run, "raw/") == proposal / "raw" / "r0238"


def test_folders_of_a_proposal(proposal: Path) -> None:
    assert find_run(2012, 7, "proc") == proposal / "proc" / "r0007"
    assert find_run(2012, 7, "scratch/mine") == proposal / "scratch" / "mine" / "r0007"


def test_folders_may_be_links(proposal: Path, tmp_path: Path) -> None:
    """At the facility ``raw`` leads to other storage."""
    (tmp_path / "storage" / "r0003").mkdir(parents=True)
    (proposal / "red").symlink_to(tmp_path / "storage")
    assert find_run(2012, 3, "red") == proposal / "red" / "r0003"


@pytest.mark.parametrize(
    "run", ["0001/../../../p002013", "r00*", "", -1, 10**4, "R0238", 238.0, True, None]
)
def test_what_is_no_run_is_refused(proposal: Path, run: Any) -> None:
    with pytest.raises(ValueError, match="run"):
        find_run(2012, run)


@pytest.mark.parametrize("data", ["..", "../p002013", "/tmp", "", ".", "raw//x", "a\nb", 5, None])
def test_data_stays_under_the_proposal(proposal: Path, data: Any) -> None:
    with pytest.raises(ValueError, match="data="):
        find_run(2012, 7, data)


def test_absent_run_names_near_runs(proposal: Path) -> None:
    with pytest.raises(RunNotFoundError) as caught:
        find_run(2012, 11)
    assert str(caught.value) == (
        f"no run folder {proposal}/raw/r0011: there are 10 runs, near r0005, r0006, r0007, "
        "r0008, r0009"
    )
    assert caught.value.file == str(proposal / "raw" / "r0011")


def test_absent_run_names_other_folders(proposal: Path) -> None:
    with pytest.raises(RunNotFoundError, match=r"r0008 is in raw$"):
        find_run(2012, 8, "proc")
    with pytest.raises(RunNotFoundError, match=r"holds proc, raw, scratch$"):
        find_run(2012, 300, "nope")


def test_roots_of_the_facility(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("EXTRA_DATA_DATA_ROOT", "EXTRA_DATA_SW_ROOT"):
        monkeypatch.delenv(variable, raising=False)
    assert data_root() == Path("/gpfs/exfel/exp")
    assert software_root() == Path("/gpfs/exfel/sw")
