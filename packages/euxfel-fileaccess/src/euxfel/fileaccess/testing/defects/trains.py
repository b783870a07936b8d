"""Defects in the list of trains of a file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..defect import Defect
from ..files import SimulatedFile


@dataclass(frozen=True, kw_only=True)
class TrainsMissing(Defect):
    """Some trains are absent: from the file, or from one source of it (B1, B4, B19).

    Attributes
    ----------
    train_ids : collection of int
        The trains.
    source : str, optional
        Name of a source, which then has no entries for them.
    """

    train_ids: Collection[int]
    source: str | None = None

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file without these trains."""
        if self.source is None:
            left = [t for t in file.train_ids if t not in self.train_ids]
            return replace(file, train_ids=left)
        if not file.holds(self.source):
            return file
        return file.with_source(file.source(self.source).without_trains(self.train_ids))


@dataclass(frozen=True, kw_only=True)
class TrainsSwapped(Defect):
    """Two neighbouring trains are stored in the wrong order (B3)."""

    position: int = 3

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with its trains in the other order."""
        ids, at = list(file.train_ids), self.position
        ids[at : at + 2] = ids[at : at + 2][::-1]
        return replace(file, train_ids=ids)


@dataclass(frozen=True, kw_only=True)
class RogueTrain(Defect):
    """The ID of one train is far off, and did not come from the time server (B8, B9).

    Attributes
    ----------
    train_id : int
        The wrong ID, for instance 5, 10 ** 9 or 2 ** 64 - 1.
    position : int
        Position of the train in the file.
    flagged : bool
        Whether ``INDEX/flag`` says so; format 0.5 has no flag.
    """

    train_id: int
    position: int = 3
    flagged: bool = True

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the wrong ID."""
        suspect = file.suspect | {self.train_id}
        return replace(
            _with_id(file, self.position, self.train_id), suspect=suspect, flagged=self.flagged
        )


@dataclass(frozen=True, kw_only=True)
class TrainTwice(Defect):
    """A train is stored twice: the next one has its ID too (R3)."""

    position: int = 3

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the repeated ID."""
        return _with_id(file, self.position + 1, file.train_ids[self.position])


@dataclass(frozen=True, kw_only=True)
class ZeroTrainID(Defect):
    """The ID of a train in the middle is 0, as if it were padding (B17)."""

    position: int = 3

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the zero."""
        return _with_id(file, self.position, 0)


@dataclass(frozen=True, kw_only=True)
class NoTrains(Defect):
    """The file holds no train (B11)."""

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file without trains."""
        return replace(file, train_ids=())


@dataclass(frozen=True, kw_only=True)
class Overlap(Defect):
    """The file begins with the last trains of the file before it (B48)."""

    trains: int = 2

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with earlier trains in front."""
        first = file.train_ids[0]
        return replace(file, train_ids=[*range(first - self.trains, first), *file.train_ids])


def _with_id(file: SimulatedFile, position: int, train_id: int) -> SimulatedFile:
    ids = list(file.train_ids)
    ids[position] = train_id
    return replace(file, train_ids=ids)
