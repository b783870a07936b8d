"""Late openings: the environment that loads the shim, built when a row needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("latency_shim.c")
SLOTS = 1 << 20


def available() -> bool:
    """Whether the shim can be built here."""
    return shutil.which("gcc") is not None and os.uname().sysname == "Linux"


def environment(delay_ms: int, data: Path) -> dict[str, str]:
    """Variables under which a new process opens each data file late, once."""
    if not delay_ms:
        return {}
    seen = data / "open-seen"
    seen.write_bytes(bytes(SLOTS))
    return {
        "LD_PRELOAD": str(_built(data)),
        "BENCH_OPEN_DELAY_MS": str(delay_ms),
        "BENCH_OPEN_SEEN": str(seen),
    }


def _built(data: Path) -> Path:
    library = data / "latency_shim.so"
    if not library.exists() or library.stat().st_mtime < SOURCE.stat().st_mtime:
        flags = ["-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
        subprocess.run(["gcc", *flags], check=True)
    return library
