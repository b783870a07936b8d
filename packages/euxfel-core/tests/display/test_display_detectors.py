"""Detectors found by the names of their sources."""

from __future__ import annotations

import pytest

from euxfel.core.display.detectors import detector_of, find_detectors


@pytest.mark.parametrize(
    ("name", "modules", "missing"),
    [
        ("SPB_DET_AGIPD1M-1/DET/{}CH0:xtdf", range(16), ()),
        ("SPB_DET_AGIPD1M-1/CORR/{}CH0:output", range(1, 15), (0, 15)),
        ("HED_DET_AGIPD500K2G/DET/{}CH0:xtdf", range(7), (7,)),
        ("FXE_DET_LPD1M-1/DET/{}CH0:xtdf", [3], tuple(n for n in range(16) if n != 3)),
        ("FXE_DET_LPD_SOLO/DET/{}CH0:xtdf", [0], ()),
        ("SCS_DET_DSSC1M-1/DET/{}CH0:xtdf", range(16), ()),
        ("SPB_IRDA_JNGFR/DET/MODULE_{}:daqOutput", [1, 3], (2,)),
        ("SPB_IRDA_JF4M/DET/JNGFR{:02d}:daqOutput", [1, 2, 3, 6, 7, 8], (4, 5)),
        ("SPB_IRDA_JF4M/CORR/JNGFR{:02d}:output", [1, 2], (3, 4, 5, 6, 7, 8)),
        ("FXE_XAD_JF1M/DET/RECEIVER-{}:daqOutput", [1, 2], ()),
        ("HED_IA1_JF500K3/DET/JNGFR{:02d}:daqOutput", [3], ()),
        ("NEW_DET_THING/DET/{}CH0:xtdf", [2, 4], (3,)),
    ],
)
def test_modules_and_gaps(name: str, modules: list[int], missing: tuple[int, ...]) -> None:
    """B36: a module's number is not its position."""
    (found,) = find_detectors(name.format(n) for n in modules)
    assert tuple(found.sources) == tuple(modules)
    assert found.missing_modules == missing
    assert found.name == name.partition("/")[0]


def test_raw_and_corrected_data_are_two() -> None:
    both = ["A_DET_AGIPD1M-1/DET/0CH0:xtdf", "A_DET_AGIPD1M-1/CORR/0CH0:output"]
    assert len(find_detectors(both)) == 2


@pytest.mark.parametrize(
    "source",
    ["SPB_IRDA_JF4M/DET/CONTROL", "SPB_XTD9_XGM/DOOCS/MAIN:output", "A/DET/xCH0:xtdf", "0CH0:xtdf"],
)
def test_other_sources_are_no_detectors(source: str) -> None:
    assert detector_of(source) is None


def test_the_key_of_the_frames_follows_the_type() -> None:
    keys = [d.data_key for d in find_detectors(["A_JF1M/DET/JNGFR01:daqOutput", "A/DET/0CH0:xtdf"])]
    assert sorted(keys) == ["data.adc", "image.data"]
