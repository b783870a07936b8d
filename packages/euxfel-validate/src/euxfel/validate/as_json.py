"""A report for programs, as JSON carries it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .finding import Finding, Severity
from .grouping import group_findings
from .registry import Check

#: The number is raised when a field changes its meaning or goes; new fields may come without.
SCHEMA = "euxfel.validate/1"


def report_json(
    findings: Sequence[Finding], path: str, files: int, checks: Iterable[Check]
) -> dict[str, Any]:
    """Give a report as a document with a versioned schema.

    Parameters
    ----------
    findings : sequence of Finding
        What was found.
    path : str
        What was checked.
    files : int
        How many files that is.
    checks : iterable of Check
        The checks that were made.

    Examples
    --------
    >>> from euxfel.validate import report_json
    >>> report_json([], "/run", 3, [])["ok"]
    True
    """
    found = [finding.severity for finding in findings]
    return {
        "schema": SCHEMA,
        "path": path,
        "files": files,
        "ok": not findings,
        "counts": {severity.value: found.count(severity) for severity in Severity},
        "checks": [check.name for check in checks],
        "groups": [
            {
                "check": group.check,
                "kind": group.kind.value,
                "severity": group.severity.value,
                "count": len(group.findings),
                "files": len(group.files),
                "sources": len(group.sources),
            }
            for group in group_findings(findings)
        ],
        "problems": [finding.to_json() for finding in findings],
    }
