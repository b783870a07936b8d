"""What people see: commands run under a pseudo-terminal of 80 and of 200 columns."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import Any

import pytest

SCREENS = {
    "ls": ["ls", "900000/2"],
    "ls-table": ["ls", "900000"],
    "missing": ["missing", "900000/2"],
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def on_terminal(proposal: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command in a process whose output is a terminal of so many columns."""
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setenv("TERM", "xterm")

    def run(columns: int, *words: str) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        command = [sys.executable, "-m", "euxfel.cli", *words]
        with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            shown = _all_of(ours)
        assert process.returncode in {0, 1}
        return shown.decode().replace("\r\n", "\n")

    return run


def _all_of(descriptor: int) -> bytes:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            # How Linux says that the other side has closed a terminal.
            part = b""
        if not part:
            os.close(descriptor)
            return b"".join(parts)
        parts.append(part)


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("name", SCREENS)
def test_screens_are_as_they_were_found_good(
    name: str, columns: int, on_terminal: Callable[..., str], golden: Callable[[str, str], None]
) -> None:
    golden(f"screen-{name}-{columns}.txt", on_terminal(columns, *SCREENS[name]))


def test_names_are_whole_on_a_narrow_terminal(
    on_terminal: Callable[..., str], euxfel: Callable[..., Any]
) -> None:
    narrow = COLOUR.sub("", on_terminal(40, "ls", "900000/2"))
    assert set(euxfel("ls", "900000/2").out.split()) == set(narrow.split())


def test_without_colours_a_terminal_shows_what_a_pipe_does(
    on_terminal: Callable[..., str],
    euxfel: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_terminal(200, "ls", "900000/1") == euxfel("ls", "900000/1").out
