"""What a check found, as values: shown, compared, counted, kept as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from numpy.typing import NDArray

from euxfel.fileaccess import ProblemKind

# A finding names so many trains at most: the message says how many there are.
TRAINS_MAX = 100


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding(Mapping[str, Any]):
    """One thing that is wrong with a file or a run, and where.

    Also a mapping, for code written for EXtra-data: ``finding["msg"]``, ``finding["file"]`` and
    so on, with the fields that are not empty.

    Attributes
    ----------
    kind : ProblemKind
        What is wrong; equal to its string, for instance ``"index-gap"``.
    message : str
        The same for people.
    file : str or None
        Path of the file, None if the whole run is concerned.
    dataset : str or None
        Path of the HDF5 dataset or group.
    source : str or None
        Name of the source.
    trains : tuple of int
        Train IDs concerned, the first 100 of many; empty if it is not about certain trains.
    check : str
        Name of the check that found it.
    severity : Severity
        ``"error"`` or ``"warning"``.

    Examples
    --------
    >>> from euxfel.fileaccess import ProblemKind
    >>> from euxfel.validate import Finding
    >>> finding = Finding(ProblemKind.ZERO_TRAIN_ID, "a train ID is 0", dataset="INDEX/trainId")
    >>> finding.kind, finding["msg"], finding["dataset"]
    (<ProblemKind.ZERO_TRAIN_ID: 'zero-train-id'>, 'a train ID is 0', 'INDEX/trainId')
    """

    kind: ProblemKind
    message: str
    file: str | None = None
    dataset: str | None = None
    source: str | None = None
    trains: tuple[int, ...] = ()
    check: str = ""
    severity: Severity = Severity.ERROR

    def _filled(self) -> dict[str, Any]:
        found = {"msg": self.message, **self.to_json()}
        del found["message"]
        return {name: value for name, value in found.items() if value not in (None, [], "")}

    def __getitem__(self, name: str) -> Any:
        return self._filled()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._filled())

    def __len__(self) -> int:
        return len(self._filled())

    def to_json(self) -> dict[str, Any]:
        """Give all fields as JSON carries them."""
        return {
            "kind": self.kind.value,
            "message": self.message,
            "file": self.file,
            "dataset": self.dataset,
            "source": self.source,
            "trains": list(self.trains),
            "check": self.check,
            "severity": self.severity.value,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        """Make the finding that `to_json` was called on."""
        return cls(
            **{
                **fields,
                "kind": ProblemKind(fields["kind"]),
                "severity": Severity(fields["severity"]),
                "trains": tuple(fields["trains"]),
            }
        )


def some_trains(trains: Sequence[int] | NDArray[Any]) -> tuple[int, ...]:
    """Give the first train IDs of many, as a finding names them."""
    return tuple(int(train) for train in trains[:TRAINS_MAX])
