"""``euxfel locality``: exit code bits, and where each file is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from euxfel.cli import shells
from euxfel.cli.old_names import extra_data_locality

ANSWERS = {"disk": "ONLINE_AND_NEARLINE", "tape": "NEARLINE", "gone": "UNAVAILABLE", "odd": "?"}


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., str]:
    """Make a folder of files that dCache says things about."""

    def make(*names: str) -> str:
        for name in names:
            (tmp_path / f"{name}.h5").touch()
            (tmp_path / f".(get)({name}.h5)(locality)").write_text(f"{ANSWERS[name]}\n")
        return str(tmp_path)

    return make


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["disk"], 0),
        (["disk", "tape"], 1),
        (["gone"], 2),
        (["tape", "gone"], 3),
        (["odd", "disk"], 4),
        (["tape", "gone", "odd"], 7),
    ],
)
def test_the_exit_code_says_what_was_found(
    names: list[str], code: int, stored: Callable[..., str], euxfel: Callable[..., Any]
) -> None:
    assert euxfel("locality", stored(*names)).code == code


def test_output_is_as_it_was_found_good(
    stored: Callable[..., str], euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    folder = stored("disk", "tape", "gone", "odd")
    golden("locality.txt", euxfel("locality", folder).out)
    golden("locality.json", euxfel("locality", folder, "--json").out)


def test_a_single_file_can_be_asked_for(
    stored: Callable[..., str], euxfel: Callable[..., Any]
) -> None:
    folder = stored("disk", "tape")
    report = json.loads(euxfel("locality", f"{folder}/tape.h5", "--json").out)
    assert report["files"] == [{"path": f"{folder}/tape.h5", "locality": "on tape"}]


def test_a_folder_that_is_not_there_is_one_line(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("locality", "nothing")
    assert (ended.code, ended.err) == (3, "euxfel: nothing: No such file or directory\n")


def test_the_old_name_is_the_same(
    stored: Callable[..., str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["extra-data-locality", stored("tape")])
    assert extra_data_locality() == 1
    assert "on tape      1" in capsys.readouterr().out
    assert shells.OLD_NAMES["extra-data-locality"] == "locality"
