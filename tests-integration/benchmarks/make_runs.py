"""Make the runs that the benchmarks read.

    python make_runs.py --size full --data DIR [NAME ...]

A run that stands in the folder already, made with the same sizes, is kept.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from makers import agipd, images, manyfiles, slow

# Raised when what the makers write changes: runs of an earlier version are made again.
VERSION = 4
LARGEST_RUN_BYTES = 6_000_000_000


@dataclass(frozen=True)
class Run:
    """One kind of run: who writes it, and how large it is at each size."""

    make: Callable[[Path, Any], None]
    extents: dict[str, Any]

    def extent(self, size: str) -> Any:
        """The extent at ``size``; a size without its own is as the full one."""
        return self.extents.get(size, self.extents["full"])


RUNS = {
    # "half" has half the files, "long" as few files with twice the trains in each.
    "many-files": Run(
        manyfiles.make,
        {
            "small": manyfiles.Extent(2, 20, aggregators=2, devices=4, properties=2),
            "half": manyfiles.Extent(10, 256),
            "long": manyfiles.Extent(10, 512),
            "full": manyfiles.Extent(20, 256),
        },
    ),
    "raw": Run(agipd.make_raw, {"small": agipd.Extent(3, 4), "full": agipd.Extent(8, 64)}),
    "corrected": Run(
        agipd.make_corrected, {"small": agipd.Extent(4, 4), "full": agipd.Extent(8, 64)}
    ),
    "long-gain": Run(
        agipd.make_long_gain, {"small": agipd.Extent(4, 16, 1), "full": agipd.Extent(128, 64, 1)}
    ),
    "jungfrau": Run(
        images.make_jungfrau, {"small": images.Extent(4, 2), "full": images.Extent(32, 16)}
    ),
    "camera": Run(
        images.make_camera, {"small": images.Extent(4, 2), "full": images.Extent(26, 13)}
    ),
    "motors": Run(
        slow.make,
        {
            "small": slow.Extent(4, 3, 6, timestamps=False),
            "half": slow.Extent(30, 15, 50, timestamps=False),
            "long": slow.Extent(30, 15, 100, timestamps=False),
            "full": slow.Extent(60, 15, 50, timestamps=False),
        },
    ),
    "many-motors": Run(
        slow.make,
        {
            "small": slow.Extent(4, 3, 6, sequences=2),
            "full": slow.Extent(128, 4, 250, sequences=8),
        },
    ),
    "one-key": Run(
        slow.make,
        {
            "small": slow.Extent(8, 1, 10, sequences=2, timestamps=False),
            "full": slow.Extent(360, 1, 500, sequences=4, timestamps=False),
        },
    ),
}


def run_folder(name: str, size: str, data: Path) -> Path:
    """Where the run called ``name`` stands."""
    used = size if size in RUNS[name].extents else "full"
    return data / f"{name}-{used}"


def ensure(name: str, size: str, data: Path) -> Path:
    """Make the run called ``name`` unless it stands there; return its folder of files."""
    folder = run_folder(name, size, data)
    wanted = {"version": VERSION, **asdict(RUNS[name].extent(size))}
    note = folder / "made.json"
    if not (note.exists() and json.loads(note.read_text()) == wanted):
        _make(name, size, folder)
        note.write_text(json.dumps(wanted))
    return folder / "files"


def _make(name: str, size: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "files").mkdir(parents=True)
    free = shutil.disk_usage(folder).free
    if size != "small" and free < LARGEST_RUN_BYTES:
        raise SystemExit(f"{folder}: {free / 1e9:.1f} GB free, up to 6 GB needed; give --data")
    RUNS[name].make(folder / "files", RUNS[name].extent(size))


def main() -> None:
    """Make the runs named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("--size", default="small", choices=["small", "half", "long", "full"])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    for name in options.names or RUNS:
        start = time.perf_counter()
        folder = ensure(name, options.size, options.data)
        print(f"{name}: {folder} ({time.perf_counter() - start:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
