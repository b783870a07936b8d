"""``euxfel demo`` and ``completion``: the first steps."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from euxfel.cli import commands


def test_what_the_demo_says_is_as_it_was_found_good_and_works(
    euxfel: Callable[..., Any],
    golden: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = euxfel("demo", "here", "--trains", "8", "--frames", "1")
    assert ended.err == "writing a simulated run to here ...\n"
    shown = ended.out
    golden("demo.txt", shown)
    lines = [shlex.split(line) for line in shown.splitlines() if line[:1].islower()]
    name, _, value = lines[0][1].partition("=")
    monkeypatch.setenv(name, value)
    tried = [line[1:] for line in lines if line[0] == "euxfel"]
    assert [words[0] for words in tried] == ["ls", "missing", "plot", "export"]
    assert [euxfel(*words).code for words in tried] == [0, 1, 0, 0]


def test_the_demo_writes_into_no_folder_that_is_in_use(
    euxfel: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("x")
    ended = euxfel("demo", str(tmp_path))
    assert (ended.code, ended.out) == (2, "")
    assert "not an empty folder" in ended.err


@pytest.mark.parametrize("options", [["--trains", "3"], ["--frames", "0"], ["--trains", "many"]])
def test_a_demo_of_nothing_is_a_mistake(options: list[str], euxfel: Callable[..., Any]) -> None:
    assert euxfel("demo", "here", *options).code == 2
    assert not Path("here").exists()


def completed(script: str, *words: str) -> list[str]:
    """What bash offers after some words."""
    line = " ".join(map(shlex.quote, words))
    test = (
        f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}\n_euxfel\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", test], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.fixture
def bash(euxfel: Callable[..., Any]) -> Callable[..., list[str]]:
    script = euxfel("completion", "bash").out
    return lambda *words: completed(script, *words)


def test_bash_completes_commands_and_options(bash: Callable[..., list[str]]) -> None:
    assert bash("euxfel", "") == list(commands.COMMANDS)
    assert bash("euxfel", "lo") == ["locality"]
    assert bash("euxfel", "ls", "--agg") == ["--aggregators"]
    assert bash("/usr/bin/lsxfel", "--co") == ["--counts"]
    assert bash("euxfel", "completion", "f") == ["fish"]


def test_bash_is_left_to_complete_files(bash: Callable[..., list[str]]) -> None:
    assert bash("euxfel", "ls", "RAW-") == []


def test_zsh_uses_what_bash_does(euxfel: Callable[..., Any]) -> None:
    shown = euxfel("completion", "zsh").out
    assert shown.startswith("autoload -U +X bashcompinit && bashcompinit\n")
    assert shown.endswith(euxfel("completion", "bash").out)


def test_fish_has_a_line_for_each_option(euxfel: Callable[..., Any]) -> None:
    shown = euxfel("completion", "fish").out
    assert "-a ls -d 'what is in files, runs and proposals'" in shown
    assert "'__fish_seen_subcommand_from ls' -s s -l source -r -d " in shown
    assert "complete -c lsxfel -s c -l counts -d " in shown
