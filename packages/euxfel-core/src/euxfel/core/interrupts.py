"""Ctrl-C in code whose exceptions Python drops: put off, never lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# Seconds. The code that is not to be interrupted has ended long before.
_PATIENCE = 0.02


@contextmanager
def interrupt_put_off() -> Iterator[None]:
    """Keep Ctrl-C until a moment after the block, in which it could not be raised.

    Only the main thread gets signals. A program's own way to deal with Ctrl-C is used then.
    """
    here, main = threading.current_thread() is threading.main_thread(), threading.get_ident()
    before = signal.getsignal(signal.SIGINT) if here else None
    if not callable(before):
        yield
        return
    noted = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        noted.set()

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if noted.is_set():
            # No thread can be started when the interpreter ends: then there is nothing to stop.
            with suppress(RuntimeError):
                threading.Timer(_PATIENCE, signal.pthread_kill, (main, signal.SIGINT)).start()
