"""How text, colours and progress are made."""

from __future__ import annotations

import io
from typing import Any

import pytest

from euxfel.cli import progress as progress_room
from euxfel.cli.progress import Progress
from euxfel.cli.terminal import painter
from euxfel.cli.text import plain, size, table


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_colours_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert painter(io.StringIO())("a", "bold red") == "a"
    assert painter(Terminal())("a", "bold red") == "\x1b[1;31ma\x1b[0m"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(name, value)
    assert painter(Terminal())("a", "red") == "a"


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (9994, "9.99 kB"),
        (9996, "10.0 kB"),
        (99960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (10**21, "1000 EB"),
    ],
)
def test_sizes_have_three_digits(n: int, shown: str) -> None:
    assert size(n) == shown


def test_a_wide_name_is_not_cut() -> None:
    name = "A" * 300
    assert next(table([[name, "1"]])) == f"{name}  1"


def test_a_table_without_rows_is_its_head() -> None:
    assert list(table([], ["a", "b"])) == ["a  b"]
    assert list(table([])) == []


def test_escape_sequences_in_cells_are_spelled_out() -> None:
    assert list(table([["a\x1b[2J\n"]])) == ["a\\x1b[2J\\n"]
    assert plain("\u202e\udc80") == "\\u202e\\udc80"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time as the progress bar sees it; a test sets it."""
    now = [100.0]
    monkeypatch.setattr(progress_room.time, "monotonic", lambda: now[0])
    return now


def test_progress_waits_two_seconds_and_leaves_nothing(clock: list[float]) -> None:
    screen = Terminal()
    with Progress("reading", stream=screen) as progress:
        progress(1, 10)
        assert screen.getvalue() == ""
        clock[0] += 2.5
        progress(5, 10)
        assert "reading [###############...............] 5 of 10, 2 s left" in screen.getvalue()
        clock[0] += 0.01
        shown = screen.getvalue()
        progress(6, 10)
        assert screen.getvalue() == shown
    assert screen.getvalue().endswith("\r\x1b[K")


def test_progress_is_silent_where_nobody_watches(clock: list[float]) -> None:
    file = io.StringIO()
    with Progress("reading", stream=file) as progress:
        clock[0] += 10
        progress(5, 10)
    assert file.getvalue() == ""


@pytest.mark.parametrize("total", [0, -1])
def test_progress_of_nothing_is_no_error(total: int) -> None:
    assert progress_room.bar("x", 0, total, 1.0, in_bytes=True).startswith("x [....")


def test_progress_fits_its_line(clock: list[float], monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    screen = Terminal()
    with Progress("a label that is very long", stream=screen) as progress:
        clock[0] += 3
        progress(1, 2)
        assert len(screen.getvalue().split("\x1b")[0]) <= 40
