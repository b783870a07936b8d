"""The process that touches files first: one line of JSON in, one line of JSON out, per file.

Run by :mod:`euxfel.fileaccess.isolated` as ``python -m euxfel.fileaccess.isolated_worker
DEADLINE FUNCTION OPTIONS``. A damaged file can make libhdf5 loop for ever or crash; that ends this
process and nothing else.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO


def check_file(path: str) -> None:
    """Read what every use of a file needs: its version, sources and trains.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    from .file import FileAccess

    file = FileAccess(path)
    try:
        file.summary()
    finally:
        file.close()


def find_check(name: str) -> Callable[[str], object]:
    """Import the callable that a name such as ``package.module:function`` stands for."""
    module, _, attribute = name.partition(":")
    found: Callable[[str], object] = getattr(importlib.import_module(module), attribute)
    return found


def serve(check: Callable[[str], object], deadline: float, inp: BinaryIO, out: BinaryIO) -> None:
    """Answer for the file of each line read: what was raised, or None, and what was returned.

    Each answer has the number of its question; number 0 says that questions can come.
    """
    out.write(_text(0, None))
    out.flush()
    for number, line in enumerate(inp, start=1):
        # Ends the process also inside libhdf5, and when nobody is left to kill it.
        signal.setitimer(signal.ITIMER_REAL, deadline)
        try:
            found = _text(number, None, check(json.loads(line)))
        except Exception as exc:  # noqa: BLE001 - whatever is raised is the answer
            found = _text(number, str(exc) or type(exc).__name__)
        signal.setitimer(signal.ITIMER_REAL, 0)
        out.write(found)
        out.flush()


def _text(number: int, failure: str | None, value: Any = None) -> bytes:
    # Escaped to ASCII, so that one answer is one line whatever it says.
    return json.dumps([number, failure, value]).encode() + b"\n"


def main() -> None:
    """Serve on standard input and output."""
    deadline, name, options = sys.argv[1:]
    # A crash is expected; its memory image in the current folder is not wanted.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "wb") as out:
        # What a library prints must not pass for an answer.
        os.dup2(2, 1)
        check = partial(find_check(name), **json.loads(options))
        serve(check, float(deadline), sys.stdin.buffer, out)


if __name__ == "__main__":
    main()
