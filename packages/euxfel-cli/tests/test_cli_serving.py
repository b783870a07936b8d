"""The commands that stream: what scripts type, what clients get."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from euxfel.export import stream


@pytest.mark.parametrize(
    "words",
    [
        ["serve-run", "900000", "1", "--include", "*XGM*[*Pos*]", "--allow-partial"],
        ["serve-files", "900000/1", "0", "--source", "*XGM*", "--trains", ":3"],
    ],
)
def test_command_sends_trains_and_ends(proposal: Any, words: list[str]) -> None:
    """Issue 8: a client in another process gets the trains; port 0 is printed."""
    command = [sys.executable, "-m", "euxfel.cli", *words]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as server:
        assert server.stdout is not None
        endpoint = server.stdout.readline().removeprefix("Streamer started on: ").strip()
        found = list(stream(endpoint, timeout=20))
        _, said = server.communicate(timeout=20)
    assert server.returncode == 0
    assert said.splitlines()[-1] == f"{len(found)} trains sent"
    assert all("XGM" in source for _, train in found for source in train)


def test_without_include_the_sources_are_listed(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("serve-run", "900000", "1")
    assert ended.code == 2
    assert "XGM" in ended.out
    assert "--include" in ended.err
