"""Files of aliases, well made and hostile."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from euxfel.core.aliases import AliasDefinitionError, AliasTable, read_default_aliases
from euxfel.core.aliases.files import MAX_BYTES
from euxfel.fileaccess.errors import MissingPackageError
from euxfel.fileaccess.problems import ProblemKind

XGM = "SA1_XTD2_XGM/XGM/DOOCS"
EXPECTED = {"xgm": XGM, "x-pos": (XGM, "beamPosition.ixPos"), "y-pos": (XGM, "beamPosition.iyPos")}
GOOD = {
    "json": json.dumps(
        {"xgm": XGM, "x-pos": [XGM, "beamPosition.ixPos"], XGM: {"y-pos": "beamPosition.iyPos"}}
    ),
    "yml": f"""\
# Aliases of the day
xgm: {XGM}
x-pos: [{XGM}, beamPosition.ixPos]
{XGM}:
  y-pos: beamPosition.iyPos
""",
    "toml": f"""\
xgm = "{XGM}"
x-pos = ["{XGM}", "beamPosition.ixPos"]
["{XGM}"]
y-pos = "beamPosition.iyPos"
""",
}
GOOD["yaml"] = GOOD["yml"]
GOOD["YML"] = GOOD["yml"]

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 12)]
)
BAD = {
    "not-yaml.yml": "a: [",
    "list.yml": "[a, b]",
    "text.yml": "only words",
    "number.yml": "a: 5",
    "no-value.yml": "a:",
    "bool.yml": "a: yes",
    "date.yml": "a: 2020-01-01",
    "number-name.yml": "5: source",
    "list-name.yml": "? [a, b]\n: source",
    "twice.yml": "a: source\na: other",
    "two-documents.yml": "a: b\n---\nc: d",
    "bomb.yml": BOMB,
    "cycle.yml": "&a {b: *a}",
    "self.yml": "a: &a [*a]",
    "unknown-anchor.yml": "a: *nobody",
    "merge.yml": "a: &a {b: c}\nd:\n  <<: *a",
    "python-tag.yml": "a: !!python/object/apply:os.mkdir [hacked]",
    "tag.yml": "a: !thing b",
    "string-tag.yml": "a: !!str b",
    "deep.yml": "[" * 50_000,
    "deep-block.yml": "- " * 50_000,
    "control.yml": "a: b\x1b[2J",
    "escape.yml": 'a: "\\e[2J"',
    "huge-int.yml": "a: " + "9" * 100_000,
    "not-json.json": "{",
    "empty.json": "",
    "list.json": "[1]",
    "twice.json": '{"a": "source", "a": "other"}',
    "deep.json": "[" * 200_000,
    "nan.json": '{"a": NaN}',
    "huge-int.json": '{"a": ' + "9" * 100_000 + "}",
    "surrogate.json": '{"a": "\\ud800"}',
    "not-toml.toml": "a",
    "number.toml": "a = 1",
    "twice.toml": 'a = "b"\na = "c"',
    "deep.toml": "a = " + "[" * 900,
    "dotted.toml": "a." * 100_000 + 'a = "b"',
    "conflict.yml": "a: source\nA: other",
    "large.yml": "#" * (MAX_BYTES + 1),
    "latin.yml": "a: \udcff",
    "ending.txt": GOOD["json"],
    "no-ending": GOOD["json"],
}


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.mark.parametrize("ending", sorted(GOOD))
def test_formats(tmp_path: Path, ending: str) -> None:
    path = written(tmp_path, f"aliases.{ending}", GOOD[ending])
    for form in (path, str(path)):
        table = AliasTable().with_definitions(form)
        assert table.as_dict() == EXPECTED
        assert table.files == (path,)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\ufeffa: b\n", "{}"])
def test_files_without_aliases(tmp_path: Path, text: str) -> None:
    table = AliasTable().with_definitions(written(tmp_path, "a.yml", text))
    assert table.as_dict() == ({"a": "b"} if "a: b" in text else {})


def test_references_to_strings_are_allowed(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yml", f"a: &xgm {XGM}\nb: [*xgm, key]")
    assert AliasTable().with_definitions(path).as_dict() == {"a": XGM, "b": (XGM, "key")}


def test_files_are_listed_the_latest_first(tmp_path: Path) -> None:
    first, second = (written(tmp_path, f"{n}.yml", f"{n}: source") for n in "ab")
    assert AliasTable().with_definitions(first, {"c": "d"}, second).files == (second, first)


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_files(tmp_path: Path, name: str) -> None:
    """F3: no code runs, nothing grows, nothing is written; the error names the file."""
    path = written(tmp_path, name, BAD[name])
    with pytest.raises(AliasDefinitionError) as caught:
        AliasTable().with_definitions(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.file == str(path)
    assert os.listdir(tmp_path) == [name]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"a\.yml"):
        AliasTable().with_definitions(tmp_path / "a.yml")


def test_pipes_and_folders_are_no_files(tmp_path: Path) -> None:
    """Opening a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder.yml").mkdir()
    for name in ("pipe.yml", "folder.yml"):
        with pytest.raises(AliasDefinitionError, match="not a regular file"):
            AliasTable().with_definitions(tmp_path / name)


