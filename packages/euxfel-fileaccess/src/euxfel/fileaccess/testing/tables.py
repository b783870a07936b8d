"""Which rows belong to which train: the truth that index datasets state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cached import cached_property
from .sources import Group


@dataclass(frozen=True, eq=False)
class EntryTable:
    """Rows ``first[i] : first[i] + count[i]`` belong to train ``train_id[i]``.

    Attributes
    ----------
    train_id : array of uint64
        The file's trains, in the order of the file.
    first, count : array of int64
        First row and number of rows of each train.
    """

    train_id: NDArray[np.uint64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]

    @cached_property
    def row_count(self) -> int:
        """Rows up to the end of the last train."""
        return int((self.first + self.count).max(initial=0))

    @cached_property
    def train_id_of_rows(self) -> NDArray[np.uint64]:
        """Train that owns each row; 0 where none does."""
        owner = np.zeros(self.row_count, dtype=np.uint64)
        owner[self._owned_rows] = np.repeat(self.train_id, self.count)
        return owner

    @cached_property
    def entry_of_rows(self) -> NDArray[np.int64]:
        """Number of each row within its train."""
        entry = np.zeros(self.row_count, dtype=np.int64)
        entry[self._owned_rows] = self._entries
        return entry

    @cached_property
    def _entries(self) -> NDArray[np.int64]:
        ends = np.cumsum(self.count)
        return np.arange(int(self.count.sum())) - np.repeat(ends - self.count, self.count)

    @cached_property
    def _owned_rows(self) -> NDArray[np.int64]:
        return np.repeat(self.first, self.count) + self._entries


def entry_table(
    group: Group, train_ids: NDArray[np.uint64], missing: frozenset[int] = frozenset()
) -> EntryTable:
    """Lay the rows of a group one train after the other.

    Examples
    --------
    >>> import numpy as np
    >>> table = entry_table(Group("data", entries=2), np.array([10, 11, 12], "u8"), frozenset({11}))
    >>> table.first.tolist(), table.count.tolist()
    ([0, 2, 2], [2, 0, 2])
    """
    ids = train_ids.tolist()
    count = np.array([0 if t in missing else group.entries_of(t) for t in ids], dtype=np.int64)
    gap = np.array([group.gaps.get(t, 0) for t in ids], dtype=np.int64)
    first = np.cumsum(count + gap) - count
    return EntryTable(train_ids, first, count)
