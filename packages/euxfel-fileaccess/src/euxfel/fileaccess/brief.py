"""A file opened for a moment, at the least cost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from h5py import h5f, h5p

from .direct import DirectFile, FileBytes, UnfamiliarError
from .errors import FileChangedError
from .foreign import translated
from .identity import FileIdentity, file_changed


class BriefFile:
    """A file whose small datasets are read directly where they can be, else by the library.

    Parameters
    ----------
    path : str
        Where it is.
    identity : FileIdentity
        What it has to be.
    fd : int
        Its descriptor, which stays the caller's.
    library : h5py.h5f.FileID, optional
        The library's own identifier, if the file is open there.

    Attributes
    ----------
    direct : DirectFile or None
        What its bytes tell; None if they are only for the library to read.
    """

    __slots__ = ("_identity", "_lent", "_opened", "direct", "filename")

    def __init__(
        self, path: str, identity: FileIdentity, fd: int, library: h5f.FileID | None = None
    ) -> None:
        self.filename = path
        self.direct = _direct(fd, identity.size)
        self._identity = identity
        self._lent = library
        self._opened: h5f.FileID | None = None

    @property
    def id(self) -> h5f.FileID:
        """The library's own identifier; it opens the file when this is first asked for."""
        if self._lent is not None:
            return self._lent
        if self._opened is None:
            with translated(self.filename):
                self._opened = _open(self.filename)
            if FileIdentity.of(self.filename) != self._identity:
                raise file_changed(self.filename)
            check_fresh(self._opened, self.filename, self._identity)
        return self._opened

    def close(self) -> None:
        """Give up what the library opened."""
        if self._opened is not None:
            self._opened.close()


@contextmanager
def opened_briefly(path: str, identity: FileIdentity) -> Iterator[BriefFile]:
    """Lend a file, which is closed again afterwards.

    Raises
    ------
    FileChangedError
        If another file is there than the one that was known.
    """
    # Non-blocking, since a named pipe that took the file's place would wait for a writer.
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if FileIdentity.from_stat(os.fstat(fd)) != identity:
            raise file_changed(path)
        file = BriefFile(path, identity, fd)
        try:
            yield file
        finally:
            file.close()
    finally:
        os.close(fd)


def check_fresh(opened: h5f.FileID, path: str, identity: FileIdentity) -> None:
    """Refuse what the library has of a file as it was before.

    A file that is open anywhere in the process it does not look at again: it goes on with what
    it knew before the file was cut or grew.

    Raises
    ------
    FileChangedError
        If the file has another size than the library knows.
    """
    if opened.get_filesize() != identity.size:
        raise FileChangedError(
            f"{path} was changed since this process opened it in another place; close it there",
            file=path,
        )


def _direct(fd: int, size: int) -> DirectFile | None:
    try:
        return DirectFile(FileBytes(fd, size))
    except UnfamiliarError:
        return None


def _open(path: str) -> h5f.FileID:
    try:
        return h5f.open(os.fsencode(path), h5f.ACC_RDONLY, _read_access())
    except BlockingIOError:
        access = _read_access().copy()
        access.set_file_locking(False, True)
        return h5f.open(os.fsencode(path), h5f.ACC_RDONLY, access)


@cache
def _read_access() -> h5p.PropFAID:
    # Nothing set that h5py does not set: the library refuses to open a file in two ways.
    return h5p.create(h5p.FILE_ACCESS)
