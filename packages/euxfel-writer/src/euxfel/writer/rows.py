"""Which rows go to a new dataset, in which order, and how many of them belong to each train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from euxfel.core.entries import EntryTable

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of several files, one range after the other.

    Attributes
    ----------
    file : ndarray of int64, shape (ranges,)
        Position of the file among the source's files.
    first, size : ndarray of int64
        First row in that file, and how many.
    place : ndarray of int64
        Where the range goes in the new dataset.
    total : int
        Rows in all.
    """

    file: I64
    first: I64
    size: I64
    place: I64
    total: int

    @classmethod
    def of(cls, file: I64, first: I64, size: I64) -> Rows:
        """Put ranges one after the other."""
        return cls(file, first, size, np.cumsum(size) - size, int(size.sum()))

    @classmethod
    def of_entries(cls, entries: EntryTable) -> Rows:
        """Give all rows of some entries, in as few ranges as there can be."""
        pieces = entries.pieces
        if not pieces:
            none = np.zeros(0, np.int64)
            return cls.of(none, none, none)
        ranges = np.concatenate([p.ranges for p in pieces])
        file = np.repeat([p.file for p in pieces], [len(p.ranges) for p in pieces])
        return cls.of(file.astype(np.int64), ranges[:, 0], ranges[:, 1] - ranges[:, 0])

    @classmethod
    def of_positions(cls, file: I64, row: I64) -> Rows:
        """Give single rows, those joined that follow each other."""
        follows = (file[1:] == file[:-1]) & (row[1:] == row[:-1] + 1)
        starts = (
            np.flatnonzero(np.concatenate([[True], ~follows])) if len(row) else np.zeros(0, int)
        )
        size = np.diff(np.append(starts, len(row)))
        return cls.of(file[starts], row[starts], size.astype(np.int64))

    @property
    def files(self) -> list[int]:
        """Positions of the files that are used."""
        found: list[int] = np.unique(self.file).tolist()
        return found

    def between(self, low: int, high: int) -> Iterator[tuple[int, I64, int, int]]:
        """Give what goes to some of the new rows.

        Yields
        ------
        file : int
            Position of the file.
        ranges : ndarray of int64, shape (n, 2)
            Half-open ranges of its rows.
        start, stop : int
            Where they go, counted from `low`.
        """
        begin = int(np.searchsorted(self.place + self.size, low, side="right"))
        end = int(np.searchsorted(self.place, high, side="left"))
        file, place = self.file[begin:end], self.place[begin:end]
        cut = np.maximum(low - place, 0)
        left = np.minimum(self.size[begin:end], high - place) - cut
        first = self.first[begin:end] + cut
        bounds = [0, *(np.flatnonzero(np.diff(file)) + 1).tolist(), len(file)]
        at = 0
        for i, j in pairwise(bounds):
            if i == j:
                continue
            stop = at + int(left[i:j].sum())
            yield int(file[i]), np.stack([first[i:j], first[i:j] + left[i:j]], axis=1), at, stop
            at = stop

    def chunks(self, length: int) -> tuple[I64, I64]:
        """Tell for each chunk of the new dataset whether its rows follow each other in a file.

        Parameters
        ----------
        length : int
            Rows of a chunk.

        Returns
        -------
        file, first : ndarray of int64, shape (chunks,)
            The file, and the first of the rows in it; -1 where they do not.
        """
        low = np.arange(0, self.total, length, dtype=np.int64)
        high = np.minimum(low + length, self.total)
        at = np.searchsorted(self.place, low, side="right") - 1
        first = self.first[at] + low - self.place[at]
        whole = high <= self.place[at] + self.size[at]
        return np.where(whole, self.file[at], -1), np.where(whole, first, -1)
