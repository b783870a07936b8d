"""What a path on the command line means: a file, a run, runs of a folder, a proposal."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from ..mistakes import UsageError
from ..opening import is_run_of_proposal

_RUN_FOLDER = re.compile(r"r[0-9]{4}")
_PROPOSAL = re.compile(r"p?[0-9]{1,6}")


class Target(NamedTuple):
    """One thing to list.

    Attributes
    ----------
    heading : str
        What several runs have in common, the folder they are in; empty for something named.
    name : str
        What it is called in the list.
    path : str
        A file or folder; or ``PROPOSAL/RUN``.
    """

    heading: str
    name: str
    path: str


def targets_of(path: str) -> list[Target]:
    """Tell what there is to list behind a path.

    Raises
    ------
    UsageError
        If there is nothing of the kind.
    """
    if os.path.isdir(path):
        return _in_folder(path)
    if os.path.exists(path) or is_run_of_proposal(path):
        return [Target("", path, path)]
    if _PROPOSAL.fullmatch(path):
        from euxfel.core.locate import find_proposal

        return _in_folder(str(find_proposal(path)))
    raise UsageError(
        f"{path!r} is no file or folder, no proposal such as 2012, "
        "nor PROPOSAL/RUN such as 2012/238"
    )


def _in_folder(path: str) -> list[Target]:
    names = sorted(os.listdir(path))
    if any(name.endswith(".h5") for name in names):
        return [Target("", path, path)]
    found = _runs(path, names)
    if not found:
        folders = [os.path.join(path, name) for name in names]
        found = [t for f in folders if os.path.isdir(f) for t in _runs(f, sorted(os.listdir(f)))]
    if not found:
        raise UsageError(f"{path}: no HDF5 files are in it, nor runs such as r0001 or raw/r0001")
    return found


def _runs(folder: str, names: list[str]) -> list[Target]:
    heading = os.path.abspath(folder)
    runs = [(name, os.path.join(folder, name)) for name in names if _RUN_FOLDER.fullmatch(name)]
    return [Target(heading, name, path) for name, path in runs if os.path.isdir(path)]
