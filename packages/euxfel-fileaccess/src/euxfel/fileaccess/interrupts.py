"""Ctrl-C that Python dropped: noticed, and raised after all.

The HDF5 bindings forget objects in callbacks of the interpreter. An exception there goes nowhere
but to :data:`sys.unraisablehook`: a Ctrl-C that strikes at that moment would be lost.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_kept() -> Iterator[Callable[[], None]]:
    """Raise a Ctrl-C that was dropped inside of the block when the block ends.

    Yields
    ------
    callable
        Raises it earlier, between two parts of the work.

    Examples
    --------
    >>> import weakref
    >>> from euxfel.fileaccess.interrupts import interrupts_kept
    >>> class Given:
    ...     pass
    >>> def strike() -> None:
    ...     raise KeyboardInterrupt
    >>> given = Given()
    >>> _ = weakref.finalize(given, strike)
    >>> try:
    ...     with interrupts_kept():
    ...         del given
    ... except KeyboardInterrupt:
    ...     "kept"
    'kept'
    """
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread is interrupted.
        yield _nothing
        return
    before = sys.unraisablehook
    dropped: list[type[BaseException]] = []

    def note(unraisable: sys.UnraisableHookArgs) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            dropped.append(unraisable.exc_type)
        else:
            before(unraisable)

    def check() -> None:
        if dropped:
            dropped.clear()
            raise KeyboardInterrupt

    sys.unraisablehook = note
    try:
        yield check
    finally:
        sys.unraisablehook = before
        check()


def _nothing() -> None:
    pass
