"""The benchmarks run, small: no time is asserted, but both libraries must give the same results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NAMES = {
    *("1", "2", "3", "3c", "4", "5", "6b", "6g", "6m", "7", "7c", "7d", "7j"),
    *("8a", "8b", "8c", "8d", "8e", "9a", "9b", "10", "11", "12", "13a", "13b", "13c", "14"),
    *("15", "16", "17a", "17b", "18"),
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HERE / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark-data")


@pytest.fixture(scope="module")
def measured(data: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    written = data / "results.json"
    arguments = ["--required", "--repeat", "1", "--data", str(data)]
    done = run(*arguments, "--json", str(written), "--report", str(data / "performance.md"))
    return done, json.loads(written.read_text())


def test_every_workload_runs_and_both_libraries_agree(measured: Any) -> None:
    done, document = measured
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row["name"] for row in document["rows"] if not row["same_answer"]] == []


def test_every_row_has_a_result_of_each_installed_library(measured: Any) -> None:
    _, document = measured
    assert {row["name"] for row in document["rows"]} == NAMES
    results = [(row["name"], runs) for row in document["rows"] for runs in row["libraries"].items()]
    without = [name for name, (_, runs) in results if "median" not in runs and not runs["missing"]]
    assert without == []


def test_the_report_has_a_line_for_each_row(measured: Any, data: Path) -> None:
    _, document = measured
    page = (data / "performance.md").read_text()
    assert all(f"| {row['name']} | {row['title']} |" in page for row in document["rows"])
    assert document["machine"]["commit"] in page
    assert (HERE / "below_the_bar.md").read_text().strip() in page


def test_a_row_that_does_not_exist_is_named(data: Path) -> None:
    done = run("--rows", "99", "--data", str(data))
    assert done.returncode == 1
    assert "no row 99" in done.stderr
