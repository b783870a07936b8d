"""Simulated EXDF files and runs, for tests and for trying things out.

Devices and detectors are descriptions, files and runs are made of them, and whatever a file holds
can be asked of its description: the truth is never made by the library under test. Every value is
planted (see `planted`) and never 0. Defects are values too, in `defects`, and made by
``run.with_defect(...)``. `demo_run` writes a run that is worth looking at.
"""

from __future__ import annotations

from . import defects
from .datasets import Dataset
from .defect import Defect
from .detectors import COMPRESSED, DETECTORS, FRAME, Detector, detector_modules
from .devices import (
    camera,
    detections,
    digitiser,
    errata,
    every_type,
    motor,
    reduction,
    run_only,
    with_legacy_name,
    xgm,
)
from .examples import Demo, demo_run, small_run
from .files import SimulatedFile
from .formats import FORMAT_VERSIONS, FORMATS, Flag, Format, Layout
from .planted import planted, planted_text
from .rules import Constant, EntryNumber, Rows
from .runs import SimulatedRun, WrittenRun
from .sources import ControlSource, Group, InstrumentSource, Key, Storage
from .tables import EntryTable

__all__ = [
    "COMPRESSED",
    "DETECTORS",
    "FORMATS",
    "FORMAT_VERSIONS",
    "FRAME",
    "Constant",
    "ControlSource",
    "Dataset",
    "Defect",
    "Demo",
    "Detector",
    "EntryNumber",
    "EntryTable",
    "Flag",
    "Format",
    "Group",
    "InstrumentSource",
    "Key",
    "Layout",
    "Rows",
    "SimulatedFile",
    "SimulatedRun",
    "Storage",
    "WrittenRun",
    "camera",
    "defects",
    "demo_run",
    "detections",
    "detector_modules",
    "digitiser",
    "errata",
    "every_type",
    "motor",
    "planted",
    "planted_text",
    "reduction",
    "run_only",
    "small_run",
    "with_legacy_name",
    "xgm",
]
