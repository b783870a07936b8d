"""Opening a run by proposal and run number, from raw and processed data together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from euxfel.fileaccess import Problem, ProblemKind, lc_any
from euxfel.fileaccess.folder import data_files

from .aliases import read_default_aliases
from .collection import DataCollection
from .locate import find_proposal, find_run
from .opening import FileFilter, RunDirectory, united
from .problems import Problems, warn_of
from .settings import PROPOSAL_ALIASES
from .user_warning import warn_user


def open_run(
    proposal: Any,
    run: Any,
    data: str | Sequence[str] = "default",
    include: str = "*",
    file_filter: FileFilter = lc_any,
    *,
    inc_suspect_trains: bool = True,
    parallelize: bool = True,
    aliases: str | os.PathLike[str] | Mapping[Any, Any] | None = PROPOSAL_ALIASES,
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
        raw and proc with raw winning, ``"all"`` for both with proc winning. All but the first
        (raw for ``"default"``) may be absent or unusable: a warning tells, but for
        ``"default"`` where it is usual that there is no processed data. What is wrong with a
        folder that exists stands in ``run.problems``.
    include : str
        Glob pattern for file names.
    file_filter : callable
        Takes a list of paths and gives those to use.
    inc_suspect_trains : bool
        False to leave out trains whose ID did not come from the time server.
    parallelize : bool
        True to fetch the heads of many files at once.
    aliases : str, path-like, dict or None
        File of aliases to load, in which ``{}`` stands for the folder of the proposal; or
        definitions, as for `DataCollection.with_aliases`. Aliases that cannot be used are a
        problem of the run; it opens without them.
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
    is_either = data in ("default", "all")
    notes: list[Problem] = []
    failed: dict[str, OSError] = {}

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
        except OSError as exc:
            if name == required and not is_either:
                raise
            failed[name] = exc
            return None

    found = [collection for name in names if (collection := opened(name)) is not None]
    if not found:
        raise failed[required]
    for name, exc in failed.items():
        is_usual = data == "default" and name != required
        notes.extend(_excused(exc, folder, run, name, is_usual=is_usual))
    whole = _with_default_aliases(united(_later_wins(found)), folder, aliases, notes)
    whole._selection.scope.log.add(notes)
    if strict:
        Problems(notes).raise_if_any()
    # Folders are made before calibration begins: an empty one is worth a note, not a warning.
    warn_of([n for n in notes if n.kind is not ProblemKind.MISSING_DATA], str(folder))
    return whole


def _folders(data: str | Sequence[str]) -> tuple[list[str], str]:
    """Give the folders to read, a later one winning, and the one that must be there."""
    if data == "default":
        return ["proc", "raw"], "raw"
    if data == "all":
        return ["raw", "proc"], "raw"
    names = [data] if isinstance(data, str) else list(data)
    if not names:
        raise ValueError("data names no folder to read: try data='raw'")
    return names, names[0]


def _excused(
    exc: OSError, proposal: os.PathLike[str], run: Any, name: str, is_usual: bool
) -> Iterator[Problem]:
    """Give what is wrong with a folder that is left out; that it is absent is a warning."""
    if not isinstance(exc, FileNotFoundError):
        reasons = "; ".join(line.strip(" -") for line in str(exc).splitlines())
        where = str(Path(proposal, name))
        yield Problem(ProblemKind.UNUSABLE_FILE, f"{name!r} data is left out: {reasons}", where)
        return
    if not is_usual:
        warn_user(f"no {name!r} data: {exc}")
    with suppress(FileNotFoundError):
        place = find_run(proposal, run, name)
        if not data_files(place).paths:
            message = f"the folder for {name!r} data is empty, as if there were none"
            yield Problem(ProblemKind.MISSING_DATA, message, str(place))


def _later_wins(found: Sequence[DataCollection]) -> list[DataCollection]:
    """Drop from each part the sources that a later part has."""
    kept: list[DataCollection] = []
    taken: set[str] = set()
    for part in reversed(found):
        sources = part._selection.by_every_name()
        left = [source for name, source in sources.items() if name not in taken]
        kept.append(DataCollection(part._selection.with_names(left)))
        taken.update(sources)
    return kept


def _with_default_aliases(
    run: DataCollection,
    proposal: os.PathLike[str],
    pattern: str | os.PathLike[str] | Mapping[Any, Any] | None,
    notes: list[Problem],
) -> DataCollection:
    table, problem = read_default_aliases(proposal, pattern)
    if problem is not None:
        notes.append(problem)
    return DataCollection(run._selection.with_aliases(table))
