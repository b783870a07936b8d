"""Blocks of frames read and worked on by several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from euxfel.fileaccess.engine.threads import thread_count

T = TypeVar("T")
Progress = Callable[[int, int], object]
"""Told after each block how many blocks are done, and of how many."""


def for_each(
    blocks: Iterable[T],
    work: Callable[[T], None],
    threads: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Work on all blocks; the first error stops what has not begun.

    Parameters
    ----------
    blocks : iterable
        What to work on.
    work : callable
        Called with each block, on several threads.
    threads : int, optional
        How many threads; as the read engine by default.
    progress : callable, optional
        Called with the number of blocks done and of all blocks, on the calling thread.
    """
    todo = list(blocks)
    pool = ThreadPoolExecutor(thread_count(threads), thread_name_prefix="euxfel-block")
    try:
        running = [pool.submit(work, block) for block in todo]
        for done, future in enumerate(as_completed(running), start=1):
            future.result()
            if progress is not None:
                progress(done, len(todo))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
