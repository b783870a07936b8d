"""Python programs run in a process of their own, with a deadline."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

DEADLINE = 60.0

# What programs share: the run whose folder is the first argument, and its fingerprint.
PREAMBLE = """
import sys, os, warnings
import numpy as np
from euxfel.core import RunDirectory, EuxfelError
folder = sys.argv[1]
"""


def command(code: str, *arguments: str | Path) -> list[str]:
    """Give the command line of a program that begins with the preamble."""
    program = PREAMBLE + textwrap.dedent(code)
    return [sys.executable, "-c", program, *map(str, arguments)]


def run_script(code: str, *arguments: str | Path, **options: object) -> str:
    """Run a program; give what it prints. It has to end well, in time."""
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        command(code, *arguments),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        env=environment,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)
