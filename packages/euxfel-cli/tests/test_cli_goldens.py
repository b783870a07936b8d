"""What every command says: output, messages, exit code and files, as they were found good."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from euxfel.cli.commands import COMMANDS

XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
# By golden file; the first word is the command.
CALLS = {
    "ls": ["ls", "900000/1"],
    "ls-json": ["ls", "900000/1", "--json"],
    "missing": ["missing", "900000/2"],
    "missing-json": ["missing", "900000/2", "--json"],
    "plot": ["plot", "900000/1", XGM, "pulseEnergy.photonFlux", "-o", "flux.png"],
    "tree": ["tree", "p900000/raw/r0001/RAW-R0001-DA02-S00000.h5"],
    "tree-json": ["tree", "p900000/raw/r0001/RAW-R0001-DA02-S00000.h5", "--json"],
    "validate": ["validate", "900000/2"],
    "validate-json": ["validate", "900000/2", "--json"],
    "readable": ["readable", "p900000/raw/r0001", "--all"],
    "readable-json": ["readable", "900000/1", "--json"],
    "locality": ["locality", "900000/1"],
    "locality-json": ["locality", "900000/1", "--json"],
    "overview": ["overview", "900000/1", "-o", "all.h5"],
    "overview-json": ["overview", "900000/1", "-o", "all.h5", "--json"],
    "overview-absent": ["overview", "900000/1", "--check", "-o", "absent.h5"],
    "cxi": ["make-virtual-cxi", "900000/2", "--data", "raw", "-o", "det.cxi", "--modules", "1"],
    "copy-structure": ["copy-structure", "900000/1", "copies"],
    "export": ["export", "900000/1", f"{XGM}[*Pos*]", "-o", "slow.csv"],
    "write": ["write", "900000/1", "-o", "small.h5", "--include", "*XGM*", "--trains", "0:5"],
    "serve-run": ["serve-run", "900000", "1", "--list"],
    "serve-files": ["serve-files", "900000/1", "0", "--list", "--source", "*MOTOR*"],
    "completion": ["completion", "bash"],
    "completion-zsh": ["completion", "zsh"],
}
# Speeds and sizes of files that say when they were made.
VARYING = [
    (r"\d+\.\d+ s\b", "SECONDS s"),
    (r'"seconds": [\d.e-]+', '"seconds": SECONDS'),
    (r"(small\.h5: .*, )[\d.]+ k?B", r"\1SIZE"),
]


@pytest.mark.parametrize("name", CALLS)
def test_what_a_command_says_is_as_it_was_found_good(
    name: str, euxfel: Callable[..., Any], golden: Callable[[str, str], None], proposal: Any
) -> None:
    Path("copies").mkdir()
    Path(proposal.folder.name).symlink_to(proposal.folder)
    here = set(Path().rglob("*"))
    ended = euxfel(*CALLS[name])
    made = sorted(str(path) for path in set(Path().rglob("*")) - here if path.is_file())
    told = "\n".join(
        [
            f"$ euxfel {' '.join(CALLS[name])}",
            f"{ended.out}-- messages, exit code {ended.code}",
            f"{ended.err}-- files made",
            *made,
        ]
    )
    for pattern, word in VARYING:
        told = re.sub(pattern, word, told)
    golden(f"call-{name}.txt", f"{told}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_as_it_was_found_good(
    name: str, euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    golden(f"help-{name}.txt", euxfel(name, "--help").out)


def test_every_command_is_called() -> None:
    # The demonstration takes long, and has a test of its own.
    assert {words[0] for words in CALLS.values()} | {"demo"} == set(COMMANDS)
