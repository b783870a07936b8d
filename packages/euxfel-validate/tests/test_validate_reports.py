"""Reports: one line for a defect in many places, facts for programs, files for build servers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from euxfel.fileaccess import ProblemKind
from euxfel.fileaccess.testing.defects import CASES
from euxfel.validate import (
    CHECKS,
    Check,
    Finding,
    RunValidator,
    Severity,
    report_json,
    report_junit,
    report_lines,
)
from euxfel.validate.registry import FINDINGS_MAX, file_check

GAP = ProblemKind.INDEX_GAP


def gaps(n: int) -> list[Finding]:
    return [
        Finding(GAP, f"{i + 1} row(s)", f"/run/F{i % 16}.h5", f"INDEX/M{i}", f"M{i}", check="c")
        for i in range(n)
    ]


def test_a_defect_in_80_sources_is_one_line_with_a_count() -> None:
    """Issue 7, Validation."""
    lines = report_lines(gaps(80))
    assert lines == [
        "80 errors",
        "",
        "error    index-gap (c): 80 sources in 16 files",
        "         F0.h5 INDEX/M0: 1 row(s)",
        "         F1.h5 INDEX/M1: 2 row(s)",
        "         F2.h5 INDEX/M2: 3 row(s)",
        "         and 77 more",
    ]
    assert len(report_lines(gaps(80), examples=None)) == 83


def test_errors_come_before_warnings() -> None:
    warning = Finding(GAP, "w", check="a", severity=Severity.WARNING)
    error = Finding(GAP, "e", check="b")
    lines = report_lines([warning, error, warning])
    assert lines[0] == "1 error, 2 warnings"
    assert [line.split()[0] for line in lines if "index-gap" in line] == ["error", "warning"]


def test_nothing_found_is_said() -> None:
    assert report_lines([]) == ["no problems"]


def test_what_stands_in_a_file_cannot_write_to_the_terminal() -> None:
    """Reliability, names: terminal escapes are not printed raw."""
    found = Finding(GAP, "x\x1b[31m\n\udce9", "/run/a\x07.h5")
    assert report_lines([found])[-1] == "         a\\x07.h5: x\\x1b[31m\\n\\udce9"


def test_json_tells_the_same_and_comes_back(tmp_path: Path) -> None:
    """The schema is versioned; each problem has all fields."""
    folder = CASES["index-short"].run.write(tmp_path).path
    found = RunValidator(folder, isolate=False).run_checks()
    document = json.loads(json.dumps(report_json(found, str(folder), 5, CHECKS)))
    assert document["schema"] == "euxfel.validate/1"
    assert (document["path"], document["files"], document["ok"]) == (str(folder), 5, False)
    assert document["counts"] == {"error": 1, "warning": 0}
    assert document["checks"] == [check.name for check in CHECKS]
    assert [Finding.from_json(problem) for problem in document["problems"]] == found
    (group,) = document["groups"]
    assert (group["check"], group["kind"], group["count"]) == ("index_length", "index-short", 1)


def test_junit_has_a_case_for_every_check_and_a_failure_for_what_it_found() -> None:
    warning = Finding(ProblemKind.BAD_CACHE, "old\x1b \udce9", check="run_json_cache")
    text = report_junit([warning, *gaps(2)], "/run/\x01", CHECKS)
    suite = ET.fromstring(text)[0]
    cases = {case.get("name"): list(case) for case in suite}
    assert set(cases) == {check.name for check in CHECKS} | {"c"}
    assert {name for name, failures in cases.items() if failures} == {"run_json_cache", "c"}
    assert (suite.get("tests"), suite.get("failures")) == (str(len(cases)), "2")
    assert "M1: 2 row(s)" in str(cases["c"][0].text)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_says_what_it_means_and_what_to_do(check: Check) -> None:
    """What users see of a check is its docstring."""
    assert check.summary.endswith(".")
    assert len(check.summary) < 100
    assert check.advice


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A total function: no exception leaves it."""
    monkeypatch.setattr("euxfel.validate.registry.CHECKS", [])

    @file_check(Severity.ERROR)
    def gives_up(contents: object) -> list[Finding]:
        raise ZeroDivisionError("by \x1b")

    (found,) = gives_up(None)
    assert (found.check, found.kind) == ("gives_up", "damaged-data")
    assert "by \\x1b" in found.message


def test_a_check_cannot_flood_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("euxfel.validate.registry.CHECKS", [])

    @file_check(Severity.WARNING)
    def floods(contents: object) -> list[Finding]:
        return gaps(FINDINGS_MAX + 5)

    found = list(floods(None))
    assert len(found) == FINDINGS_MAX + 1
    assert "there is more" in found[-1].message
    with pytest.raises(ValueError, match="called floods already"):
        file_check(Severity.ERROR)(floods.function)
