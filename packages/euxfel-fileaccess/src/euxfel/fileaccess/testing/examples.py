"""Ready-made runs: a small one for tests, and one to look at."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .detectors import DETECTORS, detector_modules
from .devices import camera, digitiser, motor, xgm
from .frames import HotPixelMask, RingFrames
from .rules import Constant
from .runs import SimulatedRun, WrittenRun
from .signals import BeamSpot, PulseEnergies
from .sources import InstrumentSource, Source

DEMO_DETECTOR = DETECTORS["SPB_DET_AGIPD1M-1"]


def small_run(trains: int = 20) -> SimulatedRun:
    """A healthy run of three small files, written in milliseconds.

    ``DA01`` records an XGM and a motor in two sequence files, ``DA02`` a camera in one.
    """
    sources = {"DA01": (*xgm(), motor()), "DA02": camera()}
    files = {"DA01": max(1, (trains + 1) // 2)}
    return SimulatedRun(sources, range(10000, 10000 + trains), trains_per_file=files)


@dataclass(frozen=True)
class Demo:
    """A run to look at, raw and corrected.

    Attributes
    ----------
    root : Path
        What ``EXTRA_DATA_DATA_ROOT`` must name for readers to find the run by its number.
    raw, corrected : WrittenRun
        The two parts of the run.
    """

    root: Path
    raw: WrittenRun
    corrected: WrittenRun

    @property
    def proposal(self) -> int:
        """Proposal number."""
        return self.raw.proposal

    @property
    def run(self) -> int:
        """Run number."""
        return self.raw.run

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files."""
        return self.raw.paths + self.corrected.paths


def demo_run(root: str | os.PathLike[str], trains: int = 10, frames: int = 3) -> Demo:
    """Write a run that looks like a real one: diffraction on 16 AGIPD modules, slow devices.

    Some trains are missing: module 3 lacks the fifth, modules 10 to 15 the eighth, the camera the
    last but one. The train ID of the seventh is suspect. With the defaults this takes some seconds
    and about 240 MB.

    Parameters
    ----------
    root : path
        Folder for the facility's tree; made if need be.
    trains : int
        Trains, at least 8.
    frames : int
        Frames in a train.

    Returns
    -------
    Demo
        Paths, proposal and run number.
    """
    root = Path(root)
    raw = _demo_part(trains, frames, corrected=False)
    corrected = _demo_part(trains, frames, corrected=True)
    return Demo(root, raw.write(root), corrected.write(root))


def _demo_part(trains: int, frames: int, *, corrected: bool) -> SimulatedRun:
    if trains < 8:
        raise ValueError(f"a demo run has at least 8 trains, not {trains}")
    first = 1_500_000_000
    modules = detector_modules(
        DEMO_DETECTOR, frames, corrected=corrected, pulse_step=4, data=RingFrames(not corrected)
    )
    return SimulatedRun(
        _with_masks(modules) if corrected else {**_demo_devices(), **modules},
        train_ids=range(first, first + trains),
        trains_per_file=(trains + 1) // 2,
        missing=_demo_missing(first, trains),
        suspect=frozenset({first + 6}),
        run=42,
        category="CORR" if corrected else "RAW",
        format_version="1.3",
    )


def _demo_devices() -> dict[str, tuple[Source, ...]]:
    motors = (motor("SPB_IRU_SAMPLE/MOTOR/X"), motor("SPB_IRU_SAMPLE/MOTOR/Y"))
    xgms = (_demo_xgm("SA1_XTD2_XGM/XGM/DOOCS"), _demo_xgm("SPB_XTD9_XGM/DOOCS/MAIN"))
    settings, images = camera(shape=(240, 320))
    spot = images.with_key("data.image.pixels", rule=BeamSpot())
    return {
        "DA01": (*xgms[0], *xgms[1], *motors),
        "DA02": (settings, spot, *digitiser(samples=2000)),
    }


def _demo_xgm(name: str) -> tuple[Source, ...]:
    control, fast = xgm(name, pulses=200)
    return control, fast.with_key("data.intensityTD", rule=PulseEnergies(pulses=64))


def _demo_missing(first: int, trains: int) -> dict[str, tuple[int, ...]]:
    late = {DEMO_DETECTOR.aggregator_of(m): (first + 7,) for m in range(10, 16)}
    return {
        "AGIPD03": (first + 4,),
        "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput": (first + trains - 2,),
        **late,
    }


def _with_masks(modules: dict[str, tuple[Source, ...]]) -> dict[str, tuple[Source, ...]]:
    return {aggregator: tuple(map(_masked, parts)) for aggregator, parts in modules.items()}


def _masked(source: Source) -> Source:
    if not isinstance(source, InstrumentSource):
        return source
    return source.with_key("image.mask", rule=HotPixelMask()).with_key(
        "image.gain", rule=Constant(0)
    )
