"""A folder of a run for each library, so that neither meets what the other leaves behind."""

from __future__ import annotations

import os
from pathlib import Path

import make_runs

MAP = "karabo_data_map.json"


def folder_for(library: str, run: str, size: str, data: Path) -> Path:
    """The run ``run`` under a folder of the library's own, made on first use.

    The files are hard links: both libraries read the same bytes from the same page cache.
    """
    files = make_runs.ensure(run, size, data)
    folder = files.parent / library
    folder.mkdir(exist_ok=True)
    for path in files.glob("*.h5"):
        link = folder / path.name
        if not link.exists():
            os.link(path, link)
    return folder


def forget(folder: Path, keep: str) -> None:
    """Remove what earlier processes left: ``keep`` is "none", "map" (only that) or "all"."""
    for path in folder.iterdir():
        kept = keep == "all" or (keep == "map" and path.name == MAP)
        if path.suffix != ".h5" and not kept:
            path.unlink()
