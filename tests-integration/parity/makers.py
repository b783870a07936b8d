"""The runs of the parity suite: written by EXtra-data's own mock-data makers, only smaller.

The makers write detectors in full size, mostly unwritten. Here the long axes of an entry are cut
to some ten (the last one to some thirty) and trains to a few frames, so that every element of a
run can hold a planted value and be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from extra_data.tests import make_examples
from extra_data.tests.mockdata.detectors import DetectorModule

FRAMES = 6
MOST_KEYS = 36
XGM = "SA1_XTD2_XGM/DOOCS/MAIN"

KeyNames = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Recipe:
    """How a run is made, and which of its keys the cases look at.

    Attributes
    ----------
    name : str
        Maker and format version, as in test IDs.
    make : callable
        Writes the files into a folder.
    keys : mapping
        What kind of key it is -> (source, key).
    file : str
        Name of the file to open alone; empty to open the folder as a run.
    """

    name: str
    make: Callable[[Path], None]
    keys: KeyNames = field(default_factory=dict)
    file: str = ""


def small(dims: tuple[int, ...]) -> tuple[int, ...]:
    """Give the lengths that replace long axes: different ones stay different."""
    if not dims:
        return dims
    *slow, fast = dims
    # The makers write into the first 32 pixels of a row, so the last axis keeps as many.
    return (
        *(length if length <= 18 else 8 + length % 11 for length in slow),
        fast if fast <= 42 else 32 + fast % 11,
    )


def _small_keys(keys: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    keys = keys[:MOST_KEYS]
    # A dot in a name would be a group called so, which no key can name: a slash is meant.
    return [(name.replace(".", "/"), dtype, small(dims)) for name, dtype, dims in keys]


def _shrink(device: Any) -> None:
    if isinstance(device, DetectorModule):
        device.image_dims = small(device.image_dims)
        device.detector_data_size = small((device.detector_data_size,))[0]
        # Few frames stay: one maker writes into frames that it counts on.
        if np.ndim(device._frames_per_train) == 0 and device._frames_per_train > 10:
            device._frames_per_train = FRAMES
        return
    # Some devices make their keys in a property: only a subclass can replace those.
    base = type(device)
    replaced = {
        "instrument_keys": _small_keys(device.instrument_keys),
        "control_keys": _small_keys(device.control_keys),
    }
    device.__dict__.pop("instrument_keys", None)
    device.__dict__.pop("control_keys", None)
    device.__class__ = type(base.__name__, (base,), replaced)


@contextmanager
def small_devices() -> Iterator[None]:
    """Let the makers write small entries and few frames, and leave the makers as they were."""
    write_file = make_examples.write_file

    def write_small(path: str, devices: list[Any], **options: Any) -> None:
        for device in devices:
            _shrink(device)
        write_file(path, devices, **options)

    with mock.patch.object(make_examples, "write_file", write_small):
        yield


def _run(maker: Callable[..., None], **options: Any) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        with small_devices():
            maker(str(folder), **options)

    return make


def _file(maker: Callable[..., None], name: str, **options: Any) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        with small_devices():
            maker(str(folder / name), **options)

    return make


def _agipd(detector: str, module: int, channel: str = "xtdf", part: str = "DET") -> KeyNames:
    source = f"{detector}/{part}/{module}CH0:{channel}"
    return {
        "frames": (source, "image.data"),
        "cells": (source, "image.cellId"),
        "header": (source, "header.magicNumberBegin"),
    }


XGM_KEYS: KeyNames = {
    "scalar": (XGM, "beamPosition.ixPos.value"),
    "stamp": (XGM, "beamPosition.ixPos.timestamp"),
    "text": (XGM, "state.value"),
    "vector": (f"{XGM}:output", "data.intensityTD"),
}
SPB_RAW_KEYS: KeyNames = {
    **XGM_KEYS,
    "image": ("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels"),
    **_agipd("SPB_DET_AGIPD1M-1", 7),
}
FXE_KEYS: KeyNames = {
    **XGM_KEYS,
    "image": ("FXE_XAD_GEC/CAM/CAMERA:daqOutput", "data.image.pixels"),
    "empty": ("FXE_XAD_GEC/CAM/CAMERA_NODATA:daqOutput", "data.image.pixels"),
    **_agipd("FXE_DET_LPD1M-1", 3),
}
SA3_KEYS: KeyNames = {
    "scalar": ("SA3_XTD10_XGM/XGM/DOOCS", "beamPosition.ixPos.value"),
    "text": ("SA3_XTD10_XGM/XGM/DOOCS", "state.value"),
    "wide": ("SA3_XTD10_MCP/ADC/1", "dacNode.dacData.value"),
    "vector": ("SA3_XTD10_XGM/XGM/DOOCS:output", "data.intensityTD"),
    "empty": ("SA3_XTD10_MCP/ADC/1:channel_5.output", "data.rawData"),
    "sparse": ("SA3_XTD10_IMGFEL/CAM/BEAMVIEW2:daqOutput", "data.image.pixels"),
}
JUNGFRAU_KEYS: KeyNames = {
    "frames": ("SPB_IRDA_JF4M/DET/JNGFR02:daqOutput", "data.adc"),
    "cells": ("SPB_IRDA_JF4M/DET/JNGFR02:daqOutput", "data.memoryCell"),
    "scalar": ("SPB_IRDA_JF4M/DET/CONTROL", "exposureTime.value"),
    "wide": ("SPB_IRDA_JF4M/DET/CONTROL", "angDir.value"),
}


def _reduced(folder: Path, *, raw: bool, format_version: str) -> None:
    with small_devices():
        make_examples.make_reduced_spb_run(
            str(folder), raw=raw, rng=np.random.RandomState(123), format_version=format_version
        )


def _versions(
    name: str, maker: Callable[..., None], keys: KeyNames, versions: str, **options: Any
) -> list[Recipe]:
    return [
        Recipe(f"{name}-{version}", _run(maker, format_version=version, **options), keys)
        for version in versions.split()
    ]


RECIPES: tuple[Recipe, ...] = (
    *_versions("spb_raw", make_examples.make_spb_run, SPB_RAW_KEYS, "0.5 1.0 1.1 1.3"),
    *_versions(
        "spb_proc", make_examples.make_spb_run, _agipd("SPB_DET_AGIPD1M-1", 7), "0.5", raw=False
    ),
    *_versions("fxe", make_examples.make_fxe_run, FXE_KEYS, "0.5"),
    *_versions(
        "lpd_parallel_gain",
        make_examples.make_lpd_parallelgain_run,
        _agipd("FXE_DET_LPD1M-1", 3),
        "1.0",
    ),
    Recipe(
        "lpd_missed_train-1.0",
        _run(make_examples.make_lpd_run_mini_missed_train),
        _agipd("FXE_DET_LPD1M-1", 1),
    ),
    Recipe(
        "reduced_raw-1.2",
        partial(_reduced, raw=True, format_version="1.2"),
        SPB_RAW_KEYS,
    ),
    Recipe(
        "reduced_proc-1.3",
        partial(_reduced, raw=False, format_version="1.3"),
        SPB_RAW_KEYS,
    ),
    *_versions(
        "modern_proc",
        make_examples.make_modern_spb_proc_run,
        _agipd("SPB_DET_AGIPD1M-1", 7, "output", "CORR"),
        "1.2",
    ),
    Recipe(
        "agipd1m-1.0",
        _run(make_examples.make_agipd1m_run),
        {
            **_agipd("SPB_DET_AGIPD1M-1", 7),
            "scalar": ("SPB_IRU_AGIPD1M1/MDL/FPGA_COMP", "patternTypeIndex.value"),
        },
    ),
    Recipe(
        "agipd500k-1.0",
        _run(make_examples.make_agipd500k_run),
        _agipd("HED_DET_AGIPD500K2G", 5),
    ),
    Recipe("jungfrau-1.0", _run(make_examples.make_jungfrau_run), JUNGFRAU_KEYS),
    Recipe(
        "fxe_jungfrau-1.0",
        _run(make_examples.make_fxe_jungfrau_run),
        {
            "frames": ("FXE_XAD_JF500K/DET/JNGFR03:daqOutput", "data.adc"),
            "scalar": ("FXE_XAD_JF1M/DET/CONTROL", "exposureTime.value"),
        },
    ),
    Recipe(
        "scs-1.0",
        _run(make_examples.make_scs_run),
        _agipd("SCS_DET_DSSC1M-1", 4),
    ),
    Recipe(
        "remi-1.0",
        _run(make_examples.make_remi_run),
        {"record": ("SQS_REMI_DLD6/DET/TOP:output", "rec.hits")},
    ),
    Recipe(
        "sa3-1.2",
        _file(make_examples.make_sa3_da_file, "RAW-R0450-DA01-S00001.h5", format_version="1.2"),
        {**SA3_KEYS, "record": ("SA3_REMI_DLD6/DET/TOP:output", "rec.signals")},
        file="RAW-R0450-DA01-S00001.h5",
    ),
    Recipe(
        "no_trains-1.0",
        _file(
            make_examples.make_sa3_da_file,
            "RAW-R0450-DA01-S00002.h5",
            ntrains=0,
            format_version="1.0",
        ),
        SA3_KEYS,
        file="RAW-R0450-DA01-S00002.h5",
    ),
    Recipe(
        "empty_source-0.5",
        _file(
            make_examples.make_da_file_with_empty_source,
            "RAW-R0451-DA01-S00001.h5",
        ),
        {
            "scalar": ("SA3_XTD10_MCP/MOTOR/X2", "actualPosition.value"),
            "empty": ("SA3_XTD10_VAC/GAUGE/G30520C", "AAlarmH.value"),
        },
        file="RAW-R0451-DA01-S00001.h5",
    ),
    Recipe(
        "flat_name-0.5",
        _file(make_examples.make_data_file_bad_device_name, "RAW-R0309-DA01-S00000.h5"),
        {"image": ("SPB_IRU_SIDEMIC_CAM:daqOutput", "data.image.pixels")},
        file="RAW-R0309-DA01-S00000.h5",
    ),
    Recipe(
        "first_last_status-0.5",
        _file(make_examples.make_agipd_example_file, "CORR-R9999-AGIPD07-S00000.h5"),
        {
            "cells": ("SPB_DET_AGIPD1M-1/DET/7CH0:xtdf", "image.cellId"),
            "header": ("SPB_DET_AGIPD1M-1/DET/7CH0:xtdf", "header.magicNumberBegin"),
        },
        file="CORR-R9999-AGIPD07-S00000.h5",
    ),
)

BY_NAME: Mapping[str, Recipe] = {recipe.name: recipe for recipe in RECIPES}
