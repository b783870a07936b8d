"""Row 18: programs as people type them, from the start of the interpreter to its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from cases.catalogue import Work, case
from cases.library import PEER, Library

LSXFEL = {
    PEER: "from extra_data.cli.lsxfel import main; main()",
    "euxfel": "from euxfel.cli.old_names import lsxfel; lsxfel()",
}
TRAINS = re.compile(r"rains:?\s+(\d+)")


@case("18", "lsxfel on many files, with map", run="many-files", bar=3)
def list_run(library: Library, folder: Path) -> Work:
    """Time the whole program; the answer is the number of trains that it shows."""

    def work() -> list[int]:
        return [int(n) for n in TRAINS.findall(_output(library, str(folder)))][:1]

    return work


@case("18h", "lsxfel --help", run="motors", bar=None)
def show_help(library: Library, folder: Path) -> Work:
    """Time the start of the program; that it knows its options is the answer."""
    assert folder

    def work() -> bool:
        return "--detail" in _output(library, "--help")

    return work


def _output(library: Library, argument: str) -> str:
    # A machine may be set up to compile every module anew: users' machines are not.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", LSXFEL[library.name], argument]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout
