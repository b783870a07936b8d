"""The stress program works, and finds nothing in some seconds; by hand it runs for minutes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("stress.py")


def test_threads_forks_and_interrupts_at_once_do_no_harm() -> None:
    """R8 of the bars: mixed reads from 8 threads, forks, Ctrl-C and closed files, all right."""
    command = [sys.executable, str(PROGRAM), "--minutes", "0.05", "--threads", "8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["faults"] == []
    assert sum(report["done"].values()) > 0
