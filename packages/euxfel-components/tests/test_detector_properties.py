"""Whatever is chosen of a detector equals the same choice from the whole array in NumPy."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.components import AGIPD1M, JUNGFRAU, reductions
from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, detector_modules
from euxfel.fileaccess.testing import defects as d

FRAMES, TRAINS, SHAPE = 5, 9, (4, 3)
# Trains 10004 of module 3 were never recorded.
GAP = d.TrainsMissing(aggregator="AGIPD03", train_ids=[10004])


class Data:
    """A detector raw and corrected, and one with memory cells, with all that they hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cache  # noqa: B019 - as long as the tests of this module
    def detector(self, raw: bool) -> AGIPD1M:
        """Three modules in two sequence files."""
        parts = detector_modules(
            "SPB_DET_AGIPD1M-1",
            frames=FRAMES,
            modules=(2, 3, 5),
            module_shape=SHAPE,
            corrected=not raw,
        )
        run = SimulatedRun(parts, train_ids=range(10000, 10000 + TRAINS), trains_per_file=5)
        written = run.with_defect(GAP).write(self.folder / str(raw))
        return AGIPD1M(RunDirectory(written.path), raw=raw)

    @cache  # noqa: B019
    def whole(self, raw: bool, key: str) -> np.ndarray[Any, Any]:
        """The whole key as module, train, frame, then the axes of a frame."""
        loaded = self.detector(raw)[key].ndarray(fill_value=7)
        return loaded.reshape(3, TRAINS, FRAMES, *loaded.shape[2:])

    @cache  # noqa: B019
    def cells(self) -> tuple[JUNGFRAU, np.ndarray[Any, Any]]:
        """Bursts of 16 memory cells, and all of them."""
        parts = detector_modules("SPB_IRDA_JF4M", modules=(1, 6), cells=16, module_shape=SHAPE)
        run = SimulatedRun(parts, train_ids=range(10000, 10004))
        det = JUNGFRAU(RunDirectory(run.write(self.folder / "cells").path), raw=True)
        return det, det["data.adc"].ndarray()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(tmp_path_factory.mktemp("properties"))


slices = st.slices(FRAMES)
positions = st.lists(st.integers(0, FRAMES - 1), min_size=1, max_size=FRAMES, unique=True)
trains = st.slices(TRAINS).filter(lambda s: len(range(TRAINS)[s]) > 0)


@given(st.booleans(), trains, slices | positions)
@settings(max_examples=60, deadline=None)
def test_chosen_trains_and_pulses(data: Data, raw: bool, chosen: slice, pulses: Any) -> None:
    """R10, R11: any slice, also backwards, and any order of positions."""
    view = data.detector(raw).select_trains(np.s_[chosen])["image.data"].select_pulses(pulses)
    order = np.sort(np.arange(TRAINS)[chosen])
    wanted = data.whole(raw, "image.data")[:, order][:, :, pulses]
    found = view.ndarray(fill_value=7)
    np.testing.assert_array_equal(found, wanted.reshape(found.shape))


@given(st.booleans(), st.tuples(st.slices(SHAPE[0]), st.slices(SHAPE[1])), positions)
@settings(max_examples=60, deadline=None)
def test_chosen_region(data: Data, raw: bool, roi: tuple[slice, slice], pulses: list[int]) -> None:
    # The first axis of a raw frame is data and gain.
    region = (np.s_[:], *roi) if raw else roi
    view = data.detector(raw)["image.data"].select_pulses(pulses)
    wanted = data.whole(raw, "image.data")[:, :, pulses][..., roi[0], roi[1]]
    found = view.ndarray(roi=region, fill_value=7)
    np.testing.assert_array_equal(found, wanted.reshape(found.shape))


@given(st.integers(0, 31), slices)
@settings(max_examples=40, deadline=None)
def test_masked_pixels(data: Data, bit: int, pulses: slice) -> None:
    """B34: the mask that counts is the one of the frames that were chosen."""
    masked = data.detector(False).masked_data(mask_bits=1 << bit).select_pulses(pulses)
    pixels = data.whole(False, "image.data")[:, :, pulses].astype("f4")
    bad = (data.whole(False, "image.mask")[:, :, pulses] & (1 << bit)) != 0
    wanted = np.where(bad, np.float32(np.nan), pixels)
    there = np.ones(wanted.shape, bool)
    there[1, 4] = False
    found = masked.ndarray().reshape(wanted.shape)
    np.testing.assert_array_equal(found[there], wanted[there])
    assert np.isnan(found[~there]).all()


@given(
    st.sampled_from(["mean", "sum", "std", "max", "min"]),
    st.sampled_from(["trains", "pulses", ("trains", "pulses")]),
    trains,
    positions,
    st.integers(1, 200),
)
@settings(max_examples=60, deadline=None)
def test_reductions_of_what_was_chosen(
    data: Data, name: str, over: Any, chosen: slice, pulses: list[int], block: int
) -> None:
    """The same for every size of block, missing data left out; results stand in order of ID."""
    order = np.sort(np.arange(TRAINS)[chosen])
    in_order = sorted(pulses)
    view = data.detector(False).select_trains(np.s_[chosen])["image.data"].select_pulses(pulses)
    pixels = data.whole(False, "image.data").astype("f8")
    pixels[1, 4] = np.nan
    axis = {"trains": 1, "pulses": 2}[over] if isinstance(over, str) else (1, 2)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        # NumPy says that a missing train is empty.
        warnings.simplefilter("ignore", RuntimeWarning)
        patch.setattr(reductions, "BLOCK_ELEMENTS", block)
        wanted = getattr(np, f"nan{name}")(pixels[:, order][:, :, in_order], axis=axis)
        found = getattr(view, name)(over).values
    np.testing.assert_allclose(found, wanted.reshape(found.shape), rtol=1e-6)


@given(st.slices(4).filter(lambda s: len(range(4)[s]) > 0), st.tuples(*map(st.slices, SHAPE)))
@settings(max_examples=40, deadline=None)
def test_bursts_of_memory_cells(data: Data, chosen: slice, roi: Any) -> None:
    det, whole = data.cells()
    found = det.select_trains(np.s_[chosen])["data.adc"].ndarray(roi=(np.s_[:], *roi))
    order = np.sort(np.arange(4)[chosen])
    np.testing.assert_array_equal(found, whole[:, order][..., roi[0], roi[1]])
