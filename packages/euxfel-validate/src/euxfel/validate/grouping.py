"""Findings put together, so that one defect in many places is one thing to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from euxfel.fileaccess import ProblemKind
from euxfel.fileaccess.cached import cached_property

from .finding import Finding, Severity


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one kind, by one check.

    Attributes
    ----------
    check : str
        Name of the check.
    kind : ProblemKind
        What is wrong.
    severity : Severity
        How bad it is.
    findings : tuple of Finding
        In the order in which they were found.
    """

    check: str
    kind: ProblemKind
    severity: Severity
    findings: tuple[Finding, ...]

    @cached_property
    def files(self) -> list[str]:
        """Files concerned."""
        return sorted({finding.file for finding in self.findings if finding.file is not None})

    @cached_property
    def sources(self) -> list[str]:
        """Sources concerned."""
        return sorted({finding.source for finding in self.findings if finding.source is not None})

    @property
    def extent(self) -> str:
        """How far it goes, such as ``"80 sources in 16 files"``.

        Examples
        --------
        >>> from euxfel.fileaccess import ProblemKind
        >>> from euxfel.validate import Finding, group_findings
        >>> found = [
        ...     Finding(ProblemKind.INDEX_GAP, "2 rows", "a.h5", source=f"MOTOR/{n}")
        ...     for n in range(80)
        ... ]
        >>> [group.extent for group in group_findings(found)]
        ['80 sources in 1 file']
        """
        files = _counted(len(self.files), "file")
        if self.sources:
            sources = _counted(len(self.sources), "source")
            return f"{sources} in {files}" if files else sources
        return files or "the run"


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}" if n else ""


def group_findings(findings: Iterable[Finding]) -> list[FindingGroup]:
    """Put findings of one kind and check together, errors before warnings."""
    groups: dict[tuple[str, ProblemKind, Severity], list[Finding]] = {}
    for found in findings:
        groups.setdefault((found.check, found.kind, found.severity), []).append(found)
    grouped = [FindingGroup(*key, tuple(some)) for key, some in groups.items()]
    return sorted(grouped, key=lambda group: list(Severity).index(group.severity))
