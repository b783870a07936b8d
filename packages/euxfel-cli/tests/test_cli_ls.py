"""``euxfel ls`` and ``lsxfel``: what is in files, runs and proposals."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from euxfel.cli import main
from euxfel.cli.listing import kept
from euxfel.cli.listing.kept import KeptListing
from euxfel.cli.listing.listing import View, listing
from euxfel.cli.old_names import lsxfel
from euxfel.fileaccess.testing import small_run

VIEWS = {
    "run": ["900000/1"],
    "gaps": ["900000/2"],
    "proposal": ["900000"],
    "details": ["900000/2", "--detail", "XGM", "--counts", "--aggregators"],
    "ungrouped": ["900000/2", "--no-group", "--auxiliary", "--source", "MOTOR"],
}


@pytest.mark.parametrize("name", VIEWS)
def test_output_is_as_it_was_found_good(
    name: str, euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    ended = euxfel("ls", *VIEWS[name])
    assert (ended.code, ended.err) == (0, "")
    golden(f"ls-{name}.txt", ended.out)


@pytest.mark.parametrize("name", ["run", "proposal"])
def test_json_is_as_it_was_found_good(
    name: str, euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    ended = euxfel("ls", *VIEWS[name], "--json")
    assert (ended.code, ended.err) == (0, "")
    golden(f"ls-{name}.json", ended.out)


def test_a_file_and_the_current_folder_are_listed(
    proposal: Any, euxfel: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = proposal.run(1)
    file = next(run.glob("*.h5"))
    assert f"File {file.name}" in euxfel("ls", str(file)).out
    monkeypatch.chdir(run)
    assert "Run 1 of proposal 900000" in euxfel("ls").out


def test_several_paths_are_a_table(proposal: Any, euxfel: Callable[..., Any]) -> None:
    lines = euxfel("ls", str(proposal.run(1)), "900000/2").out.splitlines()
    assert lines[0].split()[:3] == ["run", "trains", "duration"]
    assert [line.split()[:2] for line in lines[1:]] == [
        [str(proposal.run(1)), "20"],
        ["900000/2", "32"],
    ]


def test_one_damaged_run_does_not_hide_the_others(
    tmp_path: Path, euxfel: Callable[..., Any]
) -> None:
    small_run().write_flat(tmp_path / "raw" / "r0001")
    (tmp_path / "raw" / "r0002").mkdir()
    (tmp_path / "raw" / "r0002" / "RAW-R0002-DA01-S00000.h5").write_bytes(b"no HDF5")
    ended = euxfel("ls", str(tmp_path))
    assert ended.code == 3
    assert "r0001      20" in ended.out
    assert "r0002" in ended.out
    assert "cannot be read: none of 1 files can be used" in ended.out
    entries = json.loads(euxfel("ls", str(tmp_path), "--json").out)["entries"]
    assert [bool(e["error"]) for e in entries] == [False, True]


def test_sources_can_be_chosen_by_a_part_of_their_name(euxfel: Callable[..., Any]) -> None:
    shown = euxfel("ls", "900000/1", "-s", "XGM").out
    assert shown.startswith("Showing 2 of 5 sources\n")
    assert "CAM" not in shown


def test_a_misspelt_source_is_corrected(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("ls", "900000/1", "-s", "moter")
    assert ended.code == 2
    assert ended.err == (
        "euxfel: no source matches '*moter*': did you mean MOTOR?; euxfel ls shows them all\n"
    )


@pytest.mark.parametrize("path", ["nothing", "123456789", "p99/r1x"])
def test_a_path_of_nothing_is_a_mistake(path: str, euxfel: Callable[..., Any]) -> None:
    ended = euxfel("ls", path)
    assert (ended.code, ended.out) == (2, "")
    assert repr(path) in ended.err


def test_a_folder_without_data_is_a_mistake(tmp_path: Path, euxfel: Callable[..., Any]) -> None:
    ended = euxfel("ls", str(tmp_path))
    assert ended.code == 2
    assert "no HDF5 files are in it" in ended.err


def test_lsxfel_is_the_same(
    proposal: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["ls", "900000/1", "-c"])
    ours = capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["lsxfel", "900000/1", "-c"])
    assert lsxfel() == 0
    assert capsys.readouterr().out == ours


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that is large enough for its listing to be kept."""
    monkeypatch.setattr(kept, "WORTH_KEEPING", 2)
    return small_run().write_flat(tmp_path / "r0001").path


def test_a_listing_is_kept_and_says_the_same(large: Path) -> None:
    first = listing(str(large), View())
    assert KeptListing(str(large)).load() == first._asdict()
    assert listing(str(large), View()) == first


def test_a_kept_listing_ends_when_a_file_changes(large: Path) -> None:
    """R6: what is shown is what is there now."""
    listing(str(large), View())
    file = next(large.glob("*.h5"))
    os.utime(file, ns=(1, 1))
    assert KeptListing(str(large)).load() is None


def test_a_kept_listing_ends_when_a_file_comes_or_goes(large: Path) -> None:
    listing(str(large), View())
    next(large.glob("*.h5")).unlink()
    assert KeptListing(str(large)).load() is None


def test_a_kept_listing_ends_with_the_code_that_made_it(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(str(large), View())
    monkeypatch.setattr(kept, "_code_state", lambda: 1)
    assert KeptListing(str(large)).load() is None


def test_options_are_not_answered_from_a_kept_listing(large: Path) -> None:
    plain = listing(str(large), View())
    assert listing(str(large), View(counts=True)).text != plain.text
    assert listing(str(large), View()) == plain


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"form": 1}',
        b"\xff\xfe",
    ],
)
def test_a_damaged_kept_listing_is_not_used(damage: bytes, large: Path) -> None:
    """F3: nothing in a cache stops a run from being listed."""
    first = listing(str(large), View())
    (large / kept.NAME).write_bytes(damage)
    assert listing(str(large), View()) == first


@pytest.mark.parametrize("field", ["text", "summary", "n_bytes", "n_sources"])
def test_a_kept_listing_of_the_wrong_form_is_not_used(field: str, large: Path) -> None:
    """F3: a cache is not trusted."""
    first = listing(str(large), View())
    path = large / kept.NAME
    document = json.loads(path.read_bytes())
    document["content"][field] = [{"a": 1}]
    path.write_text(json.dumps(document))
    assert listing(str(large), View()) == first


def test_escape_sequences_in_a_kept_listing_do_not_reach_the_terminal(
    large: Path, euxfel: Callable[..., Any]
) -> None:
    """F3."""
    listing(str(large), View())
    path = large / kept.NAME
    path.write_bytes(path.read_bytes().replace(b"Run 1", b"\\u001b[2J1"))
    shown = euxfel("ls", str(large)).out
    assert "\\x1b[2J" in shown
    assert "\x1b" not in shown


def test_a_run_with_an_unusable_file_is_looked_at_every_time(large: Path) -> None:
    """What a permission or a copy under way hides may be there the next time."""
    (large / "RAW-R0001-DA09-S00000.h5").write_bytes(b"not yet")
    shown = listing(str(large), View())
    assert any("unusable-file" in line for line in shown.text)
    assert not (large / kept.NAME).exists()
