"""What is a terminal, how wide it is, and colours where there is one.

Escape codes are few enough to write them here: importing a library for them takes longer than
most commands run.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether people watch a stream."""
    return stream is not None and not stream.closed and stream.isatty()


def width() -> int | None:
    """Give the columns of the terminal that output goes to, or None if it goes elsewhere."""
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def painter(stream: TextIO | None = None) -> Callable[[str, str], str]:
    """Give a function that colours text for a stream, as far as it shows colours.

    Parameters
    ----------
    stream : text stream
        By default standard output.

    Returns
    -------
    callable
        ``paint(text, "bold red")`` gives the text with escape codes or as it is. Only text that
        is plain already may be given.
    """
    return _painted if _shows_colours(stream or sys.stdout) else _unpainted


def _shows_colours(stream: TextIO | None) -> bool:
    # https://no-color.org, and what emacs and old consoles say of themselves.
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def _painted(text: str, style: str) -> str:
    codes = ";".join(_CODES[name] for name in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m" if text and codes else text


def _unpainted(text: str, style: str) -> str:
    return text
