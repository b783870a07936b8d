"""What is never written to: inputs, folders, and files that may not be replaced."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from euxfel.fileaccess.errors import TargetExistsError, WriteError

AnyPath = str | os.PathLike[str]


def refuse(path: str, inputs: Iterable[AnyPath], overwrite: bool) -> None:
    """Raise unless a file may be written.

    Parameters
    ----------
    path : str
        The file to be written.
    inputs : iterable of str or path-like
        Files that it must not be, also through links.
    overwrite : bool
        Whether it may exist.

    Raises
    ------
    WriteError
        It is an input, or its folder is missing.
    TargetExistsError
        It exists.
    """
    _refuse_folder(path)
    _refuse_inputs(path, inputs)
    with suppress(FileNotFoundError):
        mode = os.lstat(path).st_mode
        if not overwrite:
            raise TargetExistsError(
                f"{path} exists already; pass overwrite=True to replace it",
                errno=errno.EEXIST,
                file=path,
            )
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise WriteError(
                f"{path} is not a file, and is not replaced; choose another name",
                errno=errno.EEXIST,
                file=path,
            )


def _refuse_folder(path: str) -> None:
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise WriteError(
            f"{path} cannot be written: there is no folder {folder}; make it first",
            errno=errno.ENOENT,
            file=path,
        )


def _refuse_inputs(path: str, inputs: Iterable[AnyPath]) -> None:
    target = _identity(path)
    for name in inputs:
        if target is not None and _identity(name) == target:
            raise WriteError(
                f"{path} is {os.fspath(name)}, from which data is read: it is never overwritten; "
                "choose another name",
                errno=errno.EEXIST,
                file=path,
            )


def _identity(path: AnyPath) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
