"""One file on disk, opened when needed: through h5py, or as a plain descriptor.

The pools behind it are made on first use and again in a child process, since an open HDF5
file must not be shared across a fork. They look at the process's limit of open files and
never change it.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

import h5py

from .brief import BriefFile, check_fresh, opened_briefly
from .foreign import translated
from .identity import FileIdentity, file_changed
from .interrupts import interrupts_kept
from .pool import HandlePool

# Share of the process's open files that each of the two pools may use, and the most it takes.
POOL_SHARE = 4
POOL_MAX = 256

_Key = tuple[str, FileIdentity]


@dataclass(frozen=True, slots=True)
class Pools:
    """The open files of one process."""

    h5: HandlePool[_Key, h5py.File]
    raw: HandlePool[_Key, int]


def open_files() -> Pools:
    """Pools of this process's open files, made on first use."""
    return _pools_of(os.getpid())


def close_all() -> None:
    """Close every file that is not being read at this moment; they reopen when needed."""
    pools = open_files()
    pools.h5.clear()
    pools.raw.clear()


@cache
def _pools_of(pid: int) -> Pools:
    limit = _pool_limit()
    return Pools(
        # The library would take a file that is open as it was before for the present one.
        h5=HandlePool(_open_h5, h5py.File.close, limit, place=itemgetter(0)),
        raw=HandlePool(_open_raw, os.close, limit),
    )


def _pool_limit() -> int:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return POOL_MAX
    return max(1, min(POOL_MAX, soft // POOL_SHARE))


def _open_h5(key: _Key) -> h5py.File:
    path, identity = key
    with translated(path):
        file = _h5py_file(path)
    try:
        if FileIdentity.of(path) != identity:
            raise file_changed(path)
        check_fresh(file.id, path, identity)
    except BaseException:
        file.close()
        raise
    return file


def _h5py_file(path: str) -> h5py.File:
    try:
        return h5py.File(path, "r")
    except BlockingIOError:
        # A writer holds a lock. Locks are only tried without when they are in the way: the
        # library refuses to open a file both ways in one process, and users open files too.
        return h5py.File(path, "r", locking=False)


def _open_raw(key: _Key) -> int:
    path, identity = key
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if FileIdentity.from_stat(os.fstat(fd)) != identity:
        os.close(fd)
        raise file_changed(path)
    return fd


class FileHandle:
    """Access to the bytes of one file, as long as it stays the file it was.

    Parameters
    ----------
    path : str or path-like
        Where the file is. Made absolute, so that a change of folder does no harm.
    identity : FileIdentity, optional
        What the file has to be; by default what is there now.
    """

    __slots__ = ("__weakref__", "_cache", "identity", "path")

    def __init__(self, path: str | os.PathLike[str], identity: FileIdentity | None = None) -> None:
        self.path = os.path.abspath(path)
        self.identity = FileIdentity.of(self.path) if identity is None else identity
        # What upper rooms derive from the file's content: chunk indexes, layouts.
        self._cache: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"FileHandle({self.path!r})"

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, FileHandle):
            return NotImplemented
        return (self.path, self.identity) == (other.path, other.identity)

    def __hash__(self) -> int:
        # States of one file seldom meet in one set, and paths remember their hash.
        return hash(self.path)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self.path, self.identity)

    @property
    def cache(self) -> dict[Any, Any]:
        """What was derived from the file's content; dropped with the handle, never pickled."""
        return self._cache

    def check(self) -> None:
        """Raise FileChangedError if the file at the path is not the one opened before."""
        if FileIdentity.of(self.path) != self.identity:
            self.close()
            raise file_changed(self.path)

    @contextmanager
    def h5(self) -> Iterator[h5py.File]:
        """Lend the file as an open :class:`h5py.File`; every use is under h5py's lock."""
        self.check()
        with interrupts_kept(), open_files().h5.borrow((self.path, self.identity)) as file:
            yield file

    @contextmanager
    def h5_briefly(self) -> Iterator[BriefFile | h5py.File]:
        """Lend the file opened at the least cost, and close it at once.

        For a first look at hundreds of files: each costs a fraction of what `h5` costs, and
        none stays open once the objects opened in it are given up. A file that is open anyway
        is lent as `h5` does.
        """
        if (self.path, self.identity) in open_files().h5:
            with self.h5() as file:
                yield file
            return
        open_files().h5.make_way((self.path, self.identity))
        with opened_briefly(self.path, self.identity) as brief:
            yield brief

    @contextmanager
    def fd(self) -> Iterator[int]:
        """Lend the file as a descriptor for :func:`os.pread`."""
        self.check()
        with open_files().raw.borrow((self.path, self.identity)) as fd:
            yield fd

    def close(self) -> None:
        """Give up open handles; the file reopens when it is used again."""
        pools = open_files()
        pools.h5.discard((self.path, self.identity))
        pools.raw.discard((self.path, self.identity))


def _unpickle(path: str, identity: FileIdentity) -> FileHandle:
    now = FileIdentity.of(path)
    if not now.same_content(identity):
        raise file_changed(path)
    return FileHandle(path, now)
