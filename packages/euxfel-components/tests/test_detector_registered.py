"""Detectors that a user adds are like the built-in ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euxfel.components import (
    AGIPD1M,
    DetectorType,
    identify_multimod_detectors,
    known_detectors,
    register_detector,
    registry,
)
from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import (
    Group,
    InstrumentSource,
    Key,
    SimulatedRun,
    WrittenRun,
    detector_modules,
)

TRAINS = range(10000, 10006)
EPIX = DetectorType(
    "EPIX100",
    detector_names=("*_EPX100*",),
    module_shape=(12, 10),
    raw_sources=("/DET/RECEIVER:daqOutput",),
    corrected_sources=("/CORR/RECEIVER:output",),
    n_modules=1,
    data_key="data.image.pixels",
    mask_key="data.mask",
    resolution="train",
)
GOTTHARD = DetectorType(
    "GotthardII",
    detector_names=("*_GH2",),
    module_shape=(1, 20),
    raw_sources=("/DET/RECEIVER-{module}",),
    corrected_sources=("/CORR/RECEIVER-{module}",),
    n_modules=2,
    first_module=1,
    data_key="data.adc",
    mask_key="data.mask",
    resolution="cell",
)


@pytest.fixture(autouse=True)
def fresh_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_known", dict(registry._known))


def epix_run(folder: Path) -> WrittenRun:
    pixels = (Key("image.pixels", "i2", (12, 10)), Key("gain", "u1", (12, 10)))
    source = InstrumentSource("HED_IA1_EPX100-1/DET/RECEIVER:daqOutput", (Group("data", pixels),))
    return SimulatedRun({"DA03": (source,)}, train_ids=TRAINS).write(folder)


def gotthard_run(folder: Path) -> WrittenRun:
    entry = (Key("adc", "u2", (4, 1, 20)), Key("memoryCell", "u1", (4,)))
    modules = {
        f"GH0{n}": (
            InstrumentSource(f"FXE_XAD_GH2/DET/RECEIVER-{n}:daqOutput", (Group("data", entry),)),
        )
        for n in (1, 2)
    }
    return SimulatedRun(modules, train_ids=TRAINS).write(folder)


def test_a_detector_of_one_module_is_found_and_read(tmp_path: Path) -> None:
    cls = register_detector(EPIX)
    written = epix_run(tmp_path)
    run = RunDirectory(written.path)
    assert identify_multimod_detectors(run, single=True) == ("HED_IA1_EPX100-1", cls)
    det: Any = cls(run, raw=True)
    array = det.get_array("data.image.pixels")
    assert array.dims == ("module", "trainId", "dim_0", "dim_1")
    (source,) = det.modno_to_source.values()
    wanted = written.expected(source, "data.image.pixels", det.train_ids)
    np.testing.assert_array_equal(array.values[0], wanted)


def test_a_detector_with_memory_cells_is_found_and_read(tmp_path: Path) -> None:
    cls = register_detector(GOTTHARD)
    written = gotthard_run(tmp_path)
    run = RunDirectory(written.path)
    assert identify_multimod_detectors(run, single=True) == ("FXE_XAD_GH2", cls)
    det: Any = cls(run, raw=True)
    assert det.modno_to_source.keys() == {1, 2}
    read = det["data.adc"].ndarray()
    assert read.shape == (2, 6, 4, 1, 20)
    for values, source in zip(read, det.modno_to_source.values(), strict=True):
        wanted = written.expected(source, "data.adc", det.train_ids)
        np.testing.assert_array_equal(values, wanted)


def test_a_new_instance_of_a_known_type_shares_its_behaviour(tmp_path: Path) -> None:
    kind = replace(AGIPD1M.kind, name="AGIPD4M", detector_names=("*_AGIPD4M*",), n_modules=56)
    cls = register_detector(kind, base=AGIPD1M)
    parts = detector_modules(
        "SPB_DET_AGIPD1M-1", frames=3, modules=(3, 4), module_shape=(6, 5), corrected=True
    )
    renamed = {
        name: tuple(replace(s, name=s.name.replace("AGIPD1M", "AGIPD4M")) for s in sources)
        for name, sources in parts.items()
    }
    run = RunDirectory(SimulatedRun(renamed, train_ids=TRAINS).write(tmp_path).path)
    assert identify_multimod_detectors(run, single=True) == ("SPB_DET_AGIPD4M-1", cls)
    det: Any = cls(run, raw=False)
    assert isinstance(det, AGIPD1M)
    assert det.n_modules == 56
    picked = det["image.data"].select_pulses([2, 0]).ndarray()
    every = det["image.data"].ndarray().reshape(2, 6, 3, 6, 5)
    np.testing.assert_array_equal(picked.reshape(2, 6, 2, 6, 5), every[:, :, [2, 0]])


def test_the_last_of_a_name_counts() -> None:
    register_detector(EPIX)
    again = register_detector(replace(EPIX, module_shape=(8, 8)))
    assert known_detectors()["EPIX100"] is again


@pytest.mark.parametrize("name", ["AGIPD1M", "JUNGFRAU"])
def test_built_in_detectors_stay_what_they_are(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is a built-in detector"):
        register_detector(replace(EPIX, name=name))


def test_what_is_known_cannot_be_changed_from_outside() -> None:
    known: Any = known_detectors()
    with pytest.raises(TypeError):
        known["EPIX100"] = AGIPD1M


@pytest.fixture
def two_detectors(tmp_path: Path) -> Any:
    parts = detector_modules("SPB_DET_AGIPD1M-1", modules=(0,), module_shape=(4, 4))
    parts |= detector_modules("SPB_IRDA_JF4M", modules=(1,), module_shape=(4, 4))
    return RunDirectory(SimulatedRun(parts, train_ids=TRAINS).write(tmp_path).path)


def test_one_detector_is_asked_for_and_there_are_two(two_detectors: Any) -> None:
    with pytest.raises(ValueError, match="SPB_DET_AGIPD1M-1, SPB_IRDA_JF4M"):
        identify_multimod_detectors(two_detectors, single=True)
    found = identify_multimod_detectors(two_detectors, "SPB_DET_AGIPD1M-1", single=True)
    assert found == ("SPB_DET_AGIPD1M-1", AGIPD1M)
