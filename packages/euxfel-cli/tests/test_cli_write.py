"""euxfel write: what is asked for, and nothing else, as a new file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from euxfel.core import H5File, RunDirectory
from euxfel.writer import verify

Euxfel = Callable[..., Any]


def test_sources_keys_and_trains_that_were_asked_for(euxfel: Euxfel, tmp_path: Path) -> None:
    ended = euxfel(
        "write", "900000/1", "-o", "small.h5", "--include", "*XGM*", "*MOTOR*[actualPosition]",
        "--trains", "2:7", "--compression", "gzip", "--manifest",
    )  # fmt: skip
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("small.h5: 3 sources, 5 trains, ")
    run = H5File(tmp_path / "small.h5")
    assert run.train_ids == list(range(10002, 10007))
    assert run["SPB_IRU_SAMPLE/MOTOR/X"].keys() == {"actualPosition.value"}
    verify("small.h5")


def test_sequence_files(euxfel: Euxfel, tmp_path: Path) -> None:
    assert euxfel("write", "900000/1", "-o", "part", "--sequence-trains", "8").code == 0
    assert len(RunDirectory(tmp_path / "part").files) == 3


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--include", "*NO_SUCH*"), 2, "NO_SUCH"),
        (("--trains", "a:b"), 2, "are no trains"),
        (("--compression", "zip"), 2, "--compression is"),
        (("--overwrite", "-o", "missing/x.h5"), 3, "there is no folder"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(
    euxfel: Euxfel, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = euxfel("write", "900000/1", "-o", "x.h5", *words)
    assert ended.code == code
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not os.listdir(tmp_path)


def test_a_file_that_exists_is_kept(euxfel: Euxfel, tmp_path: Path) -> None:
    """F2: nothing is overwritten unasked."""
    Path("x.h5").write_bytes(b"old")
    ended = euxfel("write", "900000/1", "-o", "x.h5")
    assert ended.code != 0
    assert "exists already" in ended.err
    assert Path("x.h5").read_bytes() == b"old"
