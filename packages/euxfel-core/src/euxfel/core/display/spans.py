"""From which train to which, and what is not as it should be on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess.distinct import without

from .durations import seconds_of_trains

# Ranges that are worth naming; whoever wants them all looks at the train IDs.
_NAMED_RANGES = 5


@dataclass(frozen=True, slots=True)
class TrainSpan:
    """Trains of a selection; suspect ones decide nothing here but are named apart.

    Attributes
    ----------
    n_trains : int
        Number of trains, suspect ones included.
    first, last : int or None
        First and last train; None if there is none to trust.
    seconds : float
        Time from first to last, 0 if there is none.
    n_absent : int
        Number of train IDs between first and last that are not there.
    absent : tuple of (int, int)
        The first few ranges of them, both ends included.
    suspect : tuple of int
        Trains whose IDs did not come from the time server.
    """

    n_trains: int
    first: int | None
    last: int | None
    seconds: float
    n_absent: int
    absent: tuple[tuple[int, int], ...]
    suspect: tuple[int, ...]


def train_span(train_ids: Iterable[int], suspect_ids: Iterable[int] = ()) -> TrainSpan:
    """Give the span of trains.

    Examples
    --------
    >>> from euxfel.core.display.spans import train_span
    >>> span = train_span([10, 11, 14, 2**64 - 1], [2**64 - 1])
    >>> span.first, span.last, span.seconds, span.absent
    (10, 14, 0.5, ((12, 13),))
    """
    ids = _as_ids(train_ids)
    good = without(ids, _as_ids(suspect_ids))
    suspect = tuple(int(t) for t in without(ids, good))
    if not len(good):
        return TrainSpan(len(ids), None, None, 0.0, 0, (), suspect)
    first, last = int(good[0]), int(good[-1])
    return TrainSpan(
        n_trains=len(ids),
        first=first,
        last=last,
        seconds=seconds_of_trains(first, last),
        n_absent=last - first + 1 - len(good),
        absent=_absent_ranges(good),
        suspect=suspect,
    )


def format_ids(ids: Iterable[int], limit: int = 5) -> str:
    """Give the first few of some train IDs.

    Examples
    --------
    >>> from euxfel.core.display.spans import format_ids
    >>> format_ids([10, 12, 14], limit=2)
    '10, 12, ...'
    """
    listed = [str(i) for i in ids]
    return ", ".join(listed[:limit] + ["..."] * (len(listed) > limit))


def format_absent(span: TrainSpan) -> str:
    """Give the absent trains of a span, as far as they are named."""
    ranges = [str(a) if a == b else f"{a} to {b}" for a, b in span.absent]
    named = sum(b - a + 1 for a, b in span.absent)
    return ", ".join(ranges + ["..."] * (named < span.n_absent))


def _as_ids(ids: Iterable[int]) -> NDArray[np.uint64]:
    return np.array([int(i) for i in ids], dtype=np.uint64)


def _absent_ranges(good: NDArray[np.uint64]) -> tuple[tuple[int, int], ...]:
    before = np.flatnonzero(np.diff(good) > 1)[:_NAMED_RANGES]
    return tuple((int(good[i]) + 1, int(good[i + 1]) - 1) for i in before)
