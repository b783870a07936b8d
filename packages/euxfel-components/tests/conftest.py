from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euxfel.components import AGIPD1M, MultimodDetector
from euxfel.core import DataCollection, RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, WrittenRun, detector_modules

MODULES = (2, 3, 4)
SHAPE = (6, 5)
Write = Callable[..., tuple[DataCollection, WrittenRun]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a run of some modules with defects, and open it."""

    def make(
        name: str = "SPB_DET_AGIPD1M-1",
        *defects: Any,
        run: dict[str, Any] | None = None,
        **options: Any,
    ) -> tuple[DataCollection, WrittenRun]:
        given = {"modules": MODULES, "module_shape": SHAPE, "corrected": True, **options}
        parts = detector_modules(name, **given)
        described = SimulatedRun(
            parts, **{"trains_per_file": 6, "train_ids": range(10000, 10010)} | (run or {})
        )
        written = described.with_defect(*defects).write(tmp_path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return RunDirectory(written.path), written

    return make


def expected(det: MultimodDetector, written: WrittenRun, key: str) -> np.ndarray[Any, Any]:
    """What healthy modules hold, one below the other."""
    return np.stack(
        [written.expected(source, key, det.train_ids) for source in det.modno_to_source.values()]
    )


@pytest.fixture
def healthy(write: Write) -> tuple[AGIPD1M, WrittenRun]:
    run, written = write()
    return AGIPD1M(run), written
