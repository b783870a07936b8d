"""Ctrl-C while a file is written: kept every time, and never in the middle of the library.

An exception raised in a function that the HDF5 library calls is lost, or leaves its file in a
state in which it cannot be closed. Python tells a signal handler what it interrupts: inside such a
function the interrupt is noted for the next look, everywhere else it is raised as usual.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType


@dataclass(slots=True)
class Interrupt:
    """Whether Ctrl-C was pressed where it could not be raised.

    Attributes
    ----------
    noted : bool
        It was.
    is_held : bool
        It is not raised at this moment, whatever runs.
    """

    noted: bool = False
    is_held: bool = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raise nothing in the block, which must be short."""
        self.is_held = True
        try:
            yield
        finally:
            self.is_held = False

    def check(self) -> None:
        """Raise KeyboardInterrupt if one was noted."""
        if self.noted:
            self.noted = False
            raise KeyboardInterrupt


@contextmanager
def kept_out_of(kind: type) -> Iterator[Interrupt]:
    """Keep Ctrl-C out of the methods of a class, in the block.

    Only the main thread gets signals, and a program's own handler is left alone.

    Parameters
    ----------
    kind : type
        Class whose methods are called by the HDF5 library.
    """
    interrupt = Interrupt()
    if not _is_usual():
        yield interrupt
        return
    methods = frozenset(_codes(vars(kind).values()))

    def handle(number: int, frame: FrameType | None) -> None:
        if interrupt.is_held or _runs(frame, methods):
            interrupt.noted = True
        else:
            signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt.check()


def _is_usual() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _codes(members: Iterable[object]) -> Iterator[CodeType]:
    return (m.__code__ for m in members if isinstance(m, FunctionType))


def _runs(frame: FrameType | None, methods: frozenset[CodeType]) -> bool:
    while frame is not None:
        if frame.f_code in methods:
            return True
        frame = frame.f_back
    return False
