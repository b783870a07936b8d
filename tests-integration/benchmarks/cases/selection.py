"""Row 13: selections of a run of many files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cases.catalogue import Work, case
from cases.library import Library

SELECTIONS = 10
PARTS = 50


@case("13a", f"{SELECTIONS} times select_trains", run="many-files", bar=10)
def select_trains(library: Library, folder: Path) -> Work:
    """Select ever fewer trains of the whole run."""
    run = library.open(folder)
    n_trains = len(run.train_ids)
    by_index = library.core.by_index
    starts = [number * n_trains // (2 * SELECTIONS) for number in range(SELECTIONS)]
    return lambda: [_ends(run.select_trains(by_index[start:])) for start in starts]


@case("13b", "select(require_all=True) of everything", run="many-files", bar=10)
def require_all(library: Library, folder: Path) -> Work:
    """Keep the trains that every source has."""
    run = library.open(folder)
    return lambda: _ends(run.select("*", require_all=True))


@case("13c", f"split_trains({PARTS})", run="many-files", bar=5)
def split_trains(library: Library, folder: Path) -> Work:
    """Split a run into parts of equal length."""
    run = library.open(folder)
    parts = min(PARTS, len(run.train_ids))
    return lambda: [_ends(part) for part in run.split_trains(parts)]


def _ends(run: Any) -> list[int]:
    train_ids = run.train_ids
    return [len(train_ids), int(train_ids[0]), int(train_ids[-1])]
