"""The pytest plugin: fixtures that other projects use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from euxfel.fileaccess.testing import SimulatedRun, WrittenRun, motor


def test_a_simulated_run_is_on_disk(simulated_run: WrittenRun) -> None:
    assert [p.name for p in sorted(simulated_run.path.iterdir())] == [
        "RAW-R0001-DA01-S00000.h5",
        "RAW-R0001-DA01-S00001.h5",
        "RAW-R0001-DA02-S00000.h5",
    ]


def test_runs_are_written_below_the_root_that_readers_are_told(
    make_run: Callable[[SimulatedRun], WrittenRun], data_root: Path
) -> None:
    written = make_run(SimulatedRun({"DA01": (motor(),)}, run=5))

    assert Path(os.environ["EXTRA_DATA_DATA_ROOT"]) == data_root
    assert written.path.relative_to(data_root).parts[-1] == "r0005"


def test_the_plugin_is_found_by_its_entry_point(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.has_plugin("euxfel-testing")
