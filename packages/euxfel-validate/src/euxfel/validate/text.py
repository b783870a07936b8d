"""A report for people, as plain lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from .finding import Finding, Severity
from .grouping import FindingGroup, group_findings

EXAMPLES = 3


def report_lines(findings: Sequence[Finding], examples: int | None = EXAMPLES) -> list[str]:
    r"""Give a report, one kind of problem after the other.

    Parameters
    ----------
    findings : sequence of Finding
        What was found.
    examples : int or None, optional
        How many places to name of each kind; None names all.

    Returns
    -------
    list of str
        Lines that can be shown on any terminal: what is no printable text is escaped.

    Examples
    --------
    >>> from euxfel.fileaccess import ProblemKind
    >>> from euxfel.validate import Finding, report_lines
    >>> gap = Finding(
    ...     ProblemKind.INDEX_GAP, "3 row(s) belong to no train", "/run/a.h5", "INDEX/A/image",
    ...     source="A", check="index_instrument",
    ... )
    >>> print("\n".join(report_lines([gap])))
    1 error
    <BLANKLINE>
    error    index-gap (index_instrument): 1 source in 1 file
             a.h5 INDEX/A/image: 3 row(s) belong to no train
    """
    groups = group_findings(findings)
    lines = [summary_line(findings)]
    for group in groups:
        lines += ["", *group_lines(group, examples)]
    return [printable(line) for line in lines]


def summary_line(findings: Iterable[Finding]) -> str:
    """Count errors and warnings, for instance ``"2 errors, 1 warning"``."""
    found = [finding.severity for finding in findings]
    counts = [(found.count(severity), severity.value) for severity in Severity]
    said = [f"{n} {what}{'s' * (n != 1)}" for n, what in counts if n]
    return ", ".join(said) or "no problems"


def group_lines(group: FindingGroup, examples: int | None) -> Iterator[str]:
    """Give the lines about one kind of problem: what and where, then places."""
    yield f"{group.severity.value:8} {group.kind.value} ({group.check}): {group.extent}"
    shown = group.findings[:examples]
    for found in shown:
        parts = (_name(found.file), found.dataset or found.source)
        place = " ".join(part for part in parts if part)
        yield f"{'':8} {place}: {found.message}" if place else f"{'':8} {found.message}"
    if len(shown) < len(group.findings):
        yield f"{'':8} and {len(group.findings) - len(shown)} more"


def _name(file: str | None) -> str:
    return "" if file is None else os.path.basename(file)


def printable(text: str) -> str:
    """Escape what must not reach a terminal: control characters, and bytes that are no text."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
