"""Work shared between the calling thread and a pool of helpers."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

THREADS_MAX = 16
#: A piece of work, done on any thread.
Job = Callable[[], None]

# Jobs a helper does before it queues up again: concurrent reads get their turn, and helpers
# notice that the interpreter is about to exit.
TURN = 8
# Jobs in stock below which a thread that comes for work makes more first.
LOW_STOCK = 4


def thread_count(threads: int | None = None) -> int:
    """Threads that a read uses: as asked, else ``EXTRA_NUM_THREADS``, else the usable cores.

    Raises
    ------
    ValueError
        If the number is not at least 1.
    """
    if threads is None:
        setting = os.environ.get("EXTRA_NUM_THREADS", "")
        threads = int(setting) if setting.strip() else min(THREADS_MAX, _usable_cores())
    if threads < 1:
        raise ValueError(f"at least one thread is needed, not {threads}")
    return threads


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _helpers(pid: int, number: int) -> ThreadPoolExecutor:
    # By process: a forked child has none of its parent's threads.
    del pid
    return ThreadPoolExecutor(number, thread_name_prefix="euxfel-read")


class Crew:
    """One calling thread and its helpers, working through jobs made while they work.

    The first error ends the work; it is raised in the calling thread once all helpers have
    stopped, so that nobody writes into the caller's arrays any more.

    Parameters
    ----------
    batches : iterator of list of callables
        Makes jobs, some at a time. Only one thread at a time asks it for more.
    """

    def __init__(self, batches: Iterator[list[Job]]) -> None:
        self._batches = batches
        self._stock: deque[Job] = deque()
        self._changed = threading.Condition()
        self._making = False
        self._exhausted = False
        self._stopped = False
        self._error: BaseException | None = None
        self._helping = 0
        self._queued: set[Future[None]] = set()

    def work(self, threads: int) -> None:
        """Do all jobs on this thread and ``threads - 1`` helpers."""
        try:
            self._make()
            if len(self._stock) > 1 or not self._exhausted:
                self._enlist(threads)
            while self._one_job():
                pass
        except BaseException as exc:  # noqa: BLE001 - raised again below
            self._fail(exc)
        finally:
            self._dismiss()
        if self._error is not None:
            raise self._error

    def _enlist(self, threads: int) -> None:
        pool = _helpers(os.getpid(), threads - 1) if threads > 1 else None
        with self._changed:
            for _ in range(threads - 1):
                self._helping += 1
                self._queue_up(pool)

    def _queue_up(self, pool: ThreadPoolExecutor | None) -> None:
        try:
            if pool is not None and not self._stopped:
                self._queued.add(pool.submit(self._help, pool))
                return
        except RuntimeError:
            # The interpreter is about to exit: the calling thread goes on alone, if at all.
            pass
        self._leave()

    def _leave(self) -> None:
        self._helping -= 1
        self._changed.notify_all()

    def _help(self, pool: ThreadPoolExecutor) -> None:
        more = False
        try:
            more = all(self._one_job() for _ in range(TURN))
        except BaseException as exc:  # noqa: BLE001 - raised in the calling thread
            self._fail(exc)
        with self._changed:
            if more:
                self._queue_up(pool)
            else:
                self._leave()

    def _one_job(self) -> bool:
        job = self._take()
        if job is None:
            return False
        job()
        return True

    def _take(self) -> Job | None:
        while True:
            with self._changed:
                while not self._stopped and not self._can_make():
                    if self._stock:
                        return self._stock.popleft()
                    if self._exhausted:
                        return None
                    self._changed.wait()
                if self._stopped:
                    return None
                self._making = True
            self._make()

    def _can_make(self) -> bool:
        return not self._making and not self._exhausted and len(self._stock) < LOW_STOCK

    def _make(self) -> None:
        batch = next(self._batches, None)
        with self._changed:
            self._making = False
            if batch is None:
                self._exhausted = True
            else:
                self._stock.extend(batch)
            self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            # A Ctrl-C is never lost behind another error.
            if self._error is None or isinstance(error, KeyboardInterrupt):
                self._error = error
            self._stopped = True
            self._changed.notify_all()

    def _dismiss(self) -> None:
        with self._changed:
            self._stopped = True
            for future in self._queued:
                if future.cancel():
                    self._helping -= 1
            self._changed.notify_all()
            while self._helping:
                self._changed.wait()
