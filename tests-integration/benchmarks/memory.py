"""The memory of this process, now and at its highest."""

from __future__ import annotations

import mmap
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
PAGE = 4096
READY_BYTES_PER_SECOND = 5e9
SMALL_READY_BYTES_PER_SECOND = 1e9
MOST_ROUNDS = 5


def peak_bytes() -> int:
    """The most memory that the process ever held."""
    if STATUS.exists():
        # As ru_maxrss, which however keeps the peak of the process that started this one.
        return _from_status("VmHWM")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def present_bytes() -> int:
    """The memory that the process holds now; its peak where that is not known."""
    return _from_status("VmRSS") if STATUS.exists() else peak_bytes()


def settle(size: int) -> None:
    """Touch and free this much memory, so that the workload meets pages the machine has at hand.

    A virtual machine may have given free memory back to its host. Then the first use of a page
    costs fifty times what it costs later, and would be charged to whoever comes first.
    """
    _touch_until_ready(_touch, size, READY_BYTES_PER_SECOND)
    if CLEAR.exists():
        CLEAR.write_text("5", encoding="ascii")  # forget the peak of memory so far


def settle_messages(size: int) -> None:
    """As `settle`, for memory as ZeroMQ takes it for what it receives: in small pages."""
    _touch_until_ready(_touch_small_pages, size, SMALL_READY_BYTES_PER_SECOND)


def _touch_until_ready(touch: Callable[[int], None], size: int, bytes_per_second: float) -> None:
    for _ in range(MOST_ROUNDS):
        start = time.perf_counter()
        touch(size)
        if size > bytes_per_second * (time.perf_counter() - start):
            break


def _touch_small_pages(size: int) -> None:
    with mmap.mmap(-1, size) as memory:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            memory.madvise(mmap.MADV_NOHUGEPAGE)
        for place in range(0, size, PAGE):
            memory[place] = 1


def _touch(size: int) -> None:
    import numpy as np

    # As results are made: other ways give other sizes of page, which come from other places.
    np.empty(size, np.uint8)[::PAGE] = 1


def _from_status(name: str) -> int:
    for line in STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(f"{STATUS} has no {name}")
