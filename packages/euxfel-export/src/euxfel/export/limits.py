"""How much a client takes from a server before it says no."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a message may be at most.

    Attributes
    ----------
    n_bytes : int
        All parts together.
    n_parts : int
        Number of parts.
    """

    n_bytes: int = 8 * 2**30
    n_parts: int = 200_000


DEFAULT_LIMITS = Limits()
