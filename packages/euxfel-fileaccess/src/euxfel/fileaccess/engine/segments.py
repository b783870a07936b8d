"""Runs of rows as arrays: where they start, how many, and where they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .request import I64


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Runs of consecutive rows, each with its place in the destination.

    Attributes
    ----------
    start : ndarray of int64
        First row of each run.
    count : ndarray of int64
        Rows in each run, at least 1.
    dest : ndarray of int64
        Destination row of each run's first row.
    """

    start: I64
    count: I64
    dest: I64

    def __len__(self) -> int:
        return len(self.start)

    @property
    def stop(self) -> I64:
        """One past the last row of each run."""
        return self.start + self.count

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Segments:
        """Some of the runs, in another order if need be."""
        return Segments(self.start[which], self.count[which], self.dest[which])

    def shifted(self, rows: int | I64) -> Segments:
        """The same runs with other row numbers."""
        return Segments(self.start + rows, self.count, self.dest)

    def rows(self) -> tuple[I64, I64]:
        """Every single row and its place in the destination."""
        within = np.arange(int(self.count.sum())) - np.repeat(_before(self.count), self.count)
        start, dest = np.repeat(self.start, self.count), np.repeat(self.dest, self.count)
        return start + within, dest + within


def from_ranges(rows: I64) -> Segments:
    """Runs for half-open ranges, filling the destination one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.fileaccess.engine.segments import from_ranges
    >>> s = from_ranges(np.array([[4, 6], [6, 7], [0, 0], [1, 2]]))
    >>> s.start.tolist(), s.count.tolist(), s.dest.tolist()
    ([4, 1], [3, 1], [0, 3])
    """
    count = rows[:, 1] - rows[:, 0]
    segments = Segments(rows[:, 0], count, _before(count))
    return joined(segments.take(count > 0)) if len(rows) > 1 or not count.all() else segments


def joined(segments: Segments, same: NDArray[np.bool_] | None = None) -> Segments:
    """Make one run of neighbours that follow each other in the source and the destination.

    ``same[i]`` false keeps run ``i + 1`` apart from run ``i``.
    """
    if len(segments) < 2:
        return segments
    follows = (segments.start[1:] == segments.stop[:-1]) & (
        segments.dest[1:] == segments.dest[:-1] + segments.count[:-1]
    )
    if same is not None:
        follows &= same
    if not follows.any():
        return segments
    first = np.flatnonzero(np.concatenate(([True], ~follows)))
    return Segments(
        segments.start[first], np.add.reduceat(segments.count, first), segments.dest[first]
    )


def split(segments: Segments, every: int) -> tuple[Segments, I64]:
    """Cut runs at multiples of ``every`` rows; also the number of the block each piece is in."""
    first = segments.start // every
    pieces = (segments.stop - 1) // every - first + 1
    if pieces.size == 0 or int(pieces.max()) == 1:
        return segments, first
    which = np.repeat(np.arange(len(segments)), pieces)
    block = np.arange(len(which)) - np.repeat(_before(pieces), pieces) + first[which]
    start = np.maximum(segments.start[which], block * every)
    stop = np.minimum(segments.stop[which], (block + 1) * every)
    dest = segments.dest[which] + (start - segments.start[which])
    return Segments(start, stop - start, dest), block


def _before(count: I64) -> I64:
    return np.cumsum(count) - count
