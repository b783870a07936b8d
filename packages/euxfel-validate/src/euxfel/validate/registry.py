"""The checks there are: small generator functions, found by their decorator.

A check of files takes a `FileContents`, a check of runs a `RunContents`; both yield a `Finding`
for each thing that is wrong. Name, severity and docstring of the function are what users see:
the first line says what is wrong if it finds something, the rest what that means and what to do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from euxfel.fileaccess import ProblemKind

from .finding import Finding, Severity

if TYPE_CHECKING:
    from .file_contents import FileContents
    from .run_contents import RunContents

# What one check may say about one file: a report of a million lines helps nobody.
FINDINGS_MAX = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One check.

    Attributes
    ----------
    function : callable
        Takes what is checked, yields findings.
    scope : {"file", "run"}
        What it looks at.
    severity : Severity
        How bad it is when it finds something.
    deep : bool
        Whether it reads all data, and is only done when asked for.
    """

    function: Callable[[Any], Iterable[Finding]]
    scope: Literal["file", "run"]
    severity: Severity
    deep: bool = False

    @property
    def name(self) -> str:
        """Name of the check, for ``skip_checks`` and reports."""
        return self.function.__name__

    @property
    def __name__(self) -> str:
        return self.name

    @property
    def summary(self) -> str:
        """What is wrong if it finds something, in one line."""
        return self._paragraphs[0]

    @property
    def advice(self) -> str:
        """What that means, and what to do."""
        return "\n\n".join(self._paragraphs[1:])

    @property
    def _paragraphs(self) -> list[str]:
        text = inspect.getdoc(self.function) or ""
        return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]

    def __call__(self, contents: Any) -> Iterator[Finding]:
        """Give what is found, never an exception for what stands in a file."""
        try:
            for number, found in enumerate(self.function(contents)):
                if number == FINDINGS_MAX:
                    yield self._signed(_no_more(found))
                    return
                yield self._signed(found)
        except Exception as exc:  # noqa: BLE001 - a file may make any library raise anything
            # Escaped: the text may be from the file.
            why = ascii(str(exc) or type(exc).__name__)[1:-1]
            message = f"this check could not be completed, the file may be damaged: {why}"
            yield self._signed(Finding(ProblemKind.DAMAGED_DATA, message))

    def _signed(self, found: Finding) -> Finding:
        return replace(found, check=self.name, severity=self.severity)


def _no_more(found: Finding) -> Finding:
    message = f"there is more: only the first {FINDINGS_MAX} are listed"
    return Finding(found.kind, message, file=found.file)


#: All checks, in the order in which they are made and listed.
CHECKS: list[Check] = []


def file_check(
    severity: Severity, *, deep: bool = False
) -> Callable[[Callable[[FileContents], Iterable[Finding]]], Check]:
    """Enter a generator function as a check of files."""
    return lambda function: _entered(Check(function, "file", severity, deep))


def run_check(
    severity: Severity,
) -> Callable[[Callable[[RunContents], Iterable[Finding]]], Check]:
    """Enter a generator function as a check of runs."""
    return lambda function: _entered(Check(function, "run", severity))


def _entered(check: Check) -> Check:
    if any(known.name == check.name for known in CHECKS):
        raise ValueError(f"there is a check called {check.name} already")
    CHECKS.append(check)
    return check


def chosen(scope: str, skip: Iterable[str], deep: bool) -> list[Check]:
    """Give the checks to be made."""
    skipped = set(skip)
    return [
        check
        for check in CHECKS
        if check.scope == scope and check.name not in skipped and (deep or not check.deep)
    ]
