"""A report for build servers, as JUnit XML: one test case a check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from .finding import Finding
from .grouping import FindingGroup, group_findings
from .registry import Check
from .text import group_lines, printable, summary_line

# What XML cannot hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report_junit(findings: Sequence[Finding], path: str, checks: Iterable[Check]) -> str:
    """Give a report as JUnit XML.

    Parameters
    ----------
    findings : sequence of Finding
        What was found.
    path : str
        What was checked; the name of the test suite.
    checks : iterable of Check
        The checks that were made, a test case each.

    Examples
    --------
    >>> from euxfel.validate import report_junit
    >>> report_junit([], "/run", []).splitlines()[1]
    '<testsuites name="euxfel validate" tests="0" failures="0">'
    """
    groups = group_findings(findings)
    names = list(dict.fromkeys([*(check.name for check in checks), *(g.check for g in groups)]))
    failed = {group.check for group in groups}
    numbers = {"tests": str(len(names)), "failures": str(len(failed))}
    suites = ET.Element("testsuites", {"name": "euxfel validate", **numbers})
    suite = ET.SubElement(suites, "testsuite", {"name": _text(path), **numbers})
    for name in names:
        case = {"classname": "euxfel.validate", "name": name}
        element = ET.SubElement(suite, "testcase", case)
        _add_failure(element, [group for group in groups if group.check == name])
    ET.indent(suites)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(suites, "unicode")


def _add_failure(case: ET.Element, groups: list[FindingGroup]) -> None:
    # Readers of the format expect one failure in a test case at most.
    if not groups:
        return
    findings = [finding for group in groups for finding in group.findings]
    kinds = ", ".join(group.kind.value for group in groups)
    about = {"type": kinds, "message": summary_line(findings)}
    failure = ET.SubElement(case, "failure", about)
    lines = [line for group in groups for line in group_lines(group, None)]
    failure.text = _text("\n".join(map(printable, lines)))


def _text(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
