"""The data files of one folder: regular ``.h5`` files, and what was passed over."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .filenames import is_overview
from .problems import Problem, ProblemKind

_TYPES = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class DataFiles:
    """The data files of one folder.

    Attributes
    ----------
    paths : list of str
        Regular files, sorted by name.
    skipped : tuple of Problem
        What has the name of a data file but is none, with the reason.
    """

    paths: list[str]
    skipped: tuple[Problem, ...] = ()


def data_files(folder: str | os.PathLike[str], include: str = "*") -> DataFiles:
    """List the data files of a folder, without opening any of them.

    Parameters
    ----------
    folder : str or path-like
        Folder of a run.
    include : str, optional
        Pattern that a file's name must match, as for :func:`fnmatch.fnmatchcase`.

    Raises
    ------
    OSError
        If the folder cannot be listed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from euxfel.fileaccess.folder import data_files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ["RAW-R0001-DA02-S00000.h5", "RAW-R0001-DA01-S00000.h5", "overview.h5"]:
    ...         Path(folder, name).touch()
    ...     [Path(path).name for path in data_files(folder).paths]
    ['RAW-R0001-DA01-S00000.h5', 'RAW-R0001-DA02-S00000.h5']
    """
    with os.scandir(os.path.abspath(folder)) as entries:
        wanted = [e for e in entries if _is_data_name(e.name) and fnmatchcase(e.name, include)]
    wanted.sort(key=lambda entry: entry.name)
    faults = [(entry.path, _fault(entry)) for entry in wanted]
    return DataFiles(
        paths=[path for path, fault in faults if fault is None],
        skipped=tuple(_skipped(path, fault) for path, fault in faults if fault is not None),
    )


def _is_data_name(name: str) -> bool:
    return name.endswith(".h5") and not is_overview(name)


def _fault(entry: os.DirEntry[str]) -> str | None:
    """Tell why an entry is no data file; None if it is one."""
    try:
        # The folder itself tells the type of all but links: no file is touched.
        if entry.is_file():
            return None
        mode = entry.stat().st_mode
    except FileNotFoundError:
        return "a link to nothing"
    except OSError as exc:
        return f"not accessible ({exc.strerror})"
    return _TYPES.get(stat.S_IFMT(mode), "no regular file")


def _skipped(path: str, fault: str) -> Problem:
    return Problem(
        ProblemKind.SKIPPED_FILE, f"the name is that of a data file, but it is {fault}", file=path
    )
