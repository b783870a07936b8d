"""EXtra-geom assembles images from the arrays of detectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import extra_geom
import matplotlib as mpl
import numpy as np
import pytest

from euxfel.components import AGIPD1M, JUNGFRAU
from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, detector_modules

MISSING = 5


@pytest.fixture(scope="module")
def agipd(tmp_path_factory: pytest.TempPathFactory) -> AGIPD1M:
    modules = [m for m in range(16) if m != MISSING]
    parts = detector_modules("SPB_DET_AGIPD1M-1", 2, corrected=True, modules=modules)
    run = SimulatedRun(parts, train_ids=[10000], category="CORR")
    return AGIPD1M(RunDirectory(run.write(tmp_path_factory.mktemp("agipd")).path))


def test_labelled_array_is_assembled_by_module_number(agipd: AGIPD1M) -> None:
    """A module that is missing leaves its place empty; all other pixels are there once."""
    frames = agipd.get_array("image.data")
    geometry = extra_geom.AGIPD_1MGeometry.example()
    image, _ = geometry.position_modules(frames[:, 0, 1])
    assert _pixels(image) == _pixels(frames[:, 0, 1].values)
    assert np.isfinite(image).sum() == 15 * 512 * 128


def test_plain_array_with_module_gaps_is_assembled_alike(agipd: AGIPD1M) -> None:
    geometry = extra_geom.AGIPD_1MGeometry.example()
    labelled, _ = geometry.position_modules(agipd.get_array("image.data")[:, 0, 0])
    plain = agipd["image.data"].ndarray(module_gaps=True)
    assembled, _ = geometry.position_modules(plain[:, 0])
    np.testing.assert_array_equal(assembled, labelled)


def test_jungfrau_is_assembled(tmp_path: Path) -> None:
    parts = detector_modules("SPB_IRDA_JNGFR", corrected=True)
    run = SimulatedRun(parts, train_ids=[10000], category="CORR")
    det = JUNGFRAU(RunDirectory(run.write(tmp_path).path))
    frames = det.get_array("data.adc")
    image, _ = extra_geom.JUNGFRAUGeometry.example(2).position_modules(frames[:, 0, 0])
    assert _pixels(image) == _pixels(frames[:, 0, 0].values)


def test_picture_of_the_nominal_geometry(agipd: AGIPD1M) -> None:
    mpl.use("Agg")
    axes = agipd.plot(geometry=True).axes[0]
    drawn = np.ma.filled(axes.images[0].get_array().astype("f8"), np.nan)
    assert _pixels(drawn) == _pixels(agipd["image.data"].ndarray()[:, 0])


def _pixels(values: Any) -> float:
    """Sum of all pixels, in an order that does not depend on where they are."""
    present = np.asarray(values, dtype="f8")
    return float(np.sort(present[np.isfinite(present)]).sum())