def test_yaml_needs_pyyaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = written(tmp_path, "a.yml", GOOD["yml"])
    with pytest.raises(MissingPackageError, match=r"euxfel-core\[aliases\]"):
        AliasTable().with_definitions(path)
    table, problem = read_default_aliases(tmp_path, path)
    assert len(table) == 0
    assert problem is not None
    assert "PyYAML" in problem.message


# ---- aliases of a run that is opened ----------------------------------------------------------


@pytest.fixture
def proposal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "exp" / "SPB" / "202301" / "p002012"
    (folder / "usr").mkdir(parents=True)
    monkeypatch.setenv("EXTRA_DATA_SW_ROOT", str(tmp_path / "sw"))
    return folder


def own_file(proposal: Path) -> Path:
    return proposal / "usr" / "extra-data-aliases.yml"


def instrument_file(proposal: Path, text: str) -> Path:
    folder = proposal.parents[3] / "sw" / "SPB"
    folder.mkdir(parents=True)
    return written(folder, "extra-data-aliases-default.yml", text)


def test_no_aliases_is_no_problem(proposal: Path) -> None:
    """B51: a missing file is silent."""
    assert read_default_aliases(proposal) == (AliasTable(), None)
    assert read_default_aliases(proposal.parent) == (AliasTable(), None)
    assert read_default_aliases("/") == (AliasTable(), None)
    assert read_default_aliases(proposal, None) == (AliasTable(), None)


def test_aliases_of_the_proposal(proposal: Path) -> None:
    instrument_file(proposal, "a: source")
    own_file(proposal).write_text(GOOD["yml"])
    table, problem = read_default_aliases(proposal)
    assert table.as_dict() == EXPECTED
    assert problem is None


def test_aliases_of_the_instrument(proposal: Path, tmp_path: Path) -> None:
    """They stand in where the proposal has none, and reading writes nothing."""
    path = instrument_file(proposal, GOOD["yml"])
    (tmp_path / "link").symlink_to(proposal)
    for folder in (proposal, tmp_path / "link"):
        table, problem = read_default_aliases(folder)
        assert (table.as_dict(), table.files, problem) == (EXPECTED, (path,), None)
    assert os.listdir(proposal / "usr") == []


def test_other_places(proposal: Path) -> None:
    instrument_file(proposal, "a: source")
    written(proposal, "my.json", GOOD["json"])
    table, problem = read_default_aliases(os.fspath(proposal), "{}/my.json")
    assert (table.as_dict(), problem) == (EXPECTED, None)
    assert read_default_aliases(proposal, {"a": "b"})[0].as_dict() == {"a": "b"}


@pytest.mark.parametrize("pattern", ["{}/nope.yml", "/nowhere/{0.x}{y}.yml", "a\0b.yml", "."])
def test_files_that_were_asked_for_are_missed(proposal: Path, pattern: str) -> None:
    """B51: a note, the run opens."""
    table, problem = read_default_aliases(proposal, pattern)
    assert len(table) == 0
    assert problem is not None
    assert problem.kind == ProblemKind.BAD_ALIASES
    assert problem.file == pattern.replace("{}", str(proposal))


@pytest.mark.parametrize("name", [n for n in sorted(BAD) if n.endswith(".yml")])
def test_bad_default_files_are_problems(proposal: Path, name: str) -> None:
    """B51, F3: malformed aliases are a note; the instrument's do not hide them."""
    instrument_file(proposal, "a: source")
    own = written(proposal / "usr", "extra-data-aliases.yml", BAD[name])
    table, problem = read_default_aliases(proposal)
    assert len(table) == 0
    assert problem is not None
    assert (problem.kind, problem.file) == (ProblemKind.BAD_ALIASES, str(own))


def test_a_dangling_link_is_a_problem_and_stays_one(proposal: Path, tmp_path: Path) -> None:
    """B51: reading a run creates nothing behind the link."""
    instrument_file(proposal, "a: source")
    own_file(proposal).symlink_to(tmp_path / "target.yml")
    table, problem = read_default_aliases(proposal)
    assert (len(table), problem is None) == (0, False)
    assert not (tmp_path / "target.yml").exists()


def test_unreadable_file_is_a_problem(proposal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """B51: an unreadable file is a note."""
    own_file(proposal).write_text(GOOD["yml"])

    def deny(*args: object) -> int:
        raise PermissionError(13, "Permission denied", str(args[0]))

    monkeypatch.setattr(os, "open", deny)
    table, problem = read_default_aliases(proposal)
    assert len(table) == 0
    assert problem is not None
    assert "Permission denied" in problem.message
