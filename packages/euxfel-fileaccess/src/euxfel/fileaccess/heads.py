"""Read the first bytes of files ahead of opening them, several at a time.

On a cold parallel file system opening is waiting: every first access to a file takes
milliseconds, and HDF5 makes them one after the other under its lock. Threads that read the
head of each file wait for many of them at once; the file is then in memory when HDF5 comes.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice

# Superblock, root group and METADATA of a data file are in here.
HEAD_SIZE = 64 << 10
# Seconds. A head in memory is read in a hundredth of a millisecond, and handing it to a thread
# takes longer: threads start once several files in a row had to be waited for. A single one
# may just mean that the processor was busy elsewhere.
SLOW = 0.0003
SLOW_IN_A_ROW = 3


def touch_head(path: str | os.PathLike[str]) -> None:
    """Read the first bytes of a file into the system's cache; never raises.

    What cannot be read is left for whoever opens the file to report.
    """
    with suppress(OSError, ValueError):
        # Non-blocking, since a named pipe would wait for a writer.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.pread(fd, HEAD_SIZE, 0)
        finally:
            os.close(fd)


@contextmanager
def touch_heads(
    paths: Iterable[str], threads: int = 8, look_ahead: int = 32
) -> Iterator[Iterator[str]]:
    """Lend the same paths one by one, each when the head of its file was read.

    Parameters
    ----------
    paths : iterable of str
        Files that are going to be opened, in this order.
    threads : int, optional
        How many heads are read at once, and file descriptors used at most.
    look_ahead : int, optional
        How many files to be ahead, so that what was read is still in memory when it is used.

    Yields
    ------
    iterator of str
        The paths. The threads end with the block, whether all paths were taken or not.

    Examples
    --------
    >>> from euxfel.fileaccess.heads import touch_heads
    >>> with touch_heads(["/absent/a.h5", "/absent/b.h5"]) as ready:
    ...     list(ready)
    ['/absent/a.h5', '/absent/b.h5']
    """
    if threads < 1 or look_ahead < 1:
        raise ValueError("threads and look_ahead must be at least 1")
    with ExitStack() as stack:

        def start_threads() -> ThreadPoolExecutor:
            pool = ThreadPoolExecutor(threads, thread_name_prefix="euxfel-heads")
            stack.callback(pool.shutdown, wait=True, cancel_futures=True)
            return pool

        yield _in_order(iter(paths), start_threads, look_ahead)


def _in_order(
    paths: Iterator[str], start_threads: Callable[[], ThreadPoolExecutor], look_ahead: int
) -> Iterator[str]:
    slow = 0
    for path in paths:
        started = time.perf_counter()
        touch_head(path)
        slow = slow + 1 if time.perf_counter() - started > SLOW else 0
        yield path
        if slow == SLOW_IN_A_ROW:
            yield from _ahead(paths, start_threads(), look_ahead)


def _ahead(paths: Iterator[str], pool: ThreadPoolExecutor, look_ahead: int) -> Iterator[str]:
    waiting: deque[tuple[str, Future[None]]] = deque()
    for path in islice(paths, look_ahead):
        waiting.append((path, pool.submit(touch_head, path)))
    while waiting:
        path, touched = waiting.popleft()
        for following in islice(paths, 1):
            waiting.append((following, pool.submit(touch_head, following)))
        touched.result()
        yield path
