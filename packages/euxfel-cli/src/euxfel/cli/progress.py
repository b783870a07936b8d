"""How far a long piece of work is: on a terminal, once it has taken two seconds."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from .terminal import is_terminal
from .text import plain, size

# Shorter work would only flicker.
_PATIENCE = 2.0
_PAUSE = 0.1
_BAR = 30


class Progress:
    """A bar that a library function moves by calling it.

    Functions that take ``progress`` call it with what is done and what is to be done, in any
    unit, from any one thread: ``progress(3, 420)``. Nothing is shown unless standard error is a
    terminal; the bar is gone when the block ends.

    Parameters
    ----------
    label : str
        What is being done.
    in_bytes : bool
        True if the numbers are bytes.

    Examples
    --------
    >>> from euxfel.cli.progress import Progress
    >>> with Progress("checking") as progress:
    ...     progress(1, 2)
    """

    def __init__(self, label: str, in_bytes: bool = False, stream: TextIO | None = None) -> None:
        self._label = plain(label)
        self._in_bytes = in_bytes
        self._stream = stream or sys.stderr
        self._watched = is_terminal(self._stream)
        self._start = self._shown_at = time.monotonic()
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def __call__(self, done: int, total: int) -> None:
        """Show that so much of so much is done."""
        now = time.monotonic()
        if not self._watched or now - self._start < _PATIENCE or now - self._shown_at < _PAUSE:
            return
        self._shown_at, self._shown = now, True
        columns = shutil.get_terminal_size().columns
        line = bar(self._label, done, total, now - self._start, self._in_bytes)
        # A line that wraps could not be replaced by the next one.
        self._stream.write(f"\r{line[: columns - 1]}\x1b[K")
        self._stream.flush()


def bar(label: str, done: int, total: int, seconds: float, in_bytes: bool) -> str:
    """Give one state of the bar as text.

    Examples
    --------
    >>> from euxfel.cli.progress import bar
    >>> bar("writing", 105, 420, 10.0, in_bytes=False)
    'writing [#######.......................] 105 of 420, 30 s left'
    """
    share = min(done / total, 1.0) if total > 0 else 0.0
    full = int(share * _BAR)
    shown = f"{size(done)} of {size(total)}" if in_bytes else f"{done} of {total}"
    left = f", {_time(seconds / share - seconds)} left" if share > 0 else ""
    return f"{label} [{'#' * full}{'.' * (_BAR - full)}] {shown}{left}"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
