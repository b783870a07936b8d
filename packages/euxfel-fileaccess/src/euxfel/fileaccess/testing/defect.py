"""What a defect is: a value that says where, and a way to change a file's description."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from .files import SimulatedFile


@dataclass(frozen=True, kw_only=True)
class Defect:
    """Something wrong with some files of a run.

    Subclasses override `apply`. Most change the description, so that the truth changes with it;
    the others have the written file damaged, and then the description says what was there before.

    Attributes
    ----------
    aggregator : str
        Files of the aggregators that match this glob; all by default.
    sequence : int, optional
        The sequence file with this number; all by default.
    """

    aggregator: str = "*"
    sequence: int | None = None

    def affects(self, file: SimulatedFile) -> bool:
        """Say whether the defect is in this file."""
        here = fnmatchcase(file.aggregator, self.aggregator)
        return here and self.sequence in (None, file.sequence)

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the defect."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it changes")
