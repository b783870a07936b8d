"""Work shared between the calling thread and helpers.

Ctrl-C can strike the main thread between any two instructions, also between taking a lock and
the block that gives it back. So nothing here waits for a lock that the calling thread could
hold: jobs pass through a queue whose operations are single calls into C. Helpers live as long
as one read. There is nothing to repair after an interrupt, a fork, or at exit.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

THREADS_MAX = 16
# Helpers of all concurrent reads together, unless one read alone asks for more.
HELPERS_MAX = 32
#: A piece of work, done on any thread.
Job = Callable[[], None]

# Jobs in stock below which a thread that comes for work makes more first.
LOW_STOCK = 4

_live: list[threading.Thread] = []


def thread_count(threads: int | None = None) -> int:
    """Threads that a read uses: as asked, else ``EXTRA_NUM_THREADS``, else the usable cores.

    Raises
    ------
    ValueError
        If the number is not at least 1.
    """
    if threads is None:
        setting = os.environ.get("EXTRA_NUM_THREADS", "").strip()
        if setting and not setting.isdecimal():
            raise ValueError(f"EXTRA_NUM_THREADS must be a number, not {setting!r}")
        threads = int(setting) if setting else min(THREADS_MAX, _usable_cores())
    if threads < 1:
        raise ValueError(f"at least one thread is needed, not {threads}")
    return threads


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_helpers(wanted: int) -> int:
    """How many helpers a read may start, beside those of other reads."""
    _live[:] = [thread for thread in _live if thread.is_alive()]
    return max(0, min(wanted, max(HELPERS_MAX, wanted) - len(_live)))


def _nothing() -> None:
    pass


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
        # None is the end: whoever finds it puts it back for the others.
        self._stock: SimpleQueue[Job | None] = SimpleQueue()
        self._making = threading.Lock()
        self._exhausted = False
        self._stopped = False
        self._error: BaseException | None = None
        self._caller = threading.current_thread()
        self._helpers: list[threading.Thread] = []

    def work(self, threads: int, between: Job = _nothing) -> None:
        """Do all jobs on this thread and up to ``threads - 1`` helpers.

        Parameters
        ----------
        threads : int
            Threads in all.
        between : callable
            Called on this thread between its jobs; what it raises ends the work.
        """
        try:
            self._make_first()
            self._enlist(threads - 1)
            while (job := self._take()) is not None:
                job()
                between()
        except BaseException as exc:  # noqa: BLE001 - raised again below
            self._fail(exc)
        self._dismiss()
        # Not kept: through its traceback it would keep the caller's arrays.
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _dismiss(self) -> None:
        """Wait until no helper writes into the caller's arrays any more."""
        while any(helper.is_alive() for helper in self._helpers):
            try:
                for helper in self._helpers:
                    if helper.is_alive():
                        helper.join()
            except BaseException as exc:  # noqa: BLE001 - raised when the helpers have stopped
                self._fail(exc)

    def _make_first(self) -> None:
        while not self._exhausted and self._stock.qsize() < LOW_STOCK:
            self._make()

    def _enlist(self, helpers: int) -> None:
        if self._exhausted:
            # Of what is in stock, one is the end, and one is for the calling thread.
            helpers = min(helpers, self._stock.qsize() - 2)
        for _ in range(_free_helpers(helpers)):
            helper = threading.Thread(target=self._help, name="euxfel-read")
            self._helpers.append(helper)
            helper.start()
            _live.append(helper)

    def _help(self) -> None:
        try:
            while not self._abandoned() and (job := self._take()) is not None:
                job()
        except BaseException as exc:  # noqa: BLE001 - raised in the calling thread
            self._fail(exc)

    def _abandoned(self) -> bool:
        """Whether the process is ending, and will not wait for the caller."""
        return self._caller.daemon and not threading.main_thread().is_alive()

    def _take(self) -> Job | None:
        while not self._stopped:
            if self._low() and self._making.acquire(blocking=False):
                try:
                    self._make()
                finally:
                    self._making.release()
                continue
            job = self._stock.get()
            if job is None:
                self._stock.put(None)
            return job
        return None

    def _low(self) -> bool:
        return not self._exhausted and self._stock.qsize() < LOW_STOCK

    def _make(self) -> None:
        batch = next(self._batches, None)
        if batch is None:
            self._exhausted = True
            self._stock.put(None)
            return
        for job in batch:
            self._stock.put(job)

    def _fail(self, error: BaseException) -> None:
        # A Ctrl-C is never lost behind another error.
        if self._error is None or isinstance(error, KeyboardInterrupt):
            self._error = error
        self._stopped = True
        self._stock.put(None)
