"""Rows 9 and 10: slow data and detector data by train, and a data frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cases.catalogue import Work, case
from cases.library import Library
from makers import agipd


@case("9a", "trains() over all keys of all motors", run="motors", bar=20)
def trains_of_motors(library: Library, folder: Path) -> Work:
    """Loop over the trains, keeping every value."""
    run = library.open(folder)
    return lambda: [[int(tid), data] for tid, data in run.trains()]


@case("9b", "trains() over one detector module", run="raw", bar=1.5)
def trains_of_module(library: Library, folder: Path) -> Work:
    """Loop over the trains; each frame carries its module and its number in two pixels."""
    source = agipd.source_name(0)
    run = library.open(folder).select(source, "image.data")

    def work() -> list[Any]:
        return [
            [int(tid), data[source]["image.data"][:, 0, 0, :2].copy()] for tid, data in run.trains()
        ]

    return work


@case(
    "10",
    "fresh open and get_dataframe of one key of every source",
    run="one-key",
    bar=4,
    preload=("pandas",),
)
def data_frame(library: Library, folder: Path) -> Work:
    """Open the run and make a table of trains by sources."""
    return lambda: library.open(folder).get_dataframe([("*", "p00.value")])
