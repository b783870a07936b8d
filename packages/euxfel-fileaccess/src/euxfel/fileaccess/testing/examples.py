"""Ready-made runs."""

from __future__ import annotations

from .devices import camera, motor, xgm
from .runs import SimulatedRun


def small_run(trains: int = 20) -> SimulatedRun:
    """A healthy run of three small files, written in milliseconds.

    ``DA01`` records an XGM and a motor in two sequence files, ``DA02`` a camera in one.
    """
    sources = {"DA01": (*xgm(), motor()), "DA02": camera()}
    files = {"DA01": max(1, (trains + 1) // 2)}
    return SimulatedRun(sources, range(10000, 10000 + trains), trains_per_file=files)
