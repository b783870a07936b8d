"""Pytest fixtures that write simulated runs; loaded by the entry point ``euxfel-testing``.

Everything else is imported inside the fixtures: pytest loads this module in every session.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from euxfel.fileaccess.testing import SimulatedRun, WrittenRun


@pytest.fixture
def data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty root of the facility's folder tree, which ``EXTRA_DATA_DATA_ROOT`` names."""
    root = tmp_path / "exp"
    root.mkdir()
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(root))
    return root


@pytest.fixture
def make_run(data_root: Path) -> Callable[[SimulatedRun], WrittenRun]:
    """Function that writes a described run below ``data_root``."""

    def write(description: SimulatedRun) -> WrittenRun:
        return description.write(data_root)

    return write


@pytest.fixture
def simulated_run(make_run: Callable[[SimulatedRun], WrittenRun]) -> WrittenRun:
    """A small healthy run of three files: slow devices in two sequences, a camera in one."""
    from euxfel.fileaccess.testing import small_run

    return make_run(small_run())
