"""What a reader makes of a damaged file, judged against what was written.

Three questions: is every value right, is anything missing, was the user told. Run as a worker:
reads one JSON line ``[variant, path]`` after the other and answers with one line each.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from faults.mutants import VARIANTS

from euxfel.core import EuxfelError, H5File
from euxfel.core.collection import DataCollection
from euxfel.fileaccess.testing import SimulatedFile


class Verdict(StrEnum):
    """How it went."""

    RIGHT = "right"
    TOLD = "told"
    SILENT = "silent"
    LEAKED = "leaked"
    HANG = "hang"
    CRASH = "crash"
    ISOLATED = "isolated"
    BLOATED = "bloated"
    CHANGED = "changed"


# Of the whole process, libraries and all: a bar for everything that damaged files can claim.
PEAK_BYTES = 500 * 10**6


def judge(truth: SimulatedFile, path: str) -> tuple[Verdict, str]:
    """Open and read everything in a file; compare with its description."""
    warnings.simplefilter("ignore")
    told: list[str] = []
    wrong: list[str] = []
    try:
        run = H5File(path)
    except EuxfelError as exc:
        return Verdict.TOLD, str(exc)
    for question in _questions(truth, run):
        try:
            fault = question()
        except EuxfelError as exc:
            told.append(str(exc))
        else:
            if fault:
                wrong.append(fault)
    told += [str(problem) for problem in run.problems]
    run.summary().to_text()
    names = [source.name for source in truth.sources]
    unexcused = [fault for fault in wrong if not any(_excuses(t, fault, names) for t in told)]
    if unexcused:
        return Verdict.SILENT, "; ".join(unexcused)
    return (Verdict.TOLD if told else Verdict.RIGHT), "; ".join(told)


def _excuses(told: str, fault: str, names: list[str]) -> bool:
    """Whether a word about one source, or about the whole file, is about a fault."""
    return not any(name in told and name not in fault for name in names)


def _questions(truth: SimulatedFile, run: DataCollection) -> Iterator[Any]:
    yield lambda: _differs("trains", run.train_ids, list(truth.train_ids))
    yield lambda: _differs("sources", run.all_sources, {s.name for s in truth.sources})
    yield lambda: len(run.select("*", require_all=True).train_ids) and None
    yield lambda: len(list(run.trains(require_all=True))) and None
    for dataset in truth.datasets():
        yield lambda d=dataset: _data_differs(truth, run, d.source, d.key)
        yield lambda d=dataset: _counts_differ(truth, run, d.source, d.key)
        yield lambda d=dataset: _attributes_read(run, d.source, d.key)
    for dataset in truth.run_datasets():
        yield lambda d=dataset: _run_value_differs(truth, run, d.source, d.key)


def _differs(what: str, found: Any, expected: Any) -> str | None:
    same = found == expected if isinstance(expected, set) else np.array_equal(found, expected)
    return None if same else f"{what} differ"


def _data_differs(truth: SimulatedFile, run: DataCollection, source: str, key: str) -> str | None:
    if source not in run.all_sources:
        return f"{source} is missing"
    data = run[source, key].ndarray()
    expected = truth.expected(source, key)
    if data.dtype != expected.dtype or data.shape != expected.shape:
        return f"{source} {key} is {data.dtype} {data.shape}"
    return _differs(f"values of {source} {key}", data, expected)


def _counts_differ(truth: SimulatedFile, run: DataCollection, source: str, key: str) -> str | None:
    if source not in run.all_sources:
        return None
    counts = run[source, key].data_counts(labelled=False)
    group = key.partition(".")[0] if ":" in source else ""
    return _differs(f"counts of {source} {key}", counts, truth.table(source, group).count)


def _run_value_differs(
    truth: SimulatedFile, run: DataCollection, source: str, key: str
) -> str | None:
    if source not in run.all_sources:
        return None
    value = run[source].run_value(key)
    return _differs(f"RUN value {source} {key}", value, truth.expected_run_value(source, key))


def _attributes_read(run: DataCollection, source: str, key: str) -> None:
    # Data without units is no defect: only what is raised matters.
    if source in run.all_sources:
        run[source, key].attributes()


def peak_bytes() -> int:
    """Most memory that this process had; unlike `getrusage`, not that of who started it."""
    line = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line[1]) * 1024 if line else 0


def main() -> None:
    """Judge the files named on standard input."""
    for line in sys.stdin:
        variant, path = json.loads(line)
        before = Path(path).read_bytes()
        try:
            verdict, why = judge(VARIANTS[variant], path)
        except Exception as exc:  # noqa: BLE001 - an undocumented exception is a verdict
            verdict, why = Verdict.LEAKED, f"{type(exc).__name__}: {exc}"
        if peak_bytes() > PEAK_BYTES:
            verdict, why = Verdict.BLOATED, f"took {peak_bytes() / 1e6:.0f} MB"
        if Path(path).read_bytes() != before:
            verdict, why = Verdict.CHANGED, "the file is another one after reading it"
        sys.stdout.write(json.dumps([verdict, why[:2000]]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
