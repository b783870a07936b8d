"""A proposal with raw and corrected data, one copy for each library."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from .libraries import NAMES, Store, copy_files, folders_in_order, library
from .makers import BY_NAME

PLACE = Path("SPB", "201830", "p002012")
# Run number -> folder of the proposal -> the run whose files stand there.
RUNS = {
    "r0238": {"raw": "spb_raw-1.3", "proc": "spb_proc-0.5"},
    "r0142": {"raw": "spb_raw-1.0", "proc": "modern_proc-1.2"},
    "r0009": {"raw": "lpd_missed_train-1.0"},
    "r0010": {"proc": "reduced_proc-1.3", "red/deep": "reduced_raw-1.2"},
}
ALIASES = "sa1-xgm: SA1_XTD2_XGM/DOOCS/MAIN\n"


@dataclass(frozen=True)
class Proposal:
    """One library's copy of the proposal."""

    lib: Any
    root: Path

    @property
    def path(self) -> Path:
        return self.root / PLACE

    def open(self, *args: Any, **options: Any) -> Any:
        """Call the library's `open_run` where this copy is the facility's data."""
        with self._surroundings():
            return self.lib.open_run(*args, parallelize=False, **options)

    def directory(self, *args: Any, **options: Any) -> Any:
        """Open a run folder, given relative to the proposal."""
        with self._surroundings():
            return self.lib.RunDirectory(
                str(self.path / args[0]), *args[1:], parallelize=False, **options
            )

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        places = {
            "EXTRA_DATA_DATA_ROOT": str(self.root),
            "EXTRA_DATA_SW_ROOT": str(self.root / "no-software"),
        }
        with mock.patch.dict(os.environ, places), folders_in_order(), warnings.catch_warnings():
            yield


def make_proposals(store: Store, folder: Path) -> dict[str, Proposal]:
    """Write the proposal once for each library."""
    return {name: _make(store, folder / name, library(name)) for name in NAMES}


def _make(store: Store, root: Path, lib: Any) -> Proposal:
    for run, parts in RUNS.items():
        for part, recipe in parts.items():
            copy_files(store.get(BY_NAME[recipe]).made, root / PLACE / part / run)
    (root / PLACE / "usr").mkdir()
    (root / PLACE / "usr" / "extra-data-aliases.yml").write_text(ALIASES, "utf-8")
    (root / PLACE / "usr" / "other.yml").write_text("other: SPB_XTD9_XGM/DOOCS/MAIN\n", "utf-8")
    (root / PLACE / "raw" / "r0077").mkdir()
    return Proposal(lib, root)
