"""Rows 4 to 6 and 8: read detectors through the detector classes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cases import plain
from cases.catalogue import Work, case, read_all
from cases.library import Library
from makers import agipd

PARTS = ("core", "components")
# Half the trains of the corrected run: its pixels are 2 GB, the workload is 1 GB.
HALF = np.s_[:4]


def _half(library: Library, detector: Any) -> Any:
    return detector.select_trains(library.core.by_index[HALF])


@case(
    "4",
    "raw uint16 detector, one-frame chunks, no filter",
    run="raw",
    bar=2,
    parts=PARTS,
    reference=plain.read_images,
    reference_bar=1.2,
)
def raw_pixels(library: Library, folder: Path) -> Work:
    """All the pixels of all the modules."""
    pixels = library.agipd(folder, raw=True)["image.data"]
    return read_all(pixels)


@case("5", "corrected float32 detector, shuffle + deflate", run="corrected", bar=2.3, parts=PARTS)
def corrected_pixels(library: Library, folder: Path) -> Work:
    """The pixels of half the trains of all the modules."""
    pixels = _half(library, library.agipd(folder, raw=False))["image.data"]
    return read_all(pixels)


def _whole_key(key: str, library: Library, folder: Path) -> Work:
    data = library.agipd(folder, raw=False)[key]
    return read_all(data)


case("6m", "mask u4, shuffle + deflate", run="corrected", bar=1.8, parts=PARTS)(
    partial(_whole_key, "image.mask")
)
case("6g", "gain u1, deflate", run="corrected", bar=2.2, parts=PARTS)(
    partial(_whole_key, "image.gain")
)
case("6b", "gain of one file of 8,192 chunks", row="6b", run="long-gain", bar=2.2, parts=PARTS)(
    partial(_whole_key, "image.gain")
)


@case("7d", "one compressed JUNGFRAU module as a detector", run="jungfrau", bar=5, parts=PARTS)
def jungfrau_pixels(library: Library, folder: Path) -> Work:
    """Bursts of one cell, as EXtra-data's own path for this detector reads them."""
    det = library.components.JUNGFRAU(library.open(folder), n_modules=1, raw=False)
    return read_all(det["data.adc"])


@case("8a", "one pulse in four", run="raw", bar=3, parts=PARTS, memory_bar=1.1)
def one_pulse_in_four(library: Library, folder: Path) -> Work:
    """A quarter of the frames."""
    pixels = library.agipd(folder, raw=True)["image.data"].select_pulses(np.s_[::4])
    return read_all(pixels)


@case("8b", "a region of 64 rows", run="raw", bar=3, parts=PARTS, memory_bar=1.1)
def region_of_rows(library: Library, folder: Path) -> Work:
    """An eighth of each frame."""
    pixels = library.agipd(folder, raw=True)["image.data"]
    # The first axis of a raw frame is data and gain.
    return lambda: pixels.ndarray(roi=np.s_[:, 224:288])


@case("8c", "as another dtype", run="raw", bar=2, parts=PARTS, memory_bar=1.1)
def as_floats(library: Library, folder: Path) -> Work:
    """Half the trains as floats, twice as large as they are stored."""
    pixels = _half(library, library.agipd(folder, raw=True))["image.data"]
    return lambda: pixels.ndarray(astype="f4")


@case("8d", "masked data", run="corrected", bar=2, parts=PARTS, memory_bar=1.1)
def masked_pixels(library: Library, folder: Path) -> Work:
    """Half the trains, NaN where the mask has any bit."""
    pixels = _half(library, library.agipd(folder, raw=False)).masked_data()
    return read_all(pixels)


@case("8e", "a gap for a missing module", run="raw", bar=2, parts=PARTS, memory_bar=1.1)
def with_module_gaps(library: Library, folder: Path) -> Work:
    """All the modules but one, and a gap in its place."""
    modules = [number for number in range(agipd.MODULES) if number != 5]
    pixels = library.agipd(folder, raw=True, modules=modules)["image.data"]
    return lambda: pixels.ndarray(module_gaps=True)
