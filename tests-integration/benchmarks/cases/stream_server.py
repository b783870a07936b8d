"""Serve a run to a client, with either library, once told to begin; ends when it is killed.

python stream_server.py LIBRARY FOLDER PORT WHAT
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from cases.library import Library
from memory import settle

SLOW_SOURCES = 100
# What either library reads ahead, and what ZeroMQ holds.
SERVER_BYTES = 1 << 30


def chosen(library: Library, folder: Path, what: str) -> Any:
    """The frames of all modules, or some slow sources."""
    run = library.open(folder)
    if what == "frames":
        return run.select("*/DET/*", "image.data")
    return run.select([(source, "*") for source in sorted(run.all_sources)[:SLOW_SOURCES]])


def main() -> None:
    """Open the run, say so, wait for a line, and serve."""
    name, folder, port, what = sys.argv[1:]
    library = Library(name)
    data = chosen(library, Path(folder), what)
    # Some names bring what they need only when they are used: not in the time of the stream.
    serve_data = importlib.import_module(library.module_name("export")).serve_data
    settle(SERVER_BYTES)
    print("ready", flush=True)
    sys.stdin.readline()
    serve_data(data, int(port), append_detector_modules=what == "frames")


if __name__ == "__main__":
    main()
