"""One workload, once, in this fresh process; prints what it cost as JSON.

python worker.py CASE LIBRARY FOLDER [BYTES]

BYTES is the memory that the workload is known to take.
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
from memory import peak_bytes, present_bytes, settle


def measure(work: catalogue.Work, known_bytes: int) -> dict[str, Any]:
    """Run the workload and describe its time, its memory and its answer."""
    settle(known_bytes)
    gc.collect()
    before = present_bytes()
    start, cpu_start = time.perf_counter(), time.process_time()
    result = work()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    # The checksum may take memory of its own: the peak is taken before it.
    peak = peak_bytes()
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
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
    name, library, folder, *known_bytes = sys.argv[1:]
    work = prepared(catalogue.load()[name], library, Path(folder))
    if isinstance(work, str):
        print(json.dumps({"missing": work}))
    else:
        print(json.dumps(measure(work, sum(map(int, known_bytes)))))


if __name__ == "__main__":
    main()
