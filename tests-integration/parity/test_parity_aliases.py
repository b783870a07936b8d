"""Moving over changes import lines only: aliases work the same in both libraries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours

XGM = "SA3_XTD10_XGM/XGM/DOOCS"
FRAMES = ("SA3_XTD10_IMGFEL/CAM/BEAMVIEW2:daqOutput", "data.image.pixels")
ALIASES: dict[str, Any] = {
    "sa3-xgm": XGM,
    "hv": (XGM, "pulseEnergy.wavelengthUsed"),
    "Beam_X": (XGM, "beamPosition.ixPos"),
    "imgfel-frames": FRAMES,
    "mcp-trace": ("SA3_XTD10_MCP/ADC/1:channel_5.output", "data.rawData"),
    "bogus-source": "SA4_XTD20_XGM/XGM/DOOCS",
    "bogus-key": (XGM, "foo"),
}
REAL = {name: target for name, target in ALIASES.items() if not name.startswith("bogus")}

YAML = f"""
sa3-xgm: {XGM}
hv: [{XGM}, pulseEnergy.wavelengthUsed]
SA3_XTD10_MCP/ADC/1:channel_5.output:
  mcp-trace: data.rawData
  mcp-peaks: data.peaks
"""
TOML = f"""
sa3-xgm = "{XGM}"
hv = ["{XGM}", "pulseEnergy.wavelengthUsed"]
["SA3_XTD10_MCP/ADC/1:channel_5.output"]
mcp-trace = "data.rawData"
"""
JSON = json.dumps({"sa3-xgm": XGM, "hv": [XGM, "pulseEnergy.wavelengthUsed"], XGM: {"x": "a.b"}})


def _spelled(alias: str) -> str:
    """Spell an alias in the one way that all others mean."""
    return alias.lower().replace("_", "-")


QUESTIONS: tuple[Case, ...] = (
    Case("source", lambda lib, run: run.alias["sa3-xgm"].source),
    Case("key", lambda lib, run: run.alias["hv"]),
    Case("source-and-key", lambda lib, run: run.alias["sa3-xgm", "beamPosition.iyPos"]),
    Case("upper-case", lambda lib, run: run.alias["SA3-XGM"].source),
    Case("underscore", lambda lib, run: run.alias["sa3_xgm"].source),
    Case("defined-with-underscore", lambda lib, run: run.alias["beam-x"].key),
    Case("defined-in-capitals", lambda lib, run: run.alias["BEAM_X"].key),
    Case("unknown", lambda lib, run: run.alias["nothing"], "KeyError"),
    Case("bogus-source", lambda lib, run: run.alias["bogus-source"], "KeyError"),
    Case("bogus-key", lambda lib, run: run.alias["bogus-key"], "KeyError"),
    Case("key-alias-as-source", lambda lib, run: run.alias["hv", "x"], "ValueError"),
    Case("number", lambda lib, run: run.alias[5], "TypeError"),
    Case("triple", lambda lib, run: run.alias["a", "b", "c"], "TypeError"),
    Case("contains", lambda lib, run: ["hv" in run.alias, "sa3-xgm" in run.alias]),
    Case("contains-unknown", lambda lib, run: "nothing" in run.alias),
    Case(
        "contains-bogus", lambda lib, run: ["bogus-source" in run.alias, "bogus-key" in run.alias]
    ),
    Case("contains-pair", lambda lib, run: ("sa3-xgm", "beamPosition.ixPos") in run.alias),
    Case(
        "completions", lambda lib, run: sorted(map(_spelled, run.alias._ipython_key_completions_()))
    ),
    Case("select", lambda lib, run: run.alias.select("sa3-xgm", "beam*")),
    Case("select-source", lambda lib, run: run.alias.select("sa3-xgm")),
    Case("select-list", lambda lib, run: run.alias.select(["hv", "imgfel-frames"])),
    Case("select-pairs", lambda lib, run: run.alias.select([("sa3-xgm", "beam*"), "mcp-trace"])),
    Case("select-dict", lambda lib, run: run.alias.select({"sa3-xgm": {"state"}})),
    Case("select-dict-all", lambda lib, run: run.alias.select({"sa3-xgm": set()})),
    Case(
        "select-require-all",
        lambda lib, run: run.alias.select(["hv", "imgfel-frames"], require_all=True),
    ),
    Case("select-unknown", lambda lib, run: run.alias.select("nothing"), "KeyError"),
    Case("deselect", lambda lib, run: run.alias.deselect("sa3-xgm", "beam*")),
    Case("deselect-source", lambda lib, run: run.alias.deselect("sa3-xgm")),
    Case("deselect-list", lambda lib, run: run.alias.deselect(["hv", "imgfel-frames"])),
    Case("deselect-unknown", lambda lib, run: run.alias.deselect("nothing"), "KeyError"),
    Case("only", lambda lib, run: run.only_aliases()),
    Case(
        "only-more",
        lambda lib, run: run.only_aliases({"x2": ("SA3_XTD10_MCP/MOTOR/X2", "actualPosition")}),
    ),
    Case("only-strict", lambda lib, run: run.only_aliases(strict=True), "ValueError"),
    Case("only-require-all", lambda lib, run: run.only_aliases(require_all=True)),
    Case("only-keeps-aliases", lambda lib, run: run.only_aliases().alias["hv"].key),
    Case("drop", lambda lib, run: run.drop_aliases().alias["hv"], "KeyError"),
    Case("drop-keeps-data", lambda lib, run: run.drop_aliases()),
    Case("kept-by-selection", lambda lib, run: run[3:6].select(XGM).alias["hv"]),
    Case("kept-by-deselect", lambda lib, run: run.deselect(FRAMES[0]).alias["hv"].key),
    Case("kept-by-split", lambda lib, run: next(run.split_trains(parts=3)).alias["hv"].key),
    Case("kept-by-union", lambda lib, run: (run[:2] | run.drop_aliases()[2:4]).alias["hv"]),
    Case(
        "with-more",
        lambda lib, run: run.with_aliases({"x2": "SA3_XTD10_MCP/MOTOR/X2"}).alias["x2"].source,
    ),
    Case(
        "with-same-again", lambda lib, run: run.with_aliases({"hv": ALIASES["hv"]}).alias["hv"].key
    ),
    Case("with-conflict", lambda lib, run: run.with_aliases({"hv": "other"}), "ValueError"),
    Case("with-conflict-in-case", lambda lib, run: run.with_aliases({"HV": "other"}), "ValueError"),
    Case("with-two", lambda lib, run: run.with_aliases({"a": XGM}, {"b": XGM}).alias["b"].source),
    Case(
        "with-conflicting-two",
        lambda lib, run: run.with_aliases({"a": "x"}, {"a": "y"}),
        "ValueError",
    ),
    Case(
        "with-list",
        lambda lib, run: run.with_aliases({"a": ["b", "c"]}),
        differs={"*": "alias-lists"},
    ),
    Case("with-number", lambda lib, run: run.with_aliases({"a": 5}), "ValueError"),
    Case("with-triple", lambda lib, run: run.with_aliases({"a": ("b", "c", "d")}), "ValueError"),
    Case(
        "union-conflict",
        lambda lib, run: run | run.drop_aliases().with_aliases({"hv": "other"}),
        "ValueError",
    ),
)
FILES = {"aliases.yml": YAML, "aliases.yaml": YAML, "aliases.toml": TOML, "aliases.json": JSON}
FROM_A_FILE: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("names", lambda run: sorted(run.alias._ipython_key_completions_())),
    ("source", lambda run: run.alias["sa3-xgm"].source),
    ("key", lambda run: run.alias["hv"]),
    ("paths", lambda run: [Path(path).name for path in run.alias.file_paths()]),
    ("only", lambda run: run.only_aliases()),
)


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case.id)
@pytest.mark.parametrize("run", ["sa3-1.2"], indirect=True)
def test_aliases_answer_alike(run: Opened, case: Case) -> None:
    subjects = [opened.with_aliases(ALIASES) for opened in (run.theirs, run.ours)]
    compare(case, "aliases", (PEER, ours()), subjects)


@pytest.mark.parametrize(("question", "ask"), FROM_A_FILE, ids=[name for name, _ in FROM_A_FILE])
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("run", ["sa3-1.2"], indirect=True)
def test_alias_files_are_read_alike(
    run: Opened, name: str, question: str, ask: Callable[[Any], Any], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], "utf-8")
    case = Case(question, lambda lib, opened: ask(opened.with_aliases(path)))
    compare(case, f"alias-file/{name}", (PEER, ours()), (run.theirs, run.ours))
    as_text = Case(question, lambda lib, opened: ask(opened.with_aliases(str(path))))
    compare(as_text, f"alias-file/{name}", (PEER, ours()), (run.theirs, run.ours))


@pytest.mark.parametrize("run", ["sa3-1.2"], indirect=True)
def test_no_aliases_answer_alike(run: Opened) -> None:
    case = Case("none", lambda lib, opened: opened.alias["anything"], "KeyError")
    compare(case, "no-aliases", (PEER, ours()), (run.theirs, run.ours))
