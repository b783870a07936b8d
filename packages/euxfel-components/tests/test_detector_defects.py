"""Detectors whose data is not as it should be: nothing is silently wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from euxfel.components import AGIPD1M, AGIPD500K, JUNGFRAU, LPD1M
from euxfel.core import DataError, NoDataError, SourceNameError
from euxfel.fileaccess import TooMuchDataError
from euxfel.fileaccess.testing import defects as d

MODULE = "SPB_DET_AGIPD1M-1/CORR/3CH0:output"
OTHER = "SPB_DET_AGIPD1M-1/CORR/2CH0:output"


def of_train(view: Any, train: int) -> np.ndarray[Any, Any]:
    return np.flatnonzero(view.train_id_coordinates() == train)


def test_gap_in_the_middle_is_filled_and_later_data_stays_in_place(write: Any) -> None:
    """B4: a module lacks a train inside a block that others have."""
    run, written = write(
        "SPB_DET_AGIPD1M-1", d.TrainsMissing(aggregator="AGIPD03", train_ids=[10003, 10007])
    )
    view = AGIPD1M(run)["image.data"]
    array, there = view.ndarray(), view.data_availability()
    for train in range(10000, 10010):
        at = of_train(view, train)
        gone = train in (10003, 10007)
        assert there[1, at].all() != gone
        if gone:
            assert np.isnan(array[1, at]).all()
        else:
            assert (array[1, at] == written.expected(MODULE, "image.data", [train])).all()
        assert (array[0, at] == written.expected(OTHER, "image.data", [train])).all()


@pytest.mark.parametrize("frames", [6, 3])
def test_other_frame_counts_are_aligned_by_pulse_id(write: Any, frames: int) -> None:
    """B5: a module with 6 or 3 frames where others have 4 is named; frames match by pulse."""
    run, written = write(
        "SPB_DET_AGIPD1M-1", d.OtherFrameCount(aggregator="AGIPD03", source=MODULE, frames=frames)
    )
    det = AGIPD1M(run)
    view = det["image.data"]
    most = max(frames, 4)
    assert view.shape == (3, 10 * most, 6, 5)
    (problem,) = det.problems.of_kind("frame-counts-differ")
    assert problem.source == MODULE
    assert len(problem.trains) == 10
    array = view.ndarray().reshape(3, 10, most, 6, 5)
    odd = written.expected(MODULE, "image.data").reshape(10, frames, 6, 5)
    assert (array[1, :, :frames] == odd).all()
    usual = written.expected(OTHER, "image.data").reshape(10, 4, 6, 5)
    assert (array[0, :, :4] == usual).all()
    assert np.isnan(array[1, :, frames:]).all()
    assert np.isnan(array[0, :, 4:]).all()
    assert view.pulse_id_coordinates().tolist() == list(range(most)) * 10


def test_other_frame_counts_in_one_train_leave_the_others_alone(write: Any) -> None:
    """B5: alignment by pulse ID survives a selection of trains and of pulses."""
    run, written = write(
        "SPB_DET_AGIPD1M-1",
        d.OtherFrameCount(aggregator="AGIPD03", source=MODULE, frames=2, train_ids=[10004]),
    )
    view = AGIPD1M(run)["image.data"][3:6].select_pulses([3, 1])
    array = view.ndarray()
    own = written.expected(MODULE, "image.data", [10003])
    assert (array[1, :2] == own[[3, 1]]).all()
    assert np.isnan(array[1, 2]).all()
    assert (array[1, 3] == written.expected(MODULE, "image.data", [10004])[1]).all()


def test_repeated_pulse_ids_are_labelled_by_position(write: Any) -> None:
    """B7: 2 pulse IDs for 4 frames."""
    repeated = [
        d.RepeatedPulses(aggregator=f"AGIPD0{m}", source=f"SPB_DET_AGIPD1M-1/CORR/{m}CH0:output")
        for m in (2, 3, 4)
    ]
    run, _ = write("SPB_DET_AGIPD1M-1", *repeated)
    det = AGIPD1M(run)
    array = det.get_array("image.data")
    assert array.pulse.values.tolist() == [0, 1, 2, 3]
    assert len(det.problems.of_kind("repeated-pulses")) == 1
    assert det["image.data"].pulse_id_coordinates()[:4].tolist() == [0, 1, 0, 1]


def test_pulse_ids_that_differ_are_never_a_label(write: Any) -> None:
    """B7: with equal counts, a module with other IDs is refused as a label, with a way on."""
    run, _ = write("SPB_DET_AGIPD1M-1", d.RepeatedPulses(aggregator="AGIPD03", source=MODULE))
    with pytest.raises(DataError, match=r"3CH0.*align='pulse'"):
        AGIPD1M(run)["image.data"].xarray()
    assert AGIPD1M(run, modules=[2, 4])["image.data"].xarray().shape[0] == 2


def test_raw_data_does_not_stand_in_for_corrected_in_silence(write: Any) -> None:
    """B28: an explicit choice, or a warning that says which."""
    run, _ = write(corrected=False)
    with pytest.warns(UserWarning, match="raw=True"):
        assert "raw" in repr(AGIPD1M(run))
    with pytest.raises(SourceNameError, match="no corrected data"):
        AGIPD1M(run, raw=False)
    assert AGIPD1M(run, raw=True)["image.data"].shape[2] == 2


def test_corrected_data_under_old_names_is_not_raw(write: Any) -> None:
    """B28: old corrected data has the names of raw data."""
    run, _ = write(old_names=True)
    assert "corrected" in repr(AGIPD1M(run))
    with pytest.raises(NoDataError, match="corrected"):
        AGIPD1M(run, raw=True)


def test_pulse_selection_reads_no_more_than_it_asks_for(healthy: Any) -> None:
    """B33: what is read for a selection of pulses is what was selected, row by row."""
    det, _ = healthy
    view = det["image.data"].select_pulses(np.s_[1:2])
    plan = view._key.plan(view._picked)
    rows = sum(int((p.ranges[:, 1] - p.ranges[:, 0]).sum()) for p in plan.places)
    assert rows == 3 * 10


def test_one_selection_drives_data_mask_and_labels(healthy: Any) -> None:
    """B34: masked data of some pulses."""
    det, written = healthy
    view = det.masked_data(mask_bits=3).select_pulses([3, 0])[2:5]
    trains = det.train_ids[2:5]
    for i, source in enumerate(det.modno_to_source.values()):
        data = written.expected(source, "image.data", trains).reshape(3, 4, 6, 5)[:, [3, 0]]
        mask = written.expected(source, "image.mask", trains).reshape(3, 4, 6, 5)[:, [3, 0]]
        wanted = np.where(mask & 3, np.nan, data).reshape(6, 6, 5)
        np.testing.assert_array_equal(view.ndarray()[i], wanted)
    assert view.pulse_id_coordinates().tolist() == [3, 0] * 3


def test_module_gaps_put_modules_at_their_numbers(healthy: Any) -> None:
    """B35: places for missing modules."""
    det, _ = healthy
    array = det["image.data"].ndarray(module_gaps=True)
    assert array.shape[0] == 16
    assert np.isnan(array[[0, 1, *range(5, 16)]]).all()
    assert (array[2:5] == det["image.data"].ndarray()).all()
    assert det.data_availability(module_gaps=True).any(axis=1).nonzero()[0].tolist() == [2, 3, 4]


def test_jungfrau_modules_with_holes_in_their_numbers(write: Any) -> None:
    """B36: modules 1, 2, 3, 6, 7, 8."""
    numbers = (1, 2, 3, 6, 7, 8)
    run, written = write("SPB_IRDA_JF4M", modules=numbers, corrected=False)
    det = JUNGFRAU(run, raw=True)
    assert sorted(det.modno_to_source) == list(numbers)
    array = det["data.adc"].ndarray(module_gaps=True, fill_value=0)
    assert array.shape == (8, 10, 1, 6, 5)
    assert not array[[3, 4]].any()
    source = "SPB_IRDA_JF4M/DET/JNGFR07:daqOutput"
    assert (array[6] == written.expected(source, "data.adc")).all()


def test_single_jungfrau_module_with_a_first_number(write: Any) -> None:
    """B36: one module with number 03."""
    run, _ = write("FXE_XAD_JF500K", modules=(3,), corrected=False)
    det = JUNGFRAU(run, raw=True, first_modno=3)
    assert (det.n_modules, det.modno_to_source) == (1, {1: "FXE_XAD_JF500K/DET/JNGFR03:daqOutput"})
    assert det["data.adc"].modules == [1]


def test_integer_gaps_have_the_stated_value_and_can_be_told(write: Any) -> None:
    """B38: whole numbers have no NaN."""
    run, _ = write(
        "SPB_DET_AGIPD1M-1",
        d.TrainsMissing(aggregator="AGIPD03", train_ids=[10002]),
        corrected=False,
    )
    view = AGIPD1M(run, raw=True)["image.data"]
    gap = ~view.data_availability()
    assert gap.sum() == 4
    assert (view.ndarray()[gap] == 0).all()
    assert (view.ndarray(fill_value=9)[gap] == 9).all()
    assert (view.ndarray(fill_value=9)[~gap] == view.ndarray()[~gap]).all()


@pytest.mark.parametrize("fill", [0, 7])
def test_unallocated_chunks_hold_the_fill_value_of_the_dataset(write: Any, fill: int) -> None:
    """B39, R2: never written, which is not a gap."""
    never = d.NeverWritten(
        aggregator="AGIPD03", source=MODULE, key="image.data", train_ids=[10005], fill=fill
    )
    view = AGIPD1M(write("SPB_DET_AGIPD1M-1", never)[0])["image.data"]
    assert (view.ndarray()[1, of_train(view, 10005)] == fill).all()
    assert view.data_availability().all()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_result_does_not_depend_on_the_number_of_threads(write: Any, threads: int) -> None:
    """R1: raw frames of 4 dimensions."""
    run, written = write(corrected=False)
    det = AGIPD1M(run, raw=True)
    array = det["image.data"].ndarray(decompress_threads=threads)
    for i, source in enumerate(det.modno_to_source.values()):
        assert (array[i] == written.expected(source, "image.data")).all()


def test_trains_without_pulses_are_left_out_by_id(write: Any) -> None:
    """B40: no module has frames in two trains, one lacks them in a third."""
    no_frames = [
        d.OtherFrameCount(
            aggregator=f"AGIPD0{m}",
            source=f"SPB_DET_AGIPD1M-1/CORR/{m}CH0:output",
            frames=0,
            train_ids=[10001, 10002, *([10004] if m == 3 else [])],
        )
        for m in (2, 3, 4)
    ]
    run, written = write("SPB_DET_AGIPD1M-1", *no_frames)
    det = AGIPD1M(run)
    assert det.train_ids == [10000, *range(10003, 10010)]
    array = det["image.data"].xarray()
    assert np.isnan(array.sel(module=3, train=10004)).all()
    chosen = array.sel(module=3, train=10005).values
    assert (chosen == written.expected(MODULE, "image.data", [10005])).all()
    assert [tid for tid, _ in det.trains()] == [10000, 10003, *range(10005, 10010)]
    assert AGIPD1M(run, min_modules=3).train_ids == [10000, 10003, *range(10005, 10010)]


def test_selections_without_data_are_empty(healthy: Any) -> None:
    """B41: right shape and type, labels included."""
    det, _ = healthy
    none = det["image.data"][:0]
    assert none.ndarray().shape == (3, 0, 6, 5)
    assert none.ndarray().dtype == np.float32
    assert none.xarray().sizes["train_pulse"] == 0
    assert det["image.data"].select_pulses(np.s_[90:]).ndarray().shape == (3, 0, 6, 5)
    assert list(det.select_trains([]).trains()) == []


def test_order_of_pulses_is_the_one_asked_for(healthy: Any) -> None:
    """R10: [3, 1] is not [1, 3], in arrays and in labels."""
    det, _ = healthy
    everything = det["image.data"].ndarray().reshape(3, 10, 4, 6, 5)
    view = det["image.data"].select_pulses([3, 1])
    assert (view.ndarray().reshape(3, 10, 2, 6, 5) == everything[:, :, [3, 1]]).all()
    apart = det.get_array("image.data", pulses=[3, 1])
    assert apart.pulse.values.tolist() == [3, 1]
    assert (apart.values == everything[:, :, [3, 1]]).all()


@pytest.mark.parametrize("pulses", [np.s_[-2:], -1, [-1, 0], np.s_[::-1], np.s_[1:-1]])
def test_negative_positions_count_from_the_end(healthy: Any, pulses: Any) -> None:
    """R11: as NumPy counts."""
    det, _ = healthy
    everything = det["image.data"].ndarray().reshape(3, 10, 4, 6, 5)
    wanted = everything[:, :, np.atleast_1d(np.arange(4)[pulses])].reshape(3, -1, 6, 5)
    assert (det["image.data"].select_pulses(pulses).ndarray() == wanted).all()


def test_index_beyond_the_data_is_refused_with_a_way_on(write: Any) -> None:
    """B14: one module claims frames that it lacks."""
    run, written = write(
        "SPB_DET_AGIPD1M-1",
        d.DataCut(aggregator="AGIPD03", sequence=1, path=f"INSTRUMENT/{MODULE}/image/data", rows=9),
    )
    det = AGIPD1M(run)
    with pytest.raises(DataError, match="3CH0"):
        det["image.data"].ndarray()
    good = det.drop_bad_trains()
    assert good.train_ids == list(range(10000, 10008))
    found = good["image.data"].ndarray()[1]
    assert (found == written.expected(MODULE, "image.data", good.train_ids)).all()


def test_parallel_gain_needs_whole_stages(write: Any) -> None:
    run, _ = write("FXE_DET_LPD1M-1", frames=4, corrected=False)
    with pytest.raises(ValueError, match="multiple of 3"):
        LPD1M(run, raw=True, parallel_gain=True)


def test_other_detectors_are_not_taken(healthy: Any) -> None:
    det, _ = healthy
    with pytest.raises(SourceNameError, match="AGIPD500K"):
        AGIPD500K(det.data)


def test_gaps_of_integers_hold_zero_or_the_value_asked_for(write: Any) -> None:
    """B35: raw data, which has no NaN."""
    run, _ = write("SPB_DET_AGIPD1M-1", modules=(2, 3), corrected=False)
    view = AGIPD1M(run, raw=True)["image.data"]
    gap = [0, 1, *range(4, 16)]
    for asked, found in [(None, 0), (7, 7)]:
        array = view.ndarray(module_gaps=True, fill_value=asked)
        assert (array[gap] == found).all()
        assert (array[2:4] == view.ndarray()).all()


def test_more_data_than_memory_is_said(healthy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy's own words name neither the detector nor a way out."""
    det, _ = healthy

    def full(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("euxfel.core.allocation.np.empty", full)
    with pytest.raises(TooMuchDataError, match=r"image\.data of .* do not fit into memory"):
        det["image.data"].ndarray()
