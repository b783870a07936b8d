"""Cache files beside a run: where they are, read without trust, replaced as a whole.

A cache saves time and must never cost anything: reading one cannot wait, follow a link or take
more memory than allowed, and a reader never sees one half written.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from .filenames import parse_path
from .leftovers import sweep, temp_path
from .problems import Problem, ProblemKind

# Both are shared with EXtra-data, which keeps the maps of read-only runs there.
_SCRATCH = "scratch"
_FALLBACK_FOLDER = ".karabo_data_maps"

# A folder that may not be written is the usual state of raw data, not worth a word.
_QUIET = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
)

_LOCK_PATIENCE = 2.0
_LOCK_PAUSE = 0.01


def cache_paths(run_folder: str | os.PathLike[str], name: str, suffix: str) -> list[str]:
    """Give the places where a cache of a run may be, the preferred one first.

    Parameters
    ----------
    run_folder : str or path-like
        Folder of the run.
    name : str
        Name of the cache in the run's folder.
    suffix : str
        What follows ``<folder>_r<RRRR>`` in the proposal's scratch folder.

    Examples
    --------
    >>> from euxfel.fileaccess.cachefiles import cache_paths
    >>> for path in cache_paths("/data/SPB/201830/p002012/raw/r0238", "map.json", ".json"):
    ...     print(path)
    /data/SPB/201830/p002012/raw/r0238/map.json
    /data/SPB/201830/p002012/scratch/.karabo_data_maps/raw_r0238.json
    """
    folder = os.path.abspath(run_folder)
    places = [os.path.join(folder, name)]
    facts = parse_path(folder) or parse_path(os.path.realpath(folder))
    if facts is not None:
        scratch = os.path.join(facts.proposal_path, _SCRATCH, _FALLBACK_FOLDER)
        places.append(os.path.join(scratch, f"{facts.folder}_r{facts.run:04d}{suffix}"))
    return places


def newest_first(paths: Iterable[str]) -> list[str]:
    """Give those paths that exist, the one changed last first."""
    found = []
    for path in paths:
        with suppress(OSError):
            found.append((os.lstat(path).st_mtime_ns, path))
    return [path for _time, path in sorted(found, key=lambda pair: pair[0], reverse=True)]


@contextmanager
def opened(path: str) -> Iterator[tuple[int, os.stat_result]]:
    """Lend a descriptor and the state of a regular file that is not a link.

    Raises
    ------
    OSError
        If it cannot be opened, or is something else.
    """
    _refuse_linked_folder(path)
    # A named pipe must not wait for a writer, and a link could lead out of the run.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(path, flags)
    try:
        st = os.fstat(fd)
        if not stat.S_ISREG(st.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        yield fd, st
    finally:
        os.close(fd)


def read_at(fd: int, size: int, offset: int) -> bytes:
    """Read bytes at an offset, fewer only where the file ends."""
    parts = []
    while size > 0:
        part = os.pread(fd, size, offset)
        if not part:
            break
        parts.append(part)
        size -= len(part)
        offset += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_whole(path: str, limit: int) -> bytes:
    """Read a regular file that is not a link.

    Raises
    ------
    OSError
        If it cannot be read, is something else, or is larger than `limit` bytes.
    """
    with opened(path) as (fd, st):
        if st.st_size > limit:
            raise OSError(errno.EFBIG, f"{st.st_size} bytes, more than such a file needs", path)
        return read_at(fd, st.st_size, 0)


def write_somewhere(places: list[str], write: Callable[[str], None], what: str) -> Problem | None:
    """Write a cache in the first place that can be written.

    Parameters
    ----------
    places : list of str
        Where it may be, from `cache_paths`.
    write : callable
        Writes the cache at the path given; called under a lock on its folder.
    what : str
        Name of the cache in the note.

    Returns
    -------
    Problem or None
        A note if no place worked, unless all are just not there or read-only.
    """
    fault: OSError | None = None
    for path in places:
        try:
            make_cache_folder(path)
            with folder_lock(os.path.dirname(path)):
                write(path)
        except OSError as exc:
            if exc.errno not in _QUIET:
                fault = exc
        else:
            return None
    if fault is None:
        return None
    message = f"{what} was not saved, so that opening will be slow again: {reason(fault)}"
    return Problem(ProblemKind.BAD_CACHE, message, file=places[0])


@contextmanager
def folder_lock(folder: str) -> Iterator[None]:
    """Keep other writers of caches in a folder out, where the file system can and for a while.

    Without the lock nothing breaks: of two writers at once, the entries of one may get lost.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(fd, time.monotonic() + _LOCK_PATIENCE)
        yield
    finally:
        os.close(fd)


def _lock(fd: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return
            time.sleep(_LOCK_PAUSE)
        except OSError:
            # The file system has no such locks.
            return
        else:
            return


def make_cache_folder(path: str) -> None:
    """Make the folder of a cache in scratch; scratch itself has to be there.

    Raises
    ------
    OSError
        If it cannot be made, or a link stands in its place.
    """
    folder = os.path.dirname(path)
    if os.path.basename(folder) != _FALLBACK_FOLDER:
        return
    with suppress(FileExistsError):
        os.mkdir(folder)
    _refuse_linked_folder(path)


def _refuse_linked_folder(path: str) -> None:
    # Scratch itself is a link at the facility; the folder in it is made by readers only.
    folder = os.path.dirname(path)
    if os.path.basename(folder) == _FALLBACK_FOLDER and os.path.islink(folder):
        raise OSError(errno.ELOOP, "a link in place of the folder of maps", folder)


def replace_file(path: str, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file so that there is always either the old or the complete new one.

    Parameters
    ----------
    path : str
        The file; a link in its place is replaced, not followed.
    parts : iterable of bytes or memoryview
        Its content.

    Raises
    ------
    OSError
        If it cannot be written. The old file is intact then, and nothing else is left.
    """
    sweep(path)
    temp = temp_path(path)
    fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            for part in parts:
                _write_all(fd, part)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.replace(temp, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temp)
        raise
    _sync_folder(os.path.dirname(path))


def _write_all(fd: int, part: bytes | memoryview) -> None:
    rest = memoryview(part).cast("B")
    while rest:
        rest = rest[os.write(fd, rest) :]


def _sync_folder(folder: str) -> None:
    # The file is complete either way; this only hastens the rename to the disk.
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def reason(exc: BaseException) -> str:
    """Say in one line why something failed."""
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror
    text = str(exc) or type(exc).__name__
    return ascii(text[:200])[1:-1]
