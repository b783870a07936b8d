"""Modules of a detector as one source, as EXtra-data sends it, and as NumPy puts it together."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parity.libraries import Opened, Store
from parity.makers import BY_NAME

from euxfel.components import JUNGFRAU
from euxfel.core import RunDirectory
from euxfel.export.source import trains_of
from euxfel.fileaccess.testing import SimulatedRun, detector_modules


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # What mock runs warn about is compared elsewhere.
        warnings.simplefilter("ignore")
        yield


def merged(data: dict[str, Any]) -> dict[str, Any]:
    return next(values for source, values in data.items() if source.endswith("/DET/APPEND"))


@pytest.mark.parametrize(
    "name", ["spb_raw-1.3", "spb_proc-0.5", "fxe-0.5", "scs-1.0", "lpd_parallel_gain-1.0"]
)
def test_modules_are_merged_as_by_the_other_library(store: Store, name: str) -> None:
    """AGIPD raw and corrected, LPD, DSSC: types, axes and values."""
    run: Opened = store.get(BY_NAME[name])
    _, theirs = next(importlib.import_module("extra_data.export")._iter_trains(run.theirs, True))
    wanted = {k: v for k, v in merged(theirs).items() if getattr(v, "ndim", 0) > 2}
    found = merged(next(trains_of(run.ours, True)).data)
    assert wanted
    for key, array in wanted.items():
        assert (found[key].dtype, found[key].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[key], array)


def test_bursts_of_jungfrau_are_the_detector_s_own_array(store: Store) -> None:
    """EXtra-data does not merge these."""
    run: Opened = store.get(BY_NAME["jungfrau-1.0"])
    train = next(trains_of(run.ours, True))
    detector = JUNGFRAU(run.ours)
    # Modules, trains, cells, rows, columns; cells come first in the stream.
    array = detector["data.adc"].select_trains(np.s_[:1]).ndarray()[:, 0]
    np.testing.assert_array_equal(merged(train.data)["data.adc"], array.swapaxes(0, 1))


def test_frames_that_a_module_lacks_are_filled(tmp_path: Path) -> None:
    """Modules with fewer frames in a train, and one with none."""
    full = detector_modules("SPB_DET_AGIPD1M-1", 4, corrected=True, module_shape=(8, 4))
    fewer = detector_modules("SPB_DET_AGIPD1M-1", 3, corrected=True, module_shape=(8, 4))
    modules = {**full, "AGIPD05": fewer["AGIPD05"]}
    del modules["AGIPD09"]
    run = RunDirectory(SimulatedRun(modules, range(10000, 10002)).write(tmp_path).path)
    found = merged(next(trains_of(run, True)).data)
    data = found["image.data"]
    assert data.shape == (4, 16, 8, 4)
    assert np.isnan(data[:, 9]).all()
    assert np.isnan(data[3, 5]).all()
    assert not np.isnan(np.delete(data[:3], 9, axis=1)).any()
    assert [n for n, here in enumerate(found["modulesPresent"]) if not here] == [9]
    assert len(found["image.pulseId"]) == 4
