"""The memory of this process, now and at its highest."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_bytes() -> int:
    """The most memory that the process ever held."""
    if STATUS.exists():
        # As ru_maxrss, which however keeps the peak of the process that started this one.
        return _from_status("VmHWM")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def present_bytes() -> int:
    """The memory that the process holds now; its peak where that is not known."""
    return _from_status("VmRSS") if STATUS.exists() else peak_bytes()


def _from_status(name: str) -> int:
    for line in STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(f"{STATUS} has no {name}")
