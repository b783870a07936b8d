"""How the cost grows with twice the files, and with twice the trains in as many files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cases import catalogue
from cases.library import OURS, PEER
from runner import measure

ROWS = "1,3,9a,13"
# Against "half": "full" has twice the files (row 9: motors), "long" twice the trains.
SIZES = ["half", "full", "long"]
HEADINGS = ["row", "library", "half size", "files x 2", "trains x 2"]


def grow(rows: str | None, repeat: int, data: Path) -> list[dict[str, Any]]:
    """The seconds of each growth row at each size, by library."""
    return [
        {
            "name": case.name,
            "library": library,
            "seconds": {size: row.runs[library].median for size, row in by_size.items()},
        }
        for case in catalogue.chosen(rows or ROWS)
        for by_size in [{size: measure(case, size, repeat, data) for size in SIZES}]
        for library in (PEER, OURS)
    ]


def cells(entry: dict[str, Any]) -> Sequence[str]:
    """One line of the table of growth."""
    half, full, long = (entry["seconds"][size] for size in SIZES)
    if half is None:
        return [entry["name"], entry["library"], "not measured", "", ""]
    more = [f"x {grown / half:.2f}" if grown else "" for grown in (full, long)]
    return [entry["name"], entry["library"], f"{half:.4f} s", *more]
