"""Where dCache keeps files, so that those on tape can be left alone.

A file filter takes a list of paths and gives the paths to use. Asking dCache for the locality
of a file reads a file that stands for the answer; the data file itself is not touched.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntFlag

# Each answer is a round trip to the dCache server, so that threads wait in parallel.
_THREADS = 16
# An ordinary file system has no such file, or finds the question too long for a file name.
_NOT_DCACHE = (errno.ENOENT, errno.ENAMETOOLONG)
# The longest answer has 19 letters.
_ANSWER_MAX = 64


class Locality(IntFlag):
    """Where a file is kept."""

    UNKNOWN = 0
    UNAVAILABLE = 1
    ON_TAPE = 2
    ON_DISK = 4


_ANSWERS = {
    b"UNAVAILABLE": Locality.UNAVAILABLE,
    b"NEARLINE": Locality.ON_TAPE,
    b"ONLINE": Locality.ON_DISK,
    b"ONLINE_AND_NEARLINE": Locality.ON_DISK | Locality.ON_TAPE,
}


def locality(path: str | os.PathLike[str]) -> Locality:
    """Tell where a file is kept; files outside dCache are on disk.

    Parameters
    ----------
    path : str or path-like
        The file. It is not touched.
    """
    folder, name = os.path.split(os.fspath(path))
    question = os.path.join(folder, f".(get)({name})(locality)")
    try:
        answer = _read_answer(question)
    except OSError as exc:
        return Locality.ON_DISK if exc.errno in _NOT_DCACHE else Locality.UNKNOWN
    except ValueError:
        return Locality.UNKNOWN
    return _ANSWERS.get(answer.strip(), Locality.UNKNOWN)


def localities(paths: Sequence[str]) -> list[Locality]:
    """Tell where each of several files is kept, in their order."""
    if not paths:
        return []
    with ThreadPoolExecutor(min(_THREADS, len(paths))) as threads:
        return list(threads.map(locality, paths))


def lc_any(files: list[str]) -> list[str]:
    """Take all files, wherever they are."""
    return files


def lc_ondisk(files: list[str]) -> list[str]:
    """Take the files that are on disk."""
    return _kept(files, Locality.ON_DISK)


def lc_avail(files: list[str]) -> list[str]:
    """Take the files that are on disk or on tape; those on tape are staged when opened."""
    return _kept(files, Locality.ON_DISK | Locality.ON_TAPE)


def _kept(files: Sequence[str], accepted: Locality) -> list[str]:
    where = localities(files)
    return [path for path, place in zip(files, where, strict=True) if place & accepted]


def _read_answer(question: str) -> bytes:
    # Non-blocking, or a named pipe in a hostile folder would wait for ever.
    fd = os.open(question, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(fd, _ANSWER_MAX)
    finally:
        os.close(fd)
