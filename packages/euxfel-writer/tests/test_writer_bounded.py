"""How much is in memory while a selection is written, and how often a row is read for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euxfel.core import H5File, RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, camera
from euxfel.writer import stream

CAMERA, PIXELS = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels"
LIMIT = 8000


@pytest.mark.parametrize("trains", [20, 80])
def test_rows_go_through_in_blocks_each_of_them_once(
    trains: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: a selection of any size is streamed; the work grows with its rows, memory does not."""
    ids = range(10000, 10000 + trains)
    run = RunDirectory(SimulatedRun({"DA01": camera()}, ids, 7).write(tmp_path).path)
    blocks: list[tuple[int, int, int]] = []
    read = stream.read_block

    def noted(plan: Any, low: int, high: int) -> Any:
        found = read(plan, low, high)
        if plan.key == PIXELS:
            blocks.append((low, high, found.nbytes))
        return found

    monkeypatch.setattr(stream, "BLOCK_BYTES", LIMIT)
    monkeypatch.setattr(stream, "read_block", noted)
    # Other compression than in the files: no chunk can be passed on as it is.
    run.select(CAMERA).write(str(tmp_path / "out.h5"), compression=1)
    assert [row for low, high, _ in blocks for row in range(low, high)] == list(range(trains))
    assert LIMIT // 2 < max(size for *_, size in blocks) <= LIMIT
    written = H5File(tmp_path / "out.h5")[CAMERA, PIXELS].ndarray()
    np.testing.assert_array_equal(written, run[CAMERA, PIXELS].ndarray())
