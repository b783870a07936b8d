"""Exit codes, the same for every command; `MEANINGS` says in words what they stand for."""

from __future__ import annotations

FINE = 0
PROBLEMS = 1
USAGE = 2
UNREADABLE = 3
# What BSD calls EX_SOFTWARE: a traceback must not look like problems found in data.
DEFECT = 70
# What a shell reports of a program that a signal ended: 128 and the signal's number.
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANINGS = {
    FINE: "fine",
    PROBLEMS: "problems found",
    USAGE: "used wrongly, or a part is not installed",
    UNREADABLE: "cannot be read or written",
    DEFECT: "a defect of this program, with a traceback",
    INTERRUPTED: "stopped by Ctrl-C",
    BROKEN_PIPE: "whoever read the output has gone",
}
