"""The process that touches files first: one line of JSON in, one line of JSON out, per file.

Run by :mod:`euxfel.fileaccess.isolated` as ``python -m euxfel.fileaccess.isolated_worker
CHECK DEADLINE``. A damaged file can make libhdf5 loop for ever or crash; that ends this
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
from typing import BinaryIO


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
    """Check the file of each line read, and answer with None or what is wrong with it.

    Each answer has the number of its question; number 0 says that questions can come.
    """
    _answer(out, 0, None)
    for number, line in enumerate(inp, start=1):
        # Ends the process also inside libhdf5, and when nobody is left to kill it.
        signal.setitimer(signal.ITIMER_REAL, deadline)
        try:
            check(json.loads(line))
        except Exception as exc:  # noqa: BLE001 - whatever is raised is the answer
            answer: str | None = str(exc) or type(exc).__name__
        else:
            answer = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        _answer(out, number, answer)


def _answer(out: BinaryIO, number: int, answer: str | None) -> None:
    # Escaped to ASCII, so that one answer is one line whatever an error says.
    out.write(json.dumps([number, answer]).encode() + b"\n")
    out.flush()


def main() -> None:
    """Serve on standard input and output."""
    name, deadline = sys.argv[1:]
    # A crash is expected; its memory image in the current folder is not wanted.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "wb") as out:
        # What a library prints must not pass for an answer.
        os.dup2(2, 1)
        serve(find_check(name), float(deadline), sys.stdin.buffer, out)


if __name__ == "__main__":
    main()
