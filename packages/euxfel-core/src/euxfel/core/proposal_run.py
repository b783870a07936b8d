"""Opening a run by proposal and run number, from raw and processed data together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from euxfel.fileaccess import lc_any

from .aliases import read_default_aliases
from .collection import DataCollection
from .locate import find_proposal, find_run
from .opening import FileFilter, RunDirectory, united
from .problems import warn_of
from .user_warning import warn_user

ALIASES = "{}/usr/extra-data-aliases.yml"


def open_run(
    proposal: Any,
    run: Any,
    data: str | Sequence[str] = "default",
    include: str = "*",
    file_filter: FileFilter = lc_any,
    *,
    inc_suspect_trains: bool = True,
    parallelize: bool = True,
    aliases: str | os.PathLike[str] | None = ALIASES,
    strict: bool = False,
    isolate: bool = False,
) -> DataCollection:
    """Open a run of a proposal.

    Parameters
    ----------
    proposal : int, str or path-like
        Proposal number, ``"p002012"``, or the folder of the proposal.
    run : int or str
        Run number, or ``"r0243"``.
    data : str or sequence of str
        Which folders of the proposal to read: ``"raw"``, ``"proc"`` or another one; a
        sequence of them, of which the later wins where source names match; ``"default"`` for
        raw and proc with raw winning, ``"all"`` for both with proc winning. Processed data
        may be absent in the last two.
    include : str
        Glob pattern for file names.
    file_filter : callable
        Takes a list of paths and gives those to use.
    inc_suspect_trains : bool
        False to leave out trains whose ID did not come from the time server.
    parallelize : bool
        True to fetch the heads of many files at once.
    aliases : str, path-like or None
        File of aliases to load; ``{}`` stands for the folder of the proposal.
    strict : bool
        True to raise ProblemsError if anything is wrong with the data.
    isolate : bool
        True to touch files first in another process with a time limit.

    Raises
    ------
    FileNotFoundError
        If there is no such proposal or run.
    """
    folder = find_proposal(proposal)
    names, required = _folders(data)

    def opened(name: str) -> DataCollection | None:
        try:
            return RunDirectory(
                find_run(folder, run, name),
                include,
                file_filter,
                inc_suspect_trains=inc_suspect_trains,
                parallelize=parallelize,
                strict=strict,
                isolate=isolate,
            )
        except FileNotFoundError as exc:
            _excuse(exc, name, name in required, isinstance(data, str))
            return None

    found = [collection for name in names if (collection := opened(name)) is not None]
    return _with_default_aliases(united(_later_wins(found)), folder, aliases)


def _folders(data: str | Sequence[str]) -> tuple[list[str], set[str]]:
    """Give the folders to read, a later one winning, and those that must be there."""
    if data == "default":
        return ["proc", "raw"], {"raw"}
    if data == "all":
        return ["raw", "proc"], {"raw"}
    names = [data] if isinstance(data, str) else list(data)
    if not names:
        raise ValueError("data names no folder to read: try data='raw'")
    return names, {names[0]}


def _excuse(exc: Exception, name: str, is_required: bool, is_silent: bool) -> None:
    if is_required:
        raise exc
    if not is_silent:
        warn_user(f"no {name!r} data: {exc}")


def _later_wins(found: Sequence[DataCollection]) -> list[DataCollection]:
    """Drop from each part the sources that a later part has."""
    kept: list[DataCollection] = []
    taken: set[str] = set()
    for part in reversed(found):
        sources = part._selection.sources
        left = [source for name, source in sources.items() if name not in taken]
        kept.append(DataCollection(part._selection.with_sources(left)))
        taken.update(sources)
    return kept


def _with_default_aliases(
    run: DataCollection, proposal: os.PathLike[str], pattern: str | os.PathLike[str] | None
) -> DataCollection:
    if pattern is None:
        return run
    table, problem = read_default_aliases(proposal, os.fspath(pattern))
    if problem is not None:
        run._selection.scope.log.add([problem])
        warn_of([problem], "the alias file")
    return DataCollection(run._selection.with_aliases(table))
