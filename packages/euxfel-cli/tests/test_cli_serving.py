"""The commands that stream: what scripts type, what clients get."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from euxfel.export import ClientKeys, StreamTimeoutError, new_keys, stream


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


def test_only_clients_on_the_list_get_trains(proposal: Any, tmp_path: Path) -> None:
    """Wrong keys get nothing."""
    server, friend, stranger = new_keys(), new_keys(), new_keys()
    (tmp_path / "secret").write_text(server.secret + "\n")
    (tmp_path / "clients").write_text(friend.public + "\n")
    command = [sys.executable, "-m", "euxfel.cli", "serve-files", "900000/1", "0", "--trains", ":3"]
    command += ["--curve-secret-key", str(tmp_path / "secret")]
    command += ["--allow-clients", str(tmp_path / "clients")]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as serving:
        assert serving.stdout is not None
        endpoint = serving.stdout.readline().removeprefix("Streamer started on: ").strip()
        for wrong in (None, ClientKeys(server.public, stranger), ClientKeys(stranger.public)):
            with pytest.raises(StreamTimeoutError):
                next(stream(endpoint, timeout=0.2, keys=wrong))
        found = list(stream(endpoint, timeout=20, keys=ClientKeys(server.public, friend)))
        serving.communicate(timeout=20)
    assert len(found) == 3
    assert serving.returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--allow-clients", "keys"], "needs --curve-secret-key"),
        (["--curve-secret-key", "keys"], "cannot be read as keys"),
        (["--curve-secret-key", __file__], "CURVE key of 40 letters"),
    ],
)
def test_keys_that_are_none_are_named(
    euxfel: Callable[..., Any], options: list[str], said: str
) -> None:
    ended = euxfel("serve-files", "900000/1", "0", *options)
    assert ended.code == 2
    assert said in ended.err
