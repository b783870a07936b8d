"""One workload, once, in this fresh process; prints what it cost as JSON.

python worker.py CASE LIBRARY FOLDER
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from cases import catalogue
from cases.digest import digest, n_bytes
from cases.library import REFERENCE, Library
from memory import peak_bytes, present_bytes


def measure(work: catalogue.Work) -> dict[str, Any]:
    """Run the workload and describe its time, its memory and its answer."""
    gc.collect()
    before = present_bytes()
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    # The checksum may take memory of its own: the peak is taken before it.
    peak = peak_bytes()
    return {
        "seconds": seconds,
        "peak_bytes": peak,
        "work_bytes": peak - before,
        "result_bytes": n_bytes(result),
        "answer": digest(result),
    }


def prepared(case: catalogue.Case, library: str, folder: Path) -> catalogue.Work | str:
    """The workload, ready to start; or the name of a package that is not there."""
    for name in case.preload:
        importlib.import_module(name)
    if library == REFERENCE:
        assert case.reference is not None
        return case.reference(folder)
    chosen = Library(library)
    return chosen.missing(case.parts) or case.prepare(chosen, folder)


def main() -> None:
    """Measure the case that the command line names."""
    name, library, folder = sys.argv[1:]
    work = prepared(catalogue.load()[name], library, Path(folder))
    print(json.dumps({"missing": work} if isinstance(work, str) else measure(work)))


if __name__ == "__main__":
    main()
