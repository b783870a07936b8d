"""One axis of frames for all modules, and which rows of which file belong to it.

Trains take up a number of slots each. A module has a row for a slot, or a gap. As a rule the
n-th row of a train goes to its n-th slot; where modules recorded different frames, `offsets`
says which row goes where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from euxfel.core.entries import EntryTable, FileRows
from euxfel.fileaccess.cached import cached_property

I64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Frames:
    """Rows of several modules on a common axis.

    Attributes
    ----------
    train_ids : ndarray of uint64, shape (trains,)
        Trains in increasing order.
    file : ndarray of int32, shape (modules, trains)
        Position of the file among the module's files.
    first, count : ndarray of int64, shape (modules, trains)
        First row and number of rows in that file; count 0 where a module lacks a train.
    bad : ndarray of bool, shape (modules, trains)
        True where the index makes no sense.
    slots : ndarray of int64, shape (trains,)
        Places that a train takes up on the axis.
    offsets : ndarray of int32, shape (modules, frames), or None
        For each place the row, counted from `first`, or -1 for a gap; None if the rows of
        every train fill its first places.
    """

    train_ids: NDArray[np.uint64]
    file: NDArray[np.int32]
    first: I64
    count: I64
    bad: NDArray[np.bool_]
    slots: I64
    offsets: NDArray[np.int32] | None = None

    @classmethod
    def of(cls, tables: Sequence[EntryTable], train_ids: NDArray[np.uint64]) -> Frames:
        """Put the entries of modules side by side; a train has as many slots as rows at most."""
        columns = [_column(table, train_ids) for table in tables]
        file, first, count, bad = (np.stack(c) for c in zip(*columns, strict=True))
        return cls(train_ids, file, first, count, bad, count.max(axis=0))

    @property
    def n_modules(self) -> int:
        """Number of modules."""
        return len(self.count)

    @cached_property
    def starts(self) -> I64:
        """Give the first place of each train."""
        return np.cumsum(self.slots) - self.slots

    @cached_property
    def total(self) -> int:
        """Number of places on the axis."""
        return int(self.slots.sum())

    @cached_property
    def train_of(self) -> I64:
        """Give the position of the train for each place."""
        return np.repeat(np.arange(len(self.slots)), self.slots)

    def take(self, trains: I64) -> Frames:
        """Give some of the trains, by position."""
        if np.array_equal(trains, np.arange(len(self.train_ids))):
            return self
        offsets = None if self.offsets is None else self.offsets[:, self.places(trains)]
        return Frames(
            self.train_ids[trains],
            self.file[:, trains],
            self.first[:, trains],
            self.count[:, trains],
            self.bad[:, trains],
            self.slots[trains],
            offsets,
        )

    def of_modules(self, modules: Sequence[int]) -> Frames:
        """Give some of the modules, by position, on the same axis."""
        chosen = list(modules)
        offsets = None if self.offsets is None else self.offsets[chosen]
        return Frames(
            self.train_ids,
            self.file[chosen],
            self.first[chosen],
            self.count[chosen],
            self.bad[chosen],
            self.slots,
            offsets,
        )

    def places(self, trains: I64) -> I64:
        """Give all the places of some trains."""
        slots = self.slots[trains]
        inner = np.arange(int(slots.sum())) - np.repeat(np.cumsum(slots) - slots, slots)
        return np.repeat(self.starts[trains], slots) + inner

    def entries(self, module: int) -> EntryTable:
        """Give the entries of one module, as the rest of the library knows them."""
        return EntryTable(
            self.train_ids,
            self.file[module],
            self.first[module],
            self.count[module],
            self.bad[module],
            self.train_ids[:0],
        )

    @cached_property
    def is_full(self) -> bool:
        """Whether no module has any gap."""
        if self.offsets is not None:
            return bool((self.offsets >= 0).all())
        return bool((self.count == self.slots).all())

    def available(self, picked: I64 | None = None) -> NDArray[np.bool_]:
        """Tell where modules have data, shape (modules, frames)."""
        if self.is_full:
            frames = self.total if picked is None else len(picked)
            return np.ones((self.n_modules, frames), dtype=np.bool_)
        if self.offsets is not None:
            found = self.offsets >= 0
            return found if picked is None else found[:, picked]
        place = np.arange(self.total) if picked is None else picked
        train = self.train_of[place]
        return (place - self.starts[train]) < self.count[:, train]

    def pieces(self, module: int, picked: I64 | None = None) -> Iterator[FileRows]:
        """Go through the rows of a module, as long as possible in one go.

        Parameters
        ----------
        module : int
            Position of the module.
        picked : ndarray of int64, optional
            Places wanted, in the order wanted; all by default.

        Yields
        ------
        FileRows
            Rows of one file and the part of the axis that they fill.
        """
        if picked is None and self.offsets is None:
            used = np.flatnonzero(self.count[module])
            yield from _merged(
                self.file[module, used],
                self.first[module, used],
                self.count[module, used],
                self.starts[used],
            )
            return
        place = np.arange(self.total) if picked is None else picked
        train = self.train_of[place]
        row = self._offset(module, place, train)
        target = np.flatnonzero(row >= 0)
        train = train[target]
        yield from _merged(
            self.file[module, train],
            self.first[module, train] + row[target],
            np.ones(len(target), dtype=np.int64),
            target,
        )

    def _offset(self, module: int, place: I64, train: I64) -> I64:
        if self.offsets is not None:
            known: I64 = self.offsets[module, place].astype(np.int64)
            return known
        inner: I64 = place - self.starts[train]
        inner[inner >= self.count[module, train]] = -1
        return inner


def _column(
    table: EntryTable, train_ids: NDArray[np.uint64]
) -> tuple[NDArray[np.int32], I64, I64, NDArray[np.bool_]]:
    """Entries of one module for all trains, count 0 where there is none."""
    at = np.searchsorted(table.train_ids, train_ids)
    if len(table) == 0:
        none = np.zeros(len(train_ids), dtype=np.int64)
        return none.astype(np.int32), none, none, none.astype(np.bool_)
    at[at == len(table)] = 0
    found = table.train_ids[at] == train_ids
    count = np.where(found, table.count[at], 0)
    return table.file[at], table.first[at], count, table.bad[at] & found


def _merged(file: NDArray[np.int32], first: I64, length: I64, target: I64) -> Iterator[FileRows]:
    """Join rows that follow each other both in their file and on the axis."""
    if not len(file):
        return
    stop = first + length
    end = target + length
    other_piece = (file[1:] != file[:-1]) | (target[1:] != end[:-1])
    other_range = other_piece | (first[1:] != stop[:-1])
    low = np.flatnonzero(np.append(True, other_range))
    high = np.append(low[1:], len(file)) - 1
    ranges = np.stack([first[low], stop[high]], axis=1)
    cuts = np.flatnonzero(other_piece[low[1:] - 1]) + 1
    for a, b in pairwise([0, *cuts.tolist(), len(low)]):
        yield FileRows(int(file[low[a]]), ranges[a:b], int(target[low[a]]), int(end[high[b - 1]]))
