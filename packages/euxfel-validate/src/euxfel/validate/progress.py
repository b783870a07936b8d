"""Progress for people who wait at a terminal, in one line that is written over."""

from __future__ import annotations

import sys


def show_on_terminal(done: int, total: int, problems: int) -> None:
    """Say on standard error how far a check has come."""
    end = "\n" if done == total else ""
    start = "\r" if sys.stderr.isatty() else ""
    if start or end:
        sys.stderr.write(f"{start}{done} of {total} files checked, {problems} problem(s){end}")
        sys.stderr.flush()
