"""Measure euxfel against EXtra-data, side by side, in fresh processes that take turns.

    python tests-integration/benchmarks/run.py --rows 4,5 --size full --json results.json

Exit code 1: a workload failed, or the two libraries gave different answers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import growth
import machine
import report
import results
from cases import catalogue
from runner import measure


def main() -> int:
    """Measure what the command line asks for; print it, and write it if asked."""
    options = _options()
    options.data.mkdir(parents=True, exist_ok=True)
    document = _read(options.load) if options.load else _measured(options)
    if options.json:
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    if options.report:
        report.write(document, options.report)
    wrong = [line for row in document["rows"] for line in results.problems(row)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return int(bool(wrong) or not all(row["same_answer"] for row in document["rows"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", help="rows or names, such as 4,8a; all by default")
    parser.add_argument("--required", action="store_true", help="leave out rows without a bar")
    parser.add_argument("--size", default="small", choices=["small", "half", "long", "full"])
    parser.add_argument("--repeat", "--repeats", type=int, default=5, help="runs of each library")
    parser.add_argument("--json", type=Path, help="write the measurements to this file")
    parser.add_argument("--from", dest="load", type=Path, help="read such a file, measure nothing")
    parser.add_argument(
        "--report", type=Path, nargs="?", const=report.PAGE, help="write the page of results"
    )
    parser.add_argument("--growth", action="store_true", help="measure how the cost grows as well")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(tempfile.gettempdir()) / "euxfel-benchmark-data",
        help="folder for the runs, kept for the next time (up to 6 GB)",
    )
    return parser.parse_args()


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    _show([results.HEADINGS, *map(results.cells, document["rows"])])
    return document


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    rows = []
    for case in catalogue.chosen(options.rows, options.required):
        rows.append(results.facts(measure(case, options.size, options.repeat, options.data)))
        print(f"{case.name}: {' | '.join(results.cells(rows[-1])[2:])}", flush=True)
    print()
    _show([results.HEADINGS, *map(results.cells, rows)])
    document = {
        "machine": machine.describe(),
        "size": options.size,
        "repeat": options.repeat,
        "rows": rows,
    }
    if options.growth:
        document["growth"] = growth.grow(options.rows, options.repeat, options.data)
        _show([growth.HEADINGS, *map(growth.cells, document["growth"])])
    return document


def _show(lines: list[Any]) -> None:
    print("\n".join(results.aligned(lines)))


if __name__ == "__main__":
    raise SystemExit(main())
