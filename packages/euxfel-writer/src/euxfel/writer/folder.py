"""One folder of files to be written: absent until all of it is complete."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from euxfel.fileaccess.errors import TargetExistsError
from euxfel.fileaccess.leftovers import sweep, temp_path

from .operations import SYSTEM
from .refusal import AnyPath, refuse
from .reported import reported


class AtomicFolder:
    """A folder that appears under its name when all its files are complete, and on the disk.

    Parameters
    ----------
    path : str or path-like
        The folder; it may exist if it is empty.
    inputs : iterable of str or path-like
        Files that are read meanwhile.

    Attributes
    ----------
    temp : str
        Where to write the files.

    Raises
    ------
    TargetExistsError
        If the folder holds anything, or is a file.
    WriteError
        If it cannot be made.
    """

    def __init__(self, path: AnyPath, *, inputs: Iterable[AnyPath] = ()) -> None:
        self.path = os.path.abspath(path)
        self._inputs = tuple(inputs)
        self.temp = ""

    def __enter__(self) -> Self:
        self._refuse()
        with reported(self.path):
            sweep(self.path)
            temp = temp_path(self.path)
            SYSTEM.make_folder(temp)
            self.temp = temp
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            if self.temp:
                shutil.rmtree(self.temp, ignore_errors=True)

    def _refuse(self) -> None:
        if os.path.isdir(self.path) and not os.path.islink(self.path):
            if os.listdir(self.path):
                raise TargetExistsError(
                    f"{self.path} is not empty; remove it first, or name another folder",
                    errno=errno.ENOTEMPTY,
                    file=self.path,
                )
            return
        refuse(self.path, self._inputs, False)

    def _commit(self) -> None:
        with reported(self.path):
            SYSTEM.fsync_folder(self.temp)
            # The system refuses to put a folder in place of one that has become non-empty.
            SYSTEM.rename(self.temp, self.path)
            self.temp = ""
        with suppress(OSError):
            SYSTEM.fsync_folder(os.path.dirname(self.path))
