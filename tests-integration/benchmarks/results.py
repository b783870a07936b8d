"""Measured rows as plain data, as a table for a terminal, and as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cases.library import OURS, PEER, REFERENCE
from runner import Row, Runs

Facts = Mapping[str, Any]

HEADINGS = [
    "row", "workload", "EXtra-data", "euxfel", "ratio", "bar",
    "CPU ratio", "plain", "peak MB", "peak MB (EXtra-data)", "mem/result", "met",
]  # fmt: skip


def facts(row: Row) -> dict[str, Any]:
    """All that is known of a row, ready for JSON."""
    return {
        "name": row.case.name,
        "row": row.case.row,
        "title": row.case.title,
        "bar": row.case.bar,
        "reference_bar": row.case.reference_bar,
        "memory_bar": row.case.memory_bar,
        "ratio": row.ratio,
        "over_reference": row.over_reference,
        "over_result": row.over_result,
        "same_answer": row.same_answer,
        "met": row.met,
        "libraries": {name: _of_runs(runs) for name, runs in row.runs.items()},
    }


def _of_runs(runs: Runs) -> dict[str, Any]:
    if runs.missing or runs.failed or not runs.reports:
        return {"missing": runs.missing, "failed": runs.failed}
    return {
        "seconds": runs.seconds,
        "median": runs.median,
        "cpu_median": runs.cpu_seconds,
        "min": min(runs.seconds),
        "peak_mb": runs.most("peak_bytes") / 1e6,
        "work_mb": runs.most("work_bytes") / 1e6,
        "answer": min(runs.answers),
        "heavy": runs.heavy,
    }


def cells(row: Facts) -> list[str]:
    """One line of the table, in the order of the headings."""
    libraries = row["libraries"]
    return [
        row["name"],
        row["title"],
        _time(libraries[PEER]),
        _time(libraries[OURS]),
        _times(row["ratio"]),
        _times(row["bar"]),
        _times(_cpu_ratio(libraries)),
        _time(libraries[REFERENCE]) if REFERENCE in libraries else "",
        _megabytes(libraries[OURS]),
        _megabytes(libraries[PEER]),
        f"{row['over_result']:.2f}" if row["over_result"] else "",
        _verdict(row),
    ]


def _cpu_ratio(libraries: Facts) -> float | None:
    peer, ours = (libraries[name].get("cpu_median") for name in (PEER, OURS))
    return peer / ours if peer is not None and ours else None


def _time(runs: Facts) -> str:
    if "median" in runs:
        seconds = runs["median"]
        return f"{seconds:.3f} s" if seconds >= 0.1 else f"{seconds * 1000:.2f} ms"
    return "not built yet" if runs["missing"] else "failed"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3g}x"


def _megabytes(runs: Facts) -> str:
    return f"{runs['peak_mb']:.0f}" if "peak_mb" in runs else ""


def _verdict(row: Facts) -> str:
    if not row["same_answer"]:
        return "ANSWERS DIFFER"
    if row["met"] is None:
        return ""
    over = [
        f"{name} {row[value]:.2f} > {row[limit]}"
        for name, value, limit in [
            ("plain", "over_reference", "reference_bar"),
            ("memory", "over_result", "memory_bar"),
        ]
        if row[value] is not None and row[limit] is not None and row[value] > row[limit]
    ]
    over += [f"imports {name}" for name in row["libraries"][OURS]["heavy"]]
    return "yes" if row["met"] else f"no ({'; '.join(over)})" if over else "no"


def problems(row: Facts) -> list[str]:
    """What went wrong with a row, one line each."""
    return [
        f"{row['name']} {name}: {runs['failed']}"
        for name, runs in row["libraries"].items()
        if runs.get("failed")
    ]


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines of cells as text of equal columns."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def markdown(lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines of cells, the first of them headings, as a Markdown table."""
    ruled = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return [f"| {' | '.join(line)} |" for line in ruled]
