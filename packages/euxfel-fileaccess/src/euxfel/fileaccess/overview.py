"""Virtual overviews of runs, as EXtra-data makes them: found, and checked against the run.

An overview shows the data of a run as one file of virtual datasets. It is made once, and the
run may change after that. Opening a run does not use it; it can be opened by its own name.
"""

from __future__ import annotations

import os
import re
from typing import Any

from .filenames import is_overview, parse_path
from .foreign import translated
from .h5read import read_small, read_strings
from .handle import FileHandle
from .problems import Problem, ProblemKind

OVERVIEW_VERSION = 1

_VERSION = "virtual_overview_version"
_SOURCE_FILES = ".source_files"
_HIDDEN = ".extra_data"
_NAME = re.compile(r"(?P<folder>[A-Z0-9_]+)-R(?P<run>[0-9]{4})-OVERVIEW\.h5")
_SHOWN = 3


def overview_paths(run_folder: str | os.PathLike[str]) -> list[str]:
    """Give the places where an overview of a run may be, the preferred one first.

    Examples
    --------
    >>> from euxfel.fileaccess.overview import overview_paths
    >>> for path in overview_paths("/data/SPB/201830/p002012/raw/r0238"):
    ...     print(path)
    /data/SPB/201830/p002012/raw/r0238/overview.h5
    /data/SPB/201830/p002012/usr/.extra_data/RAW-R0238-OVERVIEW.h5
    """
    folder = os.path.abspath(run_folder)
    places = [os.path.join(folder, "overview.h5")]
    facts = parse_path(folder) or parse_path(os.path.realpath(folder))
    if facts is not None:
        name = f"{facts.folder.upper()}-R{facts.run:04d}-OVERVIEW.h5"
        places.append(os.path.join(facts.proposal_path, "usr", _HIDDEN, name))
    return places


def run_folder_of(overview: str | os.PathLike[str]) -> str | None:
    """Give the folder of the run that an overview shows, by its place; None elsewhere.

    Examples
    --------
    >>> from euxfel.fileaccess.overview import run_folder_of
    >>> run_folder_of("/data/SPB/201830/p002012/usr/.extra_data/RAW-R0238-OVERVIEW.h5")
    '/data/SPB/201830/p002012/raw/r0238'
    """
    folder, name = os.path.split(os.path.abspath(overview))
    if name == "overview.h5":
        return folder
    match = _NAME.fullmatch(name)
    above, hidden = os.path.split(folder)
    proposal, usr = os.path.split(above)
    if match is None or (usr, hidden) != ("usr", _HIDDEN):
        return None
    return os.path.join(proposal, match["folder"].lower(), f"r{match['run']}")


def check_overview(
    overview: FileHandle, run_folder: str | os.PathLike[str] | None = None
) -> tuple[Problem, ...]:
    """Compare an overview with the files of the run as they are now.

    Parameters
    ----------
    overview : FileHandle
        The overview.
    run_folder : str or path-like, optional
        Folder of the run; found from the overview's place by default.

    Returns
    -------
    tuple of Problem
        Empty if the overview shows the run as it is.

    Raises
    ------
    FileStructureError
        If the overview cannot be read.
    """
    folder = run_folder_of(overview.path) if run_folder is None else os.fspath(run_folder)
    if folder is None:
        reason: str | None = "nothing tells which run it shows"
    else:
        with translated(overview.path, "cannot be read"), overview.h5() as file:
            reason = _unknown_version(file.attrs.get(_VERSION)) or _difference(
                _sizes_then(file), _sizes_now(folder), folder
            )
    if reason is None:
        return ()
    message = f"the overview may not show the run as it is: {reason}; open the run itself"
    return (Problem(ProblemKind.BAD_CACHE, message, file=overview.path),)


def _unknown_version(version: Any) -> str | None:
    try:
        known = 1 <= int(version) <= OVERVIEW_VERSION
    except (TypeError, ValueError):
        known = False
    return None if known else f"its version is {str(version)[:20]!a}, {OVERVIEW_VERSION} is known"


def _sizes_then(file: Any) -> dict[str, int] | None:
    """Give the sizes that the files of the run had; None if the overview does not tell."""
    names = read_strings(file, f"{_SOURCE_FILES}/names")
    sizes = read_small(file, f"{_SOURCE_FILES}/sizes")
    if sizes is None or sizes.ndim != 1 or sizes.dtype.kind not in "iu":
        return None
    if not names or len(names) != len(sizes):
        return None
    return dict(zip(names, sizes.tolist(), strict=True))


def _sizes_now(folder: str) -> dict[str, int]:
    try:
        with os.scandir(folder) as entries:
            return {
                entry.name: entry.stat().st_size
                for entry in entries
                if entry.name.endswith(".h5") and not is_overview(entry.name)
            }
    except OSError:
        return {}


def _difference(then: dict[str, int] | None, now: dict[str, int], folder: str) -> str | None:
    if then is None:
        return "it does not tell which files it shows"
    for names, what in [
        (then.keys() - now.keys(), "are gone from"),
        (now.keys() - then.keys(), "are new in"),
        ({n for n in then.keys() & now.keys() if then[n] != now[n]}, "have changed in"),
    ]:
        if names:
            listed = ", ".join(ascii(name)[1:-1] for name in sorted(names)[:_SHOWN])
            return f"{len(names)} file(s) {what} {folder}, {listed} first"
    return None
