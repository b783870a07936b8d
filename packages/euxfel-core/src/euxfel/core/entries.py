"""Which rows of which file hold the data of each train: the heart of every read.

One table per source and index group, in order of train ID, each train once. It is made once
from the indexes of the files and then shared; selecting trains is a look-up in sorted arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, Section
from euxfel.fileaccess.cached import cached_property
from euxfel.fileaccess.distinct import distinct


@dataclass(frozen=True, slots=True, eq=False)
class FileRows:
    """Rows of one file that follow each other in a selection.

    Attributes
    ----------
    file : int
        Position of the file among the source's files.
    ranges : ndarray of int64, shape (n, 2)
        Half-open row ranges in the order wanted.
    start, stop : int
        Where these rows go in the result.
    """

    file: int
    ranges: NDArray[np.int64]
    start: int
    stop: int


# Without slots, so that what is worked out of a table is kept with it: the keys of a source
# share one table.
@dataclass(frozen=True, eq=False)
class EntryTable:
    """Rows of a source by train.

    Attributes
    ----------
    train_ids : ndarray of uint64, shape (trains,)
        Trains that the source's files list, in increasing order, each once.
    file : ndarray of int32
        Position of the file with the train's data among the source's files.
    first, count : ndarray of int64
        First row and number of rows in that file.
    bad : ndarray of bool
        True where the file's index makes no sense: such a train cannot be read.
    shadowed : ndarray of uint64
        Trains for which more than one file holds data; the later file counts.
    """

    train_ids: NDArray[np.uint64]
    file: NDArray[np.int32]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    bad: NDArray[np.bool_]
    shadowed: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.train_ids)

    @cached_property
    def n_rows(self) -> int:
        """Number of rows in all."""
        return int(self.count.sum())

    @cached_property
    def has_bad(self) -> bool:
        """Whether any train cannot be read."""
        return bool(self.bad.any())

    @cached_property
    def ends(self) -> dict[int, int]:
        """Row after the last one needed, by position of the file."""
        used = np.flatnonzero(self.count)
        ends: dict[int, int] = {}
        for number in distinct(self.file[used]).tolist():
            here = used[self.file[used] == number]
            ends[number] = int((self.first[here] + self.count[here]).max())
        return ends

    def take(self, where: NDArray[np.bool_] | NDArray[np.int64]) -> EntryTable:
        """Give the entries at some positions, or where a mask is set."""
        return EntryTable(
            self.train_ids[where],
            self.file[where],
            self.first[where],
            self.count[where],
            self.bad[where],
            self.shadowed,
        )

    def select(self, train_ids: NDArray[np.uint64]) -> EntryTable:
        """Give the entries of some trains; a train without entry is left out."""
        if np.array_equal(train_ids, self.train_ids):
            return self
        return self.take(np.isin(self.train_ids, train_ids, assume_unique=True))

    def emptied(self) -> EntryTable:
        """Give the same trains without any rows."""
        none = np.zeros_like(self.count)
        bad = np.zeros_like(self.bad)
        return EntryTable(self.train_ids, self.file, none, none, bad, self.shadowed)

    def counts_for(self, train_ids: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Give the number of rows for each of some trains, 0 where there is no entry."""
        counts = np.zeros(len(train_ids), dtype=np.int64)
        if len(self):
            at = np.searchsorted(self.train_ids, train_ids)
            at[at == len(self)] = 0
            found = self.train_ids[at] == train_ids
            counts[found] = self.count[at[found]]
        return counts

    def shifted(self, offset: int) -> EntryTable:
        """Give the same entries with train IDs moved by an offset.

        A train whose moved ID would be below 0 or beyond 2**64 - 1 is left out.
        """
        if not offset:
            return self
        moved, kept = shifted_ids(self.train_ids, offset)
        shadowed, _ = shifted_ids(self.shadowed, offset)
        rest = self.take(kept)
        return EntryTable(moved, rest.file, rest.first, rest.count, rest.bad, shadowed)

    @cached_property
    def pieces(self) -> tuple[FileRows, ...]:
        """The rows in order of train, as long as possible in one file at a time."""
        return tuple(self._pieces())

    def _pieces(self) -> Iterator[FileRows]:
        used = self.take(self.count > 0)
        if not len(used):
            return
        stop = used.first + used.count
        begins = np.ones(len(used), dtype=np.bool_)
        begins[1:] = (used.file[1:] != used.file[:-1]) | (used.first[1:] != stop[:-1])
        starts = np.flatnonzero(begins)
        ranges = np.stack([used.first[starts], stop[np.append(starts[1:], len(used)) - 1]], axis=1)
        file_of_range = used.file[starts]
        ends = np.cumsum(ranges[:, 1] - ranges[:, 0])
        cuts = np.flatnonzero(np.diff(file_of_range)) + 1
        bounds = [0, *cuts.tolist(), len(starts)]
        position = 0
        for low, high in pairwise(bounds):
            end = int(ends[high - 1])
            yield FileRows(int(file_of_range[low]), ranges[low:high], position, end)
            position = end


