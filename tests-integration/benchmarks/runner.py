"""Measure a workload: both libraries in turn, each time in a fresh process."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import latency
from cases.catalogue import Case
from cases.library import OURS, PEER, REFERENCE
from folders import folder_for, forget

HERE = Path(__file__).parent
LONGEST_SECONDS = 900
# What a workload takes in processes that it starts is not known.
LEAST_SETTLED_BYTES = 1 << 28


@dataclass
class Runs:
    """What the processes of one library reported, or why there is no report."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    missing: str | None = None
    failed: str | None = None

    @property
    def seconds(self) -> list[float]:
        """The time of each run."""
        return [report["seconds"] for report in self.reports]

    @property
    def median(self) -> float | None:
        """The time to compare, if the workload ran."""
        return statistics.median(self.seconds) if self.reports and not self.failed else None

    @property
    def cpu_seconds(self) -> float:
        """The processor time of all threads: other programs disturb it less than the time."""
        seconds: float = statistics.median(report["cpu_seconds"] for report in self.reports)
        return seconds

    def most(self, name: str) -> int:
        """The largest value of a number in the reports."""
        return max((int(report[name]) for report in self.reports), default=0)

    @property
    def heavy(self) -> list[str]:
        """Large packages that a bare import of the library brought with it."""
        return sorted({name for report in self.reports for name in report.get("heavy", [])})

    @property
    def answers(self) -> set[str]:
        """The checksums of the results: one, if all is well."""
        return {report["answer"] for report in self.reports}


@dataclass
class Row:
    """One workload, measured."""

    case: Case
    runs: dict[str, Runs]

    @property
    def ratio(self) -> float | None:
        """How many times faster than EXtra-data."""
        peer, ours = self.runs[PEER].median, self.runs[OURS].median
        return peer / ours if peer is not None and ours else None

    @property
    def over_reference(self) -> float | None:
        """How many times slower than plain reads."""
        if REFERENCE not in self.runs:
            return None
        plain, ours = self.runs[REFERENCE].median, self.runs[OURS].median
        return ours / plain if plain and ours is not None else None

    @property
    def over_result(self) -> float | None:
        """Memory taken while it ran, in sizes of the result; None for small results."""
        size = self.runs[OURS].most("result_bytes")
        return self.runs[OURS].most("work_bytes") / size if size else None

    @property
    def same_answer(self) -> bool:
        """Whether all the processes gave the same result."""
        return len(set().union(*(runs.answers for runs in self.runs.values()))) <= 1

    @property
    def failed(self) -> bool:
        """Whether a process failed, or two disagree. A package not built yet is no failure."""
        return not self.same_answer or any(runs.failed for runs in self.runs.values())

    @property
    def met(self) -> bool | None:
        """Whether every bar of the row is met; None if there is none, or nothing to compare."""
        if self.ratio is None or self.case.bar is None:
            return None
        limits = [
            (self.over_reference, self.case.reference_bar),
            (self.over_result, self.case.memory_bar),
        ]
        within = (value is None or limit is None or value <= limit for value, limit in limits)
        return self.ratio >= self.case.bar and all(within) and not self.runs[OURS].heavy


def measure(case: Case, size: str, repeat: int, data: Path) -> Row:
    """Measure one workload ``repeat`` times in each library, turn by turn."""
    libraries = [PEER, OURS] + ([REFERENCE] if case.reference else [])
    row = Row(case, {library: Runs() for library in libraries})
    if case.open_delay_ms and not latency.available():
        for runs in row.runs.values():
            runs.missing = "gcc on Linux"
        return row
    folders = {name: folder_for(name, case.run, size, data) for name in libraries}
    known_bytes = 0
    if repeat > 1:  # bring the files into the page cache, let maps and indexes be saved
        first = {library: Runs() for library in libraries}
        for library in libraries:
            _run_into(first[library], case, library, folders[library], data, 0)
        taken = max(runs.most("work_bytes") for runs in first.values())
        known_bytes = max(taken, LEAST_SETTLED_BYTES)
    for library in _turns(libraries, repeat):
        _run_into(row.runs[library], case, library, folders[library], data, known_bytes)
    return row


def _turns(libraries: list[str], repeat: int) -> Iterator[str]:
    for _ in range(repeat):
        yield from libraries


def _run_into(
    runs: Runs, case: Case, library: str, folder: Path, data: Path, known_bytes: int
) -> None:
    """Run one process and keep its report, unless an earlier one found no way to run."""
    if runs.missing or runs.failed:
        return
    forget(folder, case.keep)
    try:
        done = subprocess.run(
            _command(case, library, folder, known_bytes),
            env={**_environment(data), **latency.environment(case.open_delay_ms, data)},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        runs.failed = f"not done after {LONGEST_SECONDS} s"
        return
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        runs.failed = lines[-1] if lines else f"exit code {done.returncode}"
        return
    report = json.loads(done.stdout.splitlines()[-1])
    runs.missing = report.get("missing")
    if not runs.missing:
        runs.reports.append(report)


def _environment(data: Path) -> dict[str, str]:
    """Variables of a measured process: its modules are compiled once, as installed ones are."""
    kept = {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(data / "bytecode")}


def _command(case: Case, library: str, folder: Path, known_bytes: int) -> list[str]:
    if case.imports_only:
        return [sys.executable, str(HERE / "import_worker.py"), library, case.public_name]
    return [
        sys.executable,
        str(HERE / "worker.py"),
        case.name,
        library,
        str(folder),
        str(known_bytes),
    ]
