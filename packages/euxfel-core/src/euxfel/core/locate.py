"""Where proposals and runs are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import SupportsIndex, TypeAlias

from euxfel.fileaccess.errors import RunNotFoundError
from euxfel.fileaccess.filenames import parse_proposal, parse_run

from .settings import DATA_ROOT_VARIABLE, data_root

Proposal: TypeAlias = str | SupportsIndex | os.PathLike[str]
Run: TypeAlias = str | SupportsIndex

_RUN_FOLDER = re.compile("r[0-9]{4}")
_MOST_NAMES_SHOWN = 5


def find_proposal(proposal: Proposal) -> Path:
    """The folder of a proposal.

    Parameters
    ----------
    proposal : int, str or path
        ``2012``, ``"2012"``, ``"p002012"``, or the path of the folder: a path object, or a string
        with a ``/``.

    Returns
    -------
    Path
        For a number, ``<root>/<instrument>/<cycle>/p<PPPPPP>``, where the root is that of
        ``EXTRA_DATA_DATA_ROOT`` or of the facility.

    Raises
    ------
    ValueError
        `proposal` is neither a proposal number nor a path.
    RunNotFoundError
        There is no such folder.
    """
    if isinstance(proposal, os.PathLike) or (isinstance(proposal, str) and "/" in proposal):
        return _existing_folder(Path(proposal))
    name = parse_proposal(proposal)
    root = data_root()
    found = sorted(folder for folder in root.glob(f"*/*/{name}") if folder.is_dir())
    if not found:
        raise RunNotFoundError(
            f"no proposal {name} in {root}/*/*: check the number, give the folder's path, or set "
            f"{DATA_ROOT_VARIABLE} if data is elsewhere",
            file=str(root),
        )
    # The same number in two cycles: the later one, as cycles are named by year.
    return max(found, key=lambda folder: folder.parent.name)


def _existing_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise RunNotFoundError(f"no proposal folder {folder}: check the path", file=str(folder))
    return folder


def find_run(proposal: Proposal, run: Run, data: str = "raw") -> Path:
    """The folder of a run.

    Parameters
    ----------
    proposal : int, str or path
        As for `find_proposal`.
    run : int or str
        ``243``, ``"243"`` or ``"r0243"``.
    data : str
        A folder under the proposal, such as ``"raw"`` or ``"proc"``.

    Returns
    -------
    Path
        ``<proposal>/<data>/r<RRRR>``.

    Raises
    ------
    ValueError
        A name is not of these forms.
    RunNotFoundError
        There is no such run. The message names runs with near numbers.
    """
    folder = find_proposal(proposal)
    # Names are checked instead of resolved paths: folders of a proposal are links to other
    # storage at the facility.
    path = folder / _subfolder(data) / parse_run(run)
    if not path.is_dir():
        raise RunNotFoundError(f"no run folder {path}: {_next_step(folder, path)}", file=str(path))
    return path


def _subfolder(data: object) -> str:
    """Name of a folder under a proposal: nothing that leads out of it."""
    if isinstance(data, str) and data.isprintable():
        parts = data.rstrip("/").split("/")
        if not any(part in {"", ".", ".."} for part in parts):
            return "/".join(parts)
    raise ValueError(
        f"data={data!a} is no folder of a proposal: give 'raw', 'proc' or another folder's name"
    )


def _next_step(proposal: Path, missing: Path) -> str:
    """What to try instead of a run that is not there."""
    kind, run = missing.parent, missing.name
    elsewhere = [name for name in _subfolders(proposal) if (proposal / name / run).is_dir()]
    if elsewhere:
        return f"{run} is in {', '.join(elsewhere)}"
    if not kind.is_dir():
        return f"{proposal} holds {', '.join(_subfolders(proposal)) or 'no folders'}"
    runs = [name for name in _subfolders(kind) if _RUN_FOLDER.fullmatch(name)]
    near = sorted(runs, key=lambda name: abs(int(name[1:]) - int(run[1:])))[:_MOST_NAMES_SHOWN]
    return f"there are {len(runs)} runs{', near ' if near else ''}{', '.join(sorted(near))}"


def _subfolders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []
