"""Rows 1 to 3: open a run of many files, and find its detector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cases.catalogue import Work, case
from cases.library import Library

OPEN_DELAY_MS = 5


@case("1", "open many files, no map", run="many-files", bar=4, keep="none")
@case("2", "open many files, with map", run="many-files", bar=3)
@case(
    "1L",
    f"open many files, no map, each first opening {OPEN_DELAY_MS} ms late",
    run="many-files",
    bar=None,
    keep="none",
    open_delay_ms=OPEN_DELAY_MS,
)
def open_run(library: Library, folder: Path) -> Work:
    """Time the opening; the answer is what the run holds."""

    def work() -> list[Any]:
        run = library.open(folder)
        return [list(map(int, run.train_ids)), sorted(run.all_sources), len(run.files)]

    return work


@case(
    "3",
    "detector object, no index kept",
    run="many-files",
    bar=10,
    parts=("core", "components"),
    keep="map",
)
@case(
    "3s",
    "detector object, index saved by an earlier process",
    run="many-files",
    bar=None,
    parts=("core", "components"),
)
def detector_object(library: Library, folder: Path) -> Work:
    """Time the making of the detector object on an open run."""
    run = library.open(folder)
    return lambda: _summary(library.components.AGIPD1M(run, raw=True))


@case(
    "3c",
    "detector object, second time on the same run",
    run="many-files",
    bar=50,
    parts=("core", "components"),
)
def detector_object_again(library: Library, folder: Path) -> Work:
    """Time a second detector object in the process that made the first."""
    run = library.open(folder)
    _summary(library.components.AGIPD1M(run, raw=True))
    return lambda: _summary(library.components.AGIPD1M(run, raw=True))


def _summary(detector: Any) -> list[Any]:
    return [len(detector.train_ids), int(detector.frames_per_train), detector.detector_name]
