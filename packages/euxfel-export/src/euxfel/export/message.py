"""What goes over the wire for one train, whichever version of the protocol carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Values = Mapping[str, Any]
TrainData = Mapping[str, Values]
Part = bytes | memoryview
Version = Literal["2.2", "1.0"]

VERSIONS: tuple[Version, ...] = ("2.2", "1.0")

REQUEST = b"next"
BAD_REQUEST = b"Error: bad request "

# Headers of the protocol are dictionaries of which clients read the entries they know. What we
# say beyond the protocol is under this one name, so that it can never meet a name of theirs.
BEYOND = "euxfel"

# The first part of messages and identities that only our own server and client exchange.
OURS = b"euxfel:"
END = OURS + b"end"
# From a subscriber: a name of its own, and how many trains it missed so far.
LOST = OURS + b"lost"


@dataclass(frozen=True)
class Place:
    """Where a train is in its stream.

    Attributes
    ----------
    sequence : int
        Number of the train, from 0 on without gaps: what is missing was lost on the way.
    last : bool
        Whether the stream ends after it.
    """

    sequence: int
    last: bool = False


@dataclass(frozen=True)
class Message:
    """One train, encoded.

    Attributes
    ----------
    train_id : int or None
        For reports; None if the data does not tell.
    parts : sequence of bytes or memoryview
        One ZeroMQ message. Views are of the arrays that were encoded: these must stay as they
        are until the message was sent.
    """

    train_id: int | None
    parts: Sequence[Part]

    @property
    def n_bytes(self) -> int:
        """Size of all parts."""
        return sum(map(len, self.parts))


@dataclass(frozen=True)
class Train:
    """One train, decoded.

    Attributes
    ----------
    data : dict
        Values by source and key.
    metadata : dict
        Per source: ``source``, ``timestamp.tid`` and times, as far as the server tells.
    place : Place or None
        None if the server does not count its trains.
    """

    data: dict[str, dict[str, Any]]
    metadata: dict[str, dict[str, Any]]
    place: Place | None = field(default=None)

    @property
    def train_id(self) -> int | None:
        """ID of the train, if the server tells it."""
        return train_id_of(self.metadata)


def train_id_of(metadata: Mapping[str, Values]) -> int | None:
    """Give the ID of a train by the metadata of its sources."""
    found = (values.get("timestamp.tid") for values in metadata.values())
    return next((int(tid) for tid in found if isinstance(tid, int)), None)
