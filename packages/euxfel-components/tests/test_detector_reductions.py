"""Reductions equal NumPy on the loaded array."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from euxfel.components import AGIPD1M, JUNGFRAU, reductions
from euxfel.fileaccess.testing import defects as d

NAMES = ("mean", "std", "sum", "max", "min")
AXES = {"trains": 1, "pulses": 2, "both": (1, 2)}
OVER: dict[str, Any] = {"trains": "trains", "pulses": "pulses", "both": ("trains", "pulses")}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reductions, "BLOCK_ELEMENTS", 100)


def by_numpy(name: str, data: np.ndarray[Any, Any], axis: Any) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = getattr(np, f"nan{name}")(data, axis=axis)
    return found


@pytest.mark.parametrize("over", list(AXES))
@pytest.mark.parametrize("name", NAMES)
def test_floats_with_gaps(write: Any, name: str, over: str) -> None:
    run, _ = write("SPB_DET_AGIPD1M-1", d.TrainsMissing(aggregator="AGIPD03", train_ids=[10003]))
    view = AGIPD1M(run)["image.data"]
    data = view.ndarray().astype("f8").reshape(3, 10, 4, 6, 5)
    with warnings.catch_warnings():
        # NumPy says that the missing train is empty.
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = by_numpy(name, data, AXES[over])
    found = getattr(view, name)(OVER[over])
    np.testing.assert_allclose(found.values, wanted, rtol=1e-9)
    assert found.module.values.tolist() == [2, 3, 4]


@pytest.mark.parametrize("over", list(AXES))
@pytest.mark.parametrize("name", NAMES)
def test_integers_are_exact(write: Any, name: str, over: str) -> None:
    run, _ = write(corrected=False)
    view = AGIPD1M(run, raw=True)["image.data"]
    data = view.ndarray().reshape(3, 10, 4, 2, 6, 5)
    found = getattr(view, name)(OVER[over]).values
    wanted = getattr(np, name)(data, axis=AXES[over])
    if name in {"sum", "max", "min"}:
        np.testing.assert_array_equal(found, wanted)
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_masked_pixels_are_left_out(healthy: Any, name: str) -> None:
    view = healthy[0].masked_data(mask_bits=1)
    data = view.ndarray().astype("f8").reshape(3, 10, 4, 6, 5)
    assert np.isnan(data).any()
    wanted = by_numpy(name, data, (1, 2))
    np.testing.assert_allclose(getattr(view, name)().values, wanted, rtol=1e-9)


def test_chosen_pulses_and_region(healthy: Any) -> None:
    view = healthy[0]["image.data"].select_pulses([2, 0])
    found = view.max("trains", roi=np.s_[1:3, 2])
    assert found.dims == ("module", "pulse", "slow_scan")
    data = healthy[0]["image.data"].ndarray().reshape(3, 10, 4, 6, 5)
    np.testing.assert_array_equal(found.values, data[:, :, [0, 2]][..., 1:3, 2].max(axis=1))
    assert found.pulse.values.tolist() == [0, 2]


@pytest.mark.parametrize("over", list(AXES))
def test_memory_cells_count_as_pulses(write: Any, over: str) -> None:
    run, _ = write("SPB_IRDA_JF4M", modules=(1, 2), cells=16)
    view = JUNGFRAU(run)["data.adc"]
    wanted = view.ndarray().astype("f8").mean(axis=AXES[over])
    found = view.mean(OVER[over])
    np.testing.assert_allclose(found.values, wanted, rtol=1e-9)
    left = {"trains": ("cell",), "pulses": ("train",), "both": ()}[over]
    assert found.dims == ("module", *left, "slow_scan", "fast_scan")


def test_progress_is_told_block_by_block(healthy: Any) -> None:
    told: list[tuple[int, int]] = []
    healthy[0]["image.data"].sum(progress=lambda done, total: told.append((done, total)))
    assert told == [(i, len(told)) for i in range(1, len(told) + 1)]
    assert len(told) > 3


def test_unknown_axis_is_refused(healthy: Any) -> None:
    with pytest.raises(ValueError, match="'trains', 'pulses' or both"):
        healthy[0]["image.data"].mean("moon")
