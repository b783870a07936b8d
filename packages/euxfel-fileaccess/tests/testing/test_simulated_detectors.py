"""Detector modules are named, shaped and numbered as the facility's are."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.fileaccess.testing import DETECTORS, InstrumentSource, SimulatedRun, detector_modules


@pytest.mark.parametrize(
    ("detector", "module", "raw", "corrected", "aggregator"),
    [
        ("SPB_DET_AGIPD1M-1", 3, "DET/3CH0:xtdf", "CORR/3CH0:output", "AGIPD03"),
        ("HED_DET_AGIPD500K2G", 7, "DET/7CH0:xtdf", "CORR/7CH0:output", "AGIPD07"),
        ("FXE_DET_LPD1M-1", 15, "DET/15CH0:xtdf", "CORR/15CH0:output", "LPD15"),
        ("FXE_DET_LPD_SOLO", 0, "DET/0CH0:xtdf", "CORR/0CH0:output", "LPD00"),
        ("SCS_DET_DSSC1M-1", 0, "DET/0CH0:xtdf", "CORR/0CH0:output", "DSSC00"),
        ("SPB_IRDA_JNGFR", 2, "DET/MODULE_2:daqOutput", "CORR/MODULE_2:output", "JNGFR02"),
        ("SPB_IRDA_JF4M", 3, "DET/JNGFR03:daqOutput", "CORR/JNGFR03:output", "JNGFR03"),
        ("FXE_XAD_JF1M", 1, "DET/RECEIVER-1:daqOutput", "CORR/RECEIVER-1:output", "JNGFR01"),
    ],
)
def test_modules_are_named_as_at_the_facility(
    detector: str, module: int, raw: str, corrected: str, aggregator: str
) -> None:
    assert DETECTORS[detector].source(module) == f"{detector}/{raw}"
    assert DETECTORS[detector].source(module, corrected=True) == f"{detector}/{corrected}"
    assert DETECTORS[detector].aggregator_of(module) == aggregator


@pytest.mark.parametrize(
    ("detector", "key", "raw", "corrected"),
    [
        ("SPB_DET_AGIPD1M-1", "image.data", (2, 512, 128), (512, 128)),
        ("FXE_DET_LPD1M-1", "image.data", (1, 256, 256), (256, 256)),
        ("SCS_DET_DSSC1M-1", "image.data", (1, 128, 512), (128, 512)),
        ("SPB_IRDA_JF4M", "data.adc", (1, 512, 1024), (1, 512, 1024)),
    ],
)
def test_frames_have_the_shape_of_a_module(
    tmp_path: Path, detector: str, key: str, raw: tuple[int, ...], corrected: tuple[int, ...]
) -> None:
    for shape, dtype, is_corrected in ((raw, "u2", False), (corrected, "f4", True)):
        modules = detector_modules(detector, 2, corrected=is_corrected, modules=[1])
        (path,) = SimulatedRun(modules, range(10000, 10002)).write_flat(tmp_path / dtype).paths
        name = DETECTORS[detector].source(1, is_corrected)
        with h5py.File(path) as h5:
            dataset = h5[f"INSTRUMENT/{name}/{key.replace('.', '/')}"]
            assert dataset.shape == (4, *shape)
            assert dataset.dtype == dtype
            assert dataset.chunks == (1, *shape)
            assert dataset.compression == ("gzip" if is_corrected else None)


def first_module(**options: object) -> tuple[SimulatedRun, InstrumentSource]:
    modules = detector_modules("FXE_DET_LPD1M-1", modules=[0], module_shape=(2, 2), **options)  # type: ignore[arg-type]
    ((source,),) = modules.values()
    assert isinstance(source, InstrumentSource)
    return SimulatedRun(modules, range(10000, 10002)), source


def test_raw_ids_have_an_axis_of_length_1() -> None:
    run, source = first_module(frames=3, pulse_step=4)

    assert run.expected(source.name, "image.pulseId").tolist() == [[0], [4], [8]] * 2
    assert run.expected(source.name, "image.cellId").tolist() == [[0], [1], [2]] * 2
    assert run.expected(source.name, "image.trainId")[:, 0].tolist() == [10000] * 3 + [10001] * 3


def test_corrected_ids_have_no_extra_axis() -> None:
    run, source = first_module(frames=3, corrected=True)

    assert run.expected(source.name, "image.pulseId").tolist() == [0, 1, 2] * 2


def test_only_the_first_third_of_ids_is_valid_in_parallel_gain_mode() -> None:
    run, source = first_module(frames=2, gain_stages=3, pulse_step=4)

    assert run.expected_counts(source.name, "image").tolist() == [6, 6]
    assert run.expected(source.name, "image.pulseId")[:6, 0].tolist() == [0, 4, 0, 0, 0, 0]


def test_frame_counts_may_differ_between_trains() -> None:
    run, source = first_module(frames=(0, 5), gain_stages=1)

    assert run.expected_counts(source.name, "image").tolist() == [0, 5]
    assert run.expected_counts(source.name, "header").tolist() == [1, 1]


def test_the_raw_name_is_a_legacy_name_of_corrected_data_of_today() -> None:
    _, today = first_module(corrected=True)
    _, older = first_module(corrected=True, old_names=True)

    assert (today.name, today.legacy_names) == (
        "FXE_DET_LPD1M-1/CORR/0CH0:output",
        ("FXE_DET_LPD1M-1/DET/0CH0:xtdf",),
    )
    assert (older.name, older.legacy_names) == ("FXE_DET_LPD1M-1/DET/0CH0:xtdf", ())


def test_jungfrau_frames_hold_several_memory_cells() -> None:
    modules = detector_modules("SPB_IRDA_JF4M", modules=[3], module_shape=(4, 8), cells=16)
    run = SimulatedRun(modules, range(10000, 10003))
    source = "SPB_IRDA_JF4M/DET/JNGFR03:daqOutput"

    assert run.expected(source, "data.adc").shape == (3, 16, 4, 8)
    assert run.expected(source, "data.memoryCell").shape == (3, 16)


def test_values_of_modules_differ() -> None:
    modules = detector_modules("SPB_DET_AGIPD1M-1", 1, corrected=True, modules=[0, 1])
    run = SimulatedRun(modules, [10000])
    frames = [run.expected(f"SPB_DET_AGIPD1M-1/CORR/{m}CH0:output", "image.data") for m in (0, 1)]

    assert np.mean(frames[0] == frames[1]) < 0.001