def shifted_ids(
    train_ids: NDArray[np.uint64], offset: int
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Move train IDs by an offset; also tell which of them stay in the range of train IDs."""
    # Rogue IDs of 2**64 - 1 would wrap around and turn up among good trains.
    distance = np.uint64(abs(offset))
    if offset < 0:
        kept = train_ids >= distance
        return train_ids[kept] - distance, kept
    kept = train_ids <= np.uint64(2**64 - 1) - distance
    return train_ids[kept] + distance, kept


def read_entries(
    files: Sequence[FileAccess], section: Section, source: str, group: str, inc_suspect: bool
) -> EntryTable:
    """Make the table of one index group from the indexes of all files with the source."""
    parts = [_file_entries(i, f, section, source, group) for i, f in enumerate(files)]
    if not inc_suspect:
        parts = [p.take(f.trains.valid) for p, f in zip(parts, files, strict=True)]
    return _each_train_once(_joined(parts))


def _file_entries(
    number: int, file: FileAccess, section: Section, source: str, group: str
) -> EntryTable:
    index = file.index(section, source, group)
    # Where the index is the file's own, so were the trains compared with the file's own.
    ids = file.trains.ids
    in_file = np.full(len(ids), number, dtype=np.int32)
    return EntryTable(ids, in_file, index.first, index.count, index.bad, ids[:0])


def _joined(parts: Sequence[EntryTable]) -> EntryTable:
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        ids = none.astype(np.uint64)
        return EntryTable(ids, none.astype(np.int32), none, none, none.astype(np.bool_), ids)
    return EntryTable(
        np.concatenate([p.train_ids for p in parts]),
        np.concatenate([p.file for p in parts]),
        np.concatenate([p.first for p in parts]),
        np.concatenate([p.count for p in parts]),
        np.concatenate([p.bad for p in parts]),
        parts[0].shadowed,
    )


def _each_train_once(table: EntryTable) -> EntryTable:
    """Sort by train and keep one entry for each.

    Of several entries the later file with data counts, and inside a file the first entry.
    """
    ids = table.train_ids
    if (ids[1:] > ids[:-1]).all():
        return table
    has_data = (table.count > 0) | table.bad
    order = np.lexsort((-np.arange(len(ids)), table.file, has_data, ids))
    table = table.take(order)
    is_last = np.append(table.train_ids[1:] != table.train_ids[:-1], True)
    kept = table.take(is_last)
    kept_file = kept.file[np.searchsorted(kept.train_ids, table.train_ids)]
    hidden = ((table.count > 0) | table.bad) & (table.file != kept_file)
    shadowed = distinct(table.train_ids[hidden])
    return EntryTable(kept.train_ids, kept.file, kept.first, kept.count, kept.bad, shadowed)
