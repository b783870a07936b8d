"""Where proposals and runs are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import SupportsIndex, TypeAlias

from euxfel.fileaccess.errors import RunNotFoundError
from euxfel.fileaccess.filenames import parse_proposal, parse_run

from .settings import DATA_ROOT_VARIABLE, data_root

Proposal: TypeAlias = str | SupportsIndex | os.PathLike[str]
Run: TypeAlias = str | SupportsIndex

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
        Name of a folder under the proposal, such as ``"raw"`` or ``"proc"``.

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
    path = folder / _folder_name(data) / parse_run(run)
    if not path.is_dir():
        raise RunNotFoundError(f"no run folder {path}: {_next_step(path)}", file=str(path))
    return path


def _folder_name(data: object) -> str:
    """The name of one folder: nothing that leads out of the proposal."""
    name = data.rstrip("/") if isinstance(data, str) else data
    if not isinstance(name, str) or not name or "/" in name or name in {".", ".."}:
        raise ValueError(
            f"data={data!a} is no folder of a proposal: give 'raw', 'proc' or another folder's name"
        )
    if not name.isprintable():
        raise ValueError(f"data={data!a} holds characters that are not printable")
    return name


def _next_step(path: Path) -> str:
    """What to try instead of a run that is not there."""
    kind, proposal = path.parent, path.parent.parent
    if not kind.is_dir():
        others = [name for name in _subfolders(proposal) if (proposal / name / path.name).is_dir()]
        return f"{proposal.name} has no {kind.name!r}{_shown('; this run is in', others)}"
    elsewhere = [name for name in _subfolders(proposal) if (proposal / name / path.name).is_dir()]
    if elsewhere:
        return f"this run is in {', '.join(elsewhere)}"
    runs = [name for name in _subfolders(kind) if _run_number(name) is not None]
    near = sorted(runs, key=lambda name: abs(_distance(name, path.name)))[:_MOST_NAMES_SHOWN]
    return f"{kind} holds {len(runs)} runs{_shown(', near', sorted(near))}"


def _subfolders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []


def _run_number(name: str) -> int | None:
    return int(name[1:]) if name[:1] == "r" and name[1:].isdecimal() else None


def _distance(name: str, other: str) -> int:
    return (_run_number(name) or 0) - (_run_number(other) or 0)


def _shown(words: str, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"{words} {listed}" if listed else ""
