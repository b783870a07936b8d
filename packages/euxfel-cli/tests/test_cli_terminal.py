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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

SCREENS = {
    "ls": ["ls", "900000/2"],
    "ls-table": ["ls", "900000"],
    "ls-details": ["ls", "900000/1", "--detail", "*MOTOR*"],
    "missing": ["missing", "900000/2"],
    "tree": ["tree", "p900000/raw/r0001/RAW-R0001-DA02-S00000.h5"],
    "validate": ["validate", "p900000/raw/r0002"],
    "validate-list": ["validate", "--list"],
    "readable": ["readable", "p900000/raw/r0001", "--all"],
    "locality": ["locality", "p900000/raw/r0001"],
    "serve-files": ["serve-files", "900000/1", "0", "--list"],
    "help": ["--help"],
}
PROGRAM = ("-m", "euxfel.cli")
# The same, with a bar from the first moment on.
IMPATIENT = (
    "-c",
    """import sys; from euxfel.cli import main, progress
progress._PATIENCE = progress._PAUSE = 0
sys.exit(main(sys.argv[1:]))""",
)
LONG = {
    "checking files": ["validate", "p900000/raw/r0001"],
    "looking at files": ["readable", "p900000/raw/r0001"],
    "writing": ["write", "900000/1", "-o", "part", "--sequence-trains", "8"],
    "cloning": ["copy-structure", "900000/1", "."],
}
DRAWN = re.compile(r"(\r[^\r\n]*)+\r\x1b\[K|\r\x1b\[K")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def on_terminal(proposal: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command in a process whose output is a terminal of so many columns."""
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setenv("TERM", "xterm")

    Path(proposal.folder.name).symlink_to(proposal.folder)

    def run(columns: int, *words: str, program: Sequence[str] = PROGRAM) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        command = [sys.executable, *program, *words]
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
    shown = on_terminal(columns, *SCREENS[name])
    # What a progress bar drew is gone in the end, and depends on how fast things went.
    golden(f"screen-{name}-{columns}.txt", DRAWN.sub("", shown))


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


@pytest.mark.parametrize("label", LONG)
def test_long_work_shows_how_far_it_is_on_one_line(
    label: str, on_terminal: Callable[..., str]
) -> None:
    shown = on_terminal(60, *LONG[label], program=IMPATIENT)
    states = re.findall(r"\r([^\r\n\x1b]+)\x1b\[K", shown)
    assert states
    assert all(state.startswith(f"{label} [") for state in states)
    assert max(map(len, states)) < 60
    # Nothing of it is left.
    assert not DRAWN.sub("", shown).count(f"{label} [")


@pytest.mark.parametrize("label", LONG)
def test_nothing_of_that_goes_into_a_file(label: str, started: Callable[..., Any]) -> None:
    done = started(*LONG[label][:1], "900000/1", *LONG[label][2:])
    assert "\r" not in done.stdout + done.stderr
