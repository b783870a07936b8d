"""File filters by where dCache keeps files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from euxfel.fileaccess.locality import (
    Locality,
    lc_any,
    lc_avail,
    lc_ondisk,
    localities,
    locality,
)

ANSWERS = {
    "tape.h5": "NEARLINE",
    "disk.h5": "ONLINE",
    "both.h5": "ONLINE_AND_NEARLINE\n",
    "lost.h5": "UNAVAILABLE",
    "odd.h5": "WEIRD",
    "empty.h5": "",
    "long.h5": "ONLINE" * 10_000,
}


def answer(folder: Path, name: str, text: str) -> None:
    (folder / f".(get)({name})(locality)").write_text(text)


@pytest.fixture
def dcache(tmp_path: Path) -> list[str]:
    """Paths in a folder that answers as dCache does; ``plain.h5`` is not on dCache."""
    for name, text in ANSWERS.items():
        answer(tmp_path, name, text)
    return [str(tmp_path / name) for name in [*ANSWERS, "plain.h5"]]


def names(paths: list[str]) -> list[str]:
    return [os.path.basename(path) for path in paths]


def test_any_takes_all(dcache: list[str]) -> None:
    assert lc_any(dcache) == dcache


def test_ondisk_takes_what_is_on_disk_in_the_given_order(dcache: list[str]) -> None:
    """B44: the filter sees paths only; none of these data files exists to be touched."""
    assert names(lc_ondisk(dcache)) == ["disk.h5", "both.h5", "plain.h5"]
    assert names(lc_ondisk(dcache[::-1])) == ["plain.h5", "both.h5", "disk.h5"]


def test_avail_takes_tape_too(dcache: list[str]) -> None:
    assert names(lc_avail(dcache)) == ["tape.h5", "disk.h5", "both.h5", "plain.h5"]


@pytest.mark.parametrize("file_filter", [lc_any, lc_ondisk, lc_avail])
def test_no_files_stay_no_files(file_filter: Callable[[list[str]], list[str]]) -> None:
    assert file_filter([]) == []


def test_localities_are_told_per_file(dcache: list[str]) -> None:
    told = dict(zip(names(dcache), localities(dcache), strict=True))
    assert told["both.h5"] == Locality.ON_DISK | Locality.ON_TAPE
    assert told["lost.h5"] == Locality.UNAVAILABLE
    assert told["odd.h5"] == told["empty.h5"] == told["long.h5"] == Locality.UNKNOWN


def test_a_file_outside_dcache_is_on_disk_whatever_the_length_of_its_name(tmp_path: Path) -> None:
    assert locality(tmp_path / "x.h5") == Locality.ON_DISK
    assert locality(tmp_path / ("x" * 250 + ".h5")) == Locality.ON_DISK


def test_an_answer_that_cannot_be_read_makes_the_place_unknown(tmp_path: Path) -> None:
    (tmp_path / ".(get)(folder.h5)(locality)").mkdir()
    os.mkfifo(tmp_path / ".(get)(pipe.h5)(locality)")
    (tmp_path / ".(get)(loop.h5)(locality)").symlink_to(".(get)(loop.h5)(locality)")
    paths = [str(tmp_path / name) for name in ("folder.h5", "pipe.h5", "loop.h5", "nul\0.h5")]
    assert localities(paths) == [Locality.UNKNOWN] * 4


def test_a_path_without_folder_is_looked_up_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(tmp_path, "tape.h5", "NEARLINE")
    monkeypatch.chdir(tmp_path)
    assert lc_ondisk(["tape.h5", "disk.h5"]) == ["disk.h5"]
