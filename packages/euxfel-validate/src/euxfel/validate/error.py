"""The error that says what is wrong with a file or a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from euxfel.fileaccess import EuxfelError

from .finding import Finding
from .text import report_lines


class ValidationError(EuxfelError, ValueError):
    """A file or a run is not as it should be.

    Attributes
    ----------
    problems : list of Finding
        All that was found.
    """

    def __init__(self, problems: Sequence[Finding] = ()) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(report_lines(self.problems)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)
