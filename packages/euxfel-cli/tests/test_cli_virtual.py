"""``euxfel overview``, ``make-virtual-cxi`` and ``copy-structure``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

RAW = "raw/r0001"


def test_an_overview_is_made_and_found_to_fit_or_not(
    proposal: Any, euxfel: Callable[..., Any], tmp_path: Path
) -> None:
    run, made = str(proposal.folder / RAW), str(tmp_path / "o.h5")
    assert euxfel("overview", run, "--check").code == 1
    assert euxfel("overview", run, "-o", made).out == f"{made} shows the run as it is\n"
    assert euxfel("overview", run, "--check", "-o", made).code == 0
    other = str(proposal.folder / "raw/r0002")
    told = euxfel("overview", other, "--check", "-o", made, "--json")
    assert told.code == 1
    assert "are gone from" in json.loads(told.out)["reason"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_virtual_cxi_file_is_written(
    proposal: Any, euxfel: Callable[..., Any], tmp_path: Path
) -> None:
    run, path = str(proposal.folder / "raw/r0002"), str(tmp_path / "d.cxi")
    words = ("make-virtual-cxi", run, "-o", path, "--n-modules", "4", "--modules", "1")
    assert euxfel(*words, "--min-modules", "1", "--fill-value", "data", "7").code == 0
    with h5py.File(path) as file:
        data = file["entry_1/data_1/data"]
        assert (data.shape[1], data.fillvalue) == (4, 7)
        # Module 4 is not there.
        assert (data[0, 3] == 7).all()
    again = euxfel(*words)
    assert (again.code, "overwrite" in again.err) == (2, True)
    assert euxfel("make-virtual-cxi", str(tmp_path)).code == 2
    assert euxfel(*words, "--fill-value", "dat", "1", "--overwrite").code == 2


def test_files_are_cloned_without_data(
    proposal: Any, euxfel: Callable[..., Any], tmp_path: Path
) -> None:
    run = str(proposal.folder / RAW)
    assert euxfel("copy-structure", run, str(tmp_path)).out.startswith("3 file(s) cloned")
    assert len(os.listdir(tmp_path)) == 3
    assert euxfel("copy-structure", run, str(tmp_path / "none")).code == 3
    assert euxfel("copy-structure", run, str(tmp_path), "-cr", "-cc").code == 2
