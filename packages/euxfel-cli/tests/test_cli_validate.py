"""``euxfel validate`` and ``euxfel readable``: what is wrong with files and runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from euxfel.cli.old_names import extra_data_readable, extra_data_validate
from euxfel.fileaccess.testing import small_run
from euxfel.fileaccess.testing.defects import CASES

Call = Callable[..., Any]
Golden = Callable[[str, str], None]


@pytest.fixture
def bad_run(tmp_path: Path) -> Path:
    """A run with two defects: rows that no train owns, and a file that is no HDF5."""
    folder = CASES["rows-without-train"].run.write_flat(tmp_path / "r0001").path
    (folder / "RAW-R0001-DA02-S00000.h5").write_text("This is not HDF5.\n")
    return folder


def test_a_sound_run_is_said_to_be_so(euxfel: Call, golden: Golden) -> None:
    ended = euxfel("validate", "900000/1")
    assert (ended.code, ended.err) == (0, "")
    golden("validate-fine.txt", ended.out)


def test_the_report_is_as_it_was_found_good(euxfel: Call, bad_run: Path, golden: Golden) -> None:
    """Issue 7: exit 1 on problems."""
    ended = euxfel("validate", str(bad_run))
    assert (ended.code, ended.err) == (1, "")
    golden("validate-bad.txt", ended.out)


def test_the_json_report_is_as_it_was_found_good(
    euxfel: Call, bad_run: Path, golden: Golden
) -> None:
    ended = euxfel("validate", str(bad_run), "--json")
    assert (ended.code, ended.err) == (1, "")
    golden("validate-bad.json", ended.out)


def test_the_list_of_checks_is_as_it_was_found_good(euxfel: Call, golden: Golden) -> None:
    ended = euxfel("validate", "-l")
    assert ended.code == 0
    golden("validate-list.txt", ended.out)


def test_a_report_for_a_build_server_is_written(euxfel: Call, bad_run: Path) -> None:
    assert euxfel("validate", str(bad_run), "--junit", "report.xml").code == 1
    suite = ET.parse("report.xml").getroot()[0]
    failed = {case.get("name") for case in suite if len(case)}
    assert failed == {"readable", "index_instrument"}


def test_a_report_does_not_take_the_place_of_data(euxfel: Call, bad_run: Path) -> None:
    """F2: refused before anything is touched."""
    path = bad_run / "RAW-R0001-DA01-S00000.h5"
    before = path.read_bytes()
    assert euxfel("validate", str(bad_run), "--junit", str(path)).code == 2
    assert path.read_bytes() == before


def test_checks_can_be_skipped(euxfel: Call, bad_run: Path) -> None:
    ended = euxfel("validate", str(bad_run), "--skip", "index_instrument", "--json")
    report = json.loads(ended.out)
    assert "index_instrument" not in report["checks"]
    assert {problem["check"] for problem in report["problems"]} == {"readable"}


def test_a_misspelt_check_is_corrected(euxfel: Call) -> None:
    ended = euxfel("validate", "900000/1", "--skip", "index_controls")
    assert ended.code == 2
    assert "did you mean index_control" in ended.err


def test_one_file_is_checked_alone(euxfel: Call, bad_run: Path) -> None:
    name = str(bad_run / "RAW-R0001-DA02-S00000.h5")
    ended = euxfel("validate", name)
    assert ended.code == 1
    assert ended.out.startswith(f"Checked {name}, ")
    sound = str(bad_run / "RAW-R0001-DA01-S00000.h5")
    assert euxfel("validate", sound, "--deep").code == 0


def test_a_path_of_nothing_is_a_mistake(euxfel: Call) -> None:
    assert euxfel("validate", "nothing").code == 2
    assert euxfel("validate", "900000/77").code == 3
    assert euxfel("readable", "nothing").code == 2


def test_all_places_are_named_when_asked_for(euxfel: Call, tmp_path: Path) -> None:
    folder = CASES["zero-train-id"].run.write_flat(tmp_path / "r0001").path
    few, every = (euxfel("validate", str(folder), *words).out for words in ([], ["--all"]))
    assert " more" in few
    assert " more" not in every
    assert len(every.splitlines()) > len(few.splitlines())


def test_unreadable_files_are_named(euxfel: Call, bad_run: Path, golden: Golden) -> None:
    """The peer's extra-data-readable: exit 1 if any file cannot be read."""
    ended = euxfel("readable", bad_run.name)
    assert (ended.code, ended.err) == (1, "")
    golden("readable-bad.txt", ended.out)


def test_readable_files_are_shown_when_asked_for(
    euxfel: Call, tmp_path: Path, golden: Golden
) -> None:
    small_run().write_flat(tmp_path / "deep" / "r0001")
    ended = euxfel("readable", "--all", "--recursive", "deep")
    assert (ended.code, ended.err) == (0, "")
    golden("readable-all.txt", ended.out)


def test_readable_tells_programs_too(euxfel: Call, bad_run: Path) -> None:
    ended = euxfel("readable", str(bad_run), "--json")
    report = json.loads(ended.out)
    assert report["schema"] == "euxfel.readable/1"
    states = {os.path.basename(file["path"]): file["state"] for file in report["files"]}
    assert states.pop("RAW-R0001-DA02-S00000.h5") == "unreadable"
    assert set(states.values()) == {"readable"}
    assert report["readable"] == len(states)


def test_a_pipe_stops_nothing(euxfel: Call, tmp_path: Path) -> None:
    """Reliability, opening: a FIFO named as a data file."""
    os.mkfifo(tmp_path / "RAW-R0001-DA01-S00000.h5")
    ended = euxfel("readable", str(tmp_path), "--timeout", "5")
    assert ended.code == 1
    assert "not a regular file" in ended.out


@pytest.mark.parametrize("timeout", ["0", "-1", "nan"])
def test_a_senseless_timeout_is_a_mistake(timeout: str, euxfel: Call) -> None:
    assert euxfel("readable", ".", f"--timeout={timeout}").code == 2


def test_the_old_names_are_the_same_commands(
    bad_run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["extra-data-validate", str(bad_run)])
    assert extra_data_validate() == 1
    assert "index-gap (index_instrument)" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["extra-data-readable", str(bad_run)])
    assert extra_data_readable() == 1
    assert "1 of 6 files cannot be read" in capsys.readouterr().out


def test_a_report_for_a_build_server_replaces_the_last_one_as_a_whole(
    euxfel: Call, bad_run: Path
) -> None:
    """F1: the old report stays until the new one is complete."""
    Path("report.xml").write_text("old")
    os.link("report.xml", "kept.xml")
    assert euxfel("validate", str(bad_run), "--junit", "report.xml").code == 1
    assert Path("report.xml").read_text().startswith("<?xml")
    assert Path("kept.xml").read_text() == "old"
    assert sorted(path.name for path in Path().glob("*.*")) == ["kept.xml", "report.xml"]


def test_a_report_that_cannot_be_written_is_one_line(euxfel: Call, bad_run: Path) -> None:
    ended = euxfel("validate", str(bad_run), "--junit", "absent/report.xml")
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
