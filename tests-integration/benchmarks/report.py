"""The committed page of results: docs/explanations/performance.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import growth
import results

# What the numbers do not say: edited by hand, and put below them.
REMARKS = Path(__file__).with_name("below_the_bar.md")
PAGE = Path(__file__).parents[2] / "docs" / "explanations" / "performance.md"

INTRODUCTION = """\
# Performance

This page is written by `python tests-integration/benchmarks/run.py --size full --report`, the
remarks below the table by hand in `below_the_bar.md` there.
It compares euxfel with EXtra-data on the same files, on one machine.
Ratios count. Seconds depend on the machine.

Each number is the median of several runs. Each run is a fresh process that does one workload;
the libraries take turns. Imports and the opening of the run are not timed, but where
the workload is just that (rows 1, 2, 10 and 16). The files are in the page cache, and modules
are compiled, as installed ones are.
Both libraries give the same result in every row: a checksum of it is compared.

*Ratio* is the time of EXtra-data over the time of euxfel. *Bar* is the ratio that the project
requires; rows without a bar are there to be read. *CPU ratio* compares the processor time of all
threads of the process, without the processes it starts. *Plain* is the time of `os.preadv` for
the same bytes from two threads. *mem/result* is the memory taken while the workload ran,
in sizes of the result.
"""

GROWTH = """
## How the cost grows

The same workloads on runs of half the size, of twice the files (row 9a: twice the motors), and of
twice the trains in as many files.
"""


def page(document: dict[str, Any]) -> str:
    """The page for one set of measurements."""
    remarks = REMARKS.read_text(encoding="utf-8").rstrip()
    lines = [INTRODUCTION, *_machine(document), "", *_table(document["rows"]), "", remarks]
    if document.get("growth"):
        grown = [growth.HEADINGS, *map(growth.cells, document["growth"])]
        lines += [GROWTH, *results.markdown(grown)]
    return "\n".join(lines) + "\n"


def write(document: dict[str, Any], path: Path) -> None:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(document), encoding="utf-8")


def _machine(document: dict[str, Any]) -> Iterable[str]:
    facts = document["machine"]
    repeat = f"size {document['size']}, median of {document['repeat']}"
    versions = ", ".join(f"{name} {facts[name]}" for name in ("extra_data", "h5py", "numpy"))
    yield f"- Measured on {facts['date']}, commit `{facts['commit']}`, {repeat}."
    yield (
        f"- {facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB,"
        f" {facts['system']}."
    )
    yield f"- Python {facts['Python']}, {versions}."


def _table(rows: list[dict[str, Any]]) -> list[str]:
    return results.markdown([results.HEADINGS, *map(results.cells, rows)])
