"""What a benchmark is, and the list of all of them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases.library import Library

ROOMS = [
    *("imports", "opening", "selection", "slow", "detector", "keydata", "dask_mean"),
    *("virtual", "writing", "commands"),
    *("validation", "streaming"),
]

Work = Callable[[], Any]
Prepare = Callable[[Library, Path], Work]
Reference = Callable[[Path], Work]


@dataclass(frozen=True)
class Case:
    """One workload, the same for both libraries.

    ``prepare`` does what is not timed and gives back what is. ``bar`` says how many times faster
    than EXtra-data the workload must be, if anything is required.
    """

    name: str
    row: str
    title: str
    run: str
    bar: float | None
    prepare: Prepare
    # Submodules of the library, then others, imported before the clock starts.
    parts: tuple[str, ...] = ("core",)
    preload: tuple[str, ...] = ()
    # Files that an earlier process may have left beside the data: "none", "map" or "all".
    keep: str = "all"
    # Each first opening of a data file takes this much longer.
    open_delay_ms: int = 0
    # A process that imports the library and does nothing else.
    imports_only: bool = False
    public_name: str = ""
    # Memory above the start may not exceed this many times the result.
    memory_bar: float | None = None
    # Plain reads of the same bytes, and how close to them the workload must come.
    reference: Reference | None = None
    reference_bar: float | None = None


CASES: dict[str, Case] = {}


def case(
    name: str, title: str, *, run: str, bar: float | None, **details: Any
) -> Callable[[Prepare], Prepare]:
    """Enter the decorated function as the workload called ``name``, such as ``"8a"``."""

    def enter(prepare: Prepare) -> Prepare:
        row = details.pop("row", name.rstrip("abcdefghijklmnopqrstuvwxyzL"))
        CASES[name] = Case(name, row, title, run, bar, prepare, **details)
        return prepare

    return enter


def read_all(data: Any) -> Work:
    """The workload that reads all of a key, or of a detector's key."""
    work: Work = data.ndarray
    return work


def load() -> dict[str, Case]:
    """All the workloads, by name."""
    for room in ROOMS:
        importlib.import_module(f"cases.{room}")
    return dict(sorted(CASES.items(), key=lambda item: _order(item[0])))


def _order(name: str) -> tuple[int, str]:
    """Row 13 comes after row 2."""
    number = re.match(r"\d+", name)
    return int(number.group()) if number else 0, name


def chosen(rows: str | None, required: bool = False) -> list[Case]:
    """The workloads of a list of rows or names such as ``"4,8a"``; all without one.

    Only those with a bar to meet if ``required``.
    """
    cases = {name: case for name, case in load().items() if case.bar is not None or not required}
    if rows is None:
        return list(cases.values())
    wanted = rows.split(",")
    known = {*cases, *(case.row for case in cases.values())}
    if unknown := [name for name in wanted if name not in known]:
        raise SystemExit(f"no row {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [case for case in cases.values() if case.name in wanted or case.row in wanted]
