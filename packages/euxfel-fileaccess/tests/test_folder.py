"""The data files of one folder."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from euxfel.fileaccess.folder import data_files
from euxfel.fileaccess.problems import ProblemKind

GOOD = ["CORR-R0001-DA01-S00000.h5", "RAW-R0001-DA01-S00000.h5", "RAW-R0001-DA02-S00000.h5"]


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"content")


def test_files_are_listed_sorted_and_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, *reversed(GOOD))
    monkeypatch.chdir(tmp_path)
    assert data_files(".").paths == [str(tmp_path / name) for name in GOOD]


def test_other_names_and_overviews_are_no_data_files(tmp_path: Path) -> None:
    make(tmp_path, GOOD[0], "overview.h5", "RAW-R0001-OVERVIEW.h5", "karabo_data_map.json", "h5")
    listed = data_files(tmp_path)
    assert listed.paths == [str(tmp_path / GOOD[0])]
    assert listed.skipped == ()


def test_include_is_a_pattern_on_names_that_respects_case(tmp_path: Path) -> None:
    make(tmp_path, *GOOD)
    assert data_files(tmp_path, "*DA01*").paths == [str(tmp_path / name) for name in GOOD[:2]]
    assert data_files(tmp_path, "*da01*").paths == []


def test_what_is_no_regular_file_is_skipped_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reliability, opening: a FIFO or directory named ``.h5`` must not hang or fail the run."""
    make(tmp_path, *GOOD)
    os.mkfifo(tmp_path / "a.h5")
    (tmp_path / "b.h5").mkdir()
    (tmp_path / "c.h5").symlink_to("nowhere")
    (tmp_path / "d.h5").symlink_to("d.h5")
    (tmp_path / "e.h5").symlink_to("a.h5")
    (tmp_path / "f.h5").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as listener:
        # The address of a socket is limited to about 100 bytes.
        monkeypatch.chdir(tmp_path)
        listener.bind("g.h5")
        listed = data_files(tmp_path)
    assert listed.paths == [str(tmp_path / name) for name in GOOD]
    reasons = {
        Path(p.file or "").name: p.message.partition(" but it is ")[2] for p in listed.skipped
    }
    assert reasons == {
        "a.h5": "a named pipe",
        "b.h5": "a folder",
        "c.h5": "a link to nothing",
        "d.h5": "not accessible (Too many levels of symbolic links)",
        "e.h5": "a named pipe",
        "f.h5": "a device",
        "g.h5": "a socket",
    }
    assert {p.kind for p in listed.skipped} == {ProblemKind.SKIPPED_FILE}


def test_a_link_to_a_file_is_a_data_file(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere")
    (tmp_path / GOOD[1]).symlink_to("elsewhere")
    assert data_files(tmp_path).paths == [str(tmp_path / GOOD[1])]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        data_files(tmp_path / "absent")
