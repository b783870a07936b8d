"""What became of the trains of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class StreamReport:
    """What became of the trains so far.

    Attributes
    ----------
    sent : int
        Trains that were sent, each counted once.
    acknowledged : int
        Trains after which their client asked for another (REP).
    sent_again : list of int
        IDs of trains that went to another client because the first one had gone (REP).
    unacknowledged : list of int
        IDs of trains that no client is known to have received (REP).
    lost : list of int
        IDs of trains at which a subscriber was found to be behind (PUB). It missed these, and may
        have missed more until it had caught up: ZeroMQ does not tell.
    missed : int
        Trains that subscribers with our client have said they missed (PUB).
    unsent : list of int
        IDs of trains that waited when the server was stopped.
    bad_requests : int
        Messages of clients that were no requests. They cost no train.
    """

    sent: int = 0
    acknowledged: int = 0
    sent_again: list[int | None] = field(default_factory=list)
    unacknowledged: list[int | None] = field(default_factory=list)
    lost: list[int | None] = field(default_factory=list)
    missed: int = 0
    unsent: list[int | None] = field(default_factory=list)
    bad_requests: int = 0

    def __str__(self) -> str:
        counts = {
            "sent again": len(self.sent_again),
            "unacknowledged": len(self.unacknowledged),
            "lost": len(self.lost),
            "missed by subscribers": self.missed,
            "unsent": len(self.unsent),
            "bad requests": self.bad_requests,
        }
        return ", ".join(
            [f"{self.sent} trains sent", *(f"{n} {w}" for w, n in counts.items() if n)]
        )
