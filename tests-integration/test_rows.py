"""Every row of what real data does is named by a test of the package that answers for it.

The rows are the known conditions of data and of its use (see ``docs`` on what is checked). A test
names the rows that it proves in its docstring, or in that of its module or class: this list keeps
them from being lost when tests move. ``bar R9`` is another thing than row R9.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# By package, the rows that it answers for.
OWNERS = {
    "fileaccess": """
        B13 B14 B15 B16 B17 B20 B23 B24 B25 B29 B30 B31 B32 B39 B44 B45 B46 B48 B49
        R2 R2b R3 R5 R6 R7 R8 F3 F4 F6
    """,
    "core": "B1 B2 B3 B8 B9 B10 B11 B12 B18 B19 B22 B26 B27 B28 B40 B41 B43 B51 R9",
    "components": "B4 B5 B7 B28 B33 B34 B35 B36 B38 R1 R10 R11",
    "writer": "B47 F1 F2 R12",
    "validate": "B45 B46",
    "export": "B20 F5",
}
# What is seen from outside only: several processes, folders under the hands of others.
TOGETHER = "B24 B25 B29 B30 B31 B32 B44 R6 F3 F4 F6"

ROW = r"[BRF]\d+b?"
NAMED = re.compile(rf"\b{ROW}\b")
BARS = re.compile(rf"[Bb]ars? {ROW}\b(,? (and |or )?{ROW}\b)*|\b{ROW} of the bars")


def rows_in(text: str) -> list[str]:
    return NAMED.findall(BARS.sub("", text))


def docstrings(path: Path) -> Iterator[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, kinds):
            yield ast.get_docstring(node) or ""


@cache
def rows_named_in(folder: Path) -> frozenset[str]:
    files = [path for path in folder.rglob("*.py") if path.name != Path(__file__).name]
    return frozenset(row for path in files for text in docstrings(path) for row in rows_in(text))


def wanted() -> list[tuple[str, str]]:
    return [(owner, row) for owner, rows in OWNERS.items() for row in rows.split()]


@pytest.mark.parametrize("owner", OWNERS)
def test_rows_are_named_by_tests_of_their_package(owner: str) -> None:
    named = rows_named_in(ROOT / "packages" / f"euxfel-{owner}" / "tests")
    assert [row for row in OWNERS[owner].split() if row not in named] == []


def test_rows_are_named_by_tests_of_all_packages_together() -> None:
    named = rows_named_in(ROOT / "tests-integration")
    assert [row for row in TOGETHER.split() if row not in named] == []


def test_bars_are_not_rows() -> None:
    """A test of a bar proves nothing about the row with the same number."""
    assert rows_in("B4, R5: what. Bars R9 and R10.") == ["B4", "R5"]
    assert rows_in("F6, R2 of the bars: bytes. See bar R11, or bars R9.") == ["F6"]
