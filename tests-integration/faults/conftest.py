from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The helpers are imported as `faults.judge` and so on, from every test module alike.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PEAK_BYTES = 500 * 10**6


def memory(which: str) -> int:
    """Bytes of memory of this process: ``VmRSS`` now, ``VmHWM`` at the most."""
    line = re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line[1]) * 1024 if line else 0


@pytest.fixture(autouse=True)
def _bounded_memory() -> Iterator[None]:
    """Bar R11: whatever a fault claims, no test of this folder takes 500 MB for it."""
    # Begins a new peak.
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    yield
    assert memory("VmHWM") - before < PEAK_BYTES
