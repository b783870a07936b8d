"""Opening files, folders of files, and runs of a proposal."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from euxfel.fileaccess import (
    EuxfelError,
    FileAccess,
    FileStructureError,
    Problem,
    ProblemKind,
    RunNotFoundError,
    lc_any,
)
from euxfel.fileaccess.folder import data_files
from euxfel.fileaccess.heads import touch_heads
from euxfel.fileaccess.overview import check_overview

from .collection import DataCollection
from .inspection import inspect
from .problems import ProblemLog, warn_of
from .remembered import Remembered
from .selection import Selection

FileFilter = Callable[[list[str]], list[str]]


def H5File(  # noqa: N802 - the name that users know
    path: str | os.PathLike[str], *, inc_suspect_trains: bool = True, strict: bool = False
) -> DataCollection:
    """Open one file.

    Parameters
    ----------
    path : str or path-like
        Path of the file.
    inc_suspect_trains : bool
        False to leave out trains whose ID did not come from the time server.
    strict : bool
        True to raise ProblemsError if anything is wrong with the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileStructureError
        If it is not a readable EXDF file.
    """
    file = FileAccess(path)
    log = ProblemLog(file.facts.problems)
    if file.is_overview:
        log.add(check_overview(file.handle))
    return _collection([file], inc_suspect_trains, log, strict, file.filename)


def RunDirectory(  # noqa: N802 - the name that users know
    path: str | os.PathLike[str],
    include: str = "*",
    file_filter: FileFilter = lc_any,
    *,
    inc_suspect_trains: bool = True,
    parallelize: bool = True,
    strict: bool = False,
    isolate: bool = False,
) -> DataCollection:
    """Open all files of a run in a folder.

    Files that cannot be used are left out and listed in ``run.problems``; a warning tells.

    Parameters
    ----------
    path : str or path-like
        The folder.
    include : str
        Glob pattern for file names.
    file_filter : callable
        Takes a list of paths and gives those to use; the others are never touched. `lc_any`,
        `lc_ondisk` and `lc_avail` choose by where a file is stored.
    inc_suspect_trains : bool
        False to leave out trains whose ID did not come from the time server.
    parallelize : bool
        True to fetch the heads of many files at once, for file systems with a long delay.
    strict : bool
        True to raise ProblemsError if anything is wrong with the data.
    isolate : bool
        True to touch files first in another process with a time limit, so that a file that
        makes the HDF5 library hang or crash is a problem like any other.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no file in it.
    FileStructureError
        If no file in it can be used; the message lists each with its reason.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     run.is_single_run
    True
    """
    folder = os.path.abspath(path)
    listed = data_files(folder, include)
    paths = sorted(file_filter(listed.paths))
    if not paths:
        raise RunNotFoundError(f"no HDF5 files found in {folder} with pattern {include!r}")
    remembered = Remembered(folder)
    log = ProblemLog(listed.skipped)
    files = _usable(paths, remembered, log, parallelize, isolate)
    log.add(remembered.problems)
    return _collection(files, inc_suspect_trains, log, strict, folder)


def opened_files(
    paths: Iterable[str | os.PathLike[str]],
    inc_suspect_trains: bool,
    is_single_run: bool,
    parallelize: bool,
) -> Selection:
    """Open some files together, wherever they are; `DataCollection.from_paths` describes it."""
    log = ProblemLog()
    files = _usable([os.path.abspath(p) for p in paths], None, log, parallelize, False)
    warn_of(log.known(), "the data of these files")
    return Selection.of_files(files, inc_suspect_trains, is_single_run, log)


def _collection(
    files: Sequence[FileAccess], inc_suspect: bool, log: ProblemLog, strict: bool, what: str
) -> DataCollection:
    selection = Selection.of_files(files, inc_suspect, True, log)
    if strict:
        inspect(selection).raise_if_any()
    warn_of(log.known(), what)
    return DataCollection(selection)


def _usable(
    paths: Sequence[str],
    remembered: Remembered | None,
    log: ProblemLog,
    parallelize: bool,
    isolate: bool,
) -> list[FileAccess]:
    """Open what can be opened, note what cannot, and remember what was learned."""
    found = [_present(path, remembered, log) for path in paths]
    known = [file for file in found if file is not None]
    unread = [file for file in known if not file.is_remembered]
    good = _read_facts(unread, log, parallelize, isolate)
    if good and remembered is not None:
        log.add(remembered.keep(good))
    unusable = set(unread) - set(good)
    usable = [file for file in known if file not in unusable]
    log.add(problem for file in usable for problem in file.problems)
    if not usable:
        reasons = "\n".join(f"  - {problem}" for problem in log.known())
        raise FileStructureError(f"none of {len(paths)} files can be used:\n{reasons}")
    return usable


def _present(path: str, remembered: Remembered | None, log: ProblemLog) -> FileAccess | None:
    try:
        return FileAccess(path) if remembered is None else remembered.file(path)
    except (OSError, EuxfelError) as exc:
        log.add([_unusable(path, exc)])
        return None


def _read_facts(
    files: Sequence[FileAccess], log: ProblemLog, parallelize: bool, isolate: bool
) -> list[FileAccess]:
    paths = [file.filename for file in files]
    faults = _faults_seen_apart(paths) if isolate else {}
    good = []
    with touch_heads(paths if parallelize else []) as ready:
        for file in files:
            # Waits until the head of this very file is in memory.
            next(ready, None)
            try:
                if faults.get(file.filename):
                    raise FileStructureError(str(faults[file.filename]), file=file.filename)
                file.facts  # noqa: B018 - reads and keeps them
            except (OSError, EuxfelError) as exc:
                log.add([_unusable(file.filename, exc)])
            else:
                good.append(file)
    return good


def _faults_seen_apart(paths: list[str]) -> dict[str, str | None]:
    from euxfel.fileaccess.isolated import check_files

    return check_files(paths)


def _unusable(path: str, exc: Exception) -> Problem:
    return Problem(ProblemKind.UNUSABLE_FILE, f"the file is left out: {exc}", file=path)


def united(collections: Iterable[DataCollection]) -> DataCollection:
    """Put the data of one run together, found in several folders."""
    first, *others = collections
    selection = first._selection
    for other in others:
        selection = selection.merged(other._selection, True)
    return DataCollection(selection)
