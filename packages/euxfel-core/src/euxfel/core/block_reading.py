"""Several keys read for some trains in one go of the read engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import ReadRequest

from .allocation import allocated
from .entries import EntryTable
from .reading import decode_strings, execute, requests
from .selection import Scope, SelectedSource
from .source_files import KeyLayout


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One key to go through.

    Attributes
    ----------
    selected : SelectedSource
        The source.
    key : str
        Full name of the key.
    entries : EntryTable
        Rows of the selected trains.
    layout : KeyLayout
        Type and shape of a row.
    """

    selected: SelectedSource
    key: str
    entries: EntryTable
    layout: KeyLayout

    @classmethod
    def of(cls, selected: SelectedSource, key: str, scope: Scope) -> Column:
        """Look up rows and layout of a key, and refuse what cannot be read."""
        entries = selected.entries(selected.section.index_group(key), scope)
        selected.stored.check_rows(key, entries)
        return cls(selected, key, entries, selected.layout(key, entries))

    @property
    def is_grouped(self) -> bool:
        """Whether a train can have several rows, unlike in control data."""
        return self.selected.section.is_grouped

    @property
    def row_bytes(self) -> int:
        """Size of one row in memory."""
        return self.layout.dtype.itemsize * prod(self.layout.entry_shape)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Data of one key for a block of trains, and where each train's rows are."""

    data: NDArray[Any]
    start: NDArray[np.int64]
    count: NDArray[np.int64]

    def by_train(self, keep_dims: bool) -> list[Any]:
        """Give the data of each train of the block."""
        if not keep_dims and (self.count == 1).all():
            return list(self.data)
        bounds = zip(self.start.tolist(), self.count.tolist(), strict=True)
        return [
            self.data[start] if count == 1 and not keep_dims else self.data[start : start + count]
            for start, count in bounds
        ]


def read_block(columns: Sequence[Column], train_ids: NDArray[np.uint64]) -> list[Part]:
    """Read all keys for some trains in one go of the engine."""
    chosen = _chosen_entries(columns, train_ids)
    wanted: list[ReadRequest] = []
    parts = []
    for column in columns:
        entries, start, count = chosen[id(column.entries)]
        what = f"{column.selected.name} {column.key}"
        data = allocated((entries.n_rows, *column.layout.entry_shape), column.layout.dtype, what)
        wanted += requests(column.selected.stored, column.key, entries, (), data)
        parts.append((data, start, count))
    names = sorted({c.selected.name for c in columns})
    execute(wanted, ", ".join(names[:3]), "", train_ids)
    return [Part(decode_strings(data), start, count) for data, start, count in parts]


def _chosen_entries(
    columns: Sequence[Column], train_ids: NDArray[np.uint64]
) -> dict[int, tuple[EntryTable, NDArray[np.int64], NDArray[np.int64]]]:
    """Give the entries of some trains with first row and count of each, once for each table.

    The keys of one source share a table of entries: it is looked up by identity.
    """
    found = {}
    for table in {id(c.entries): c.entries for c in columns}.values():
        count = table.counts_for(train_ids)
        found[id(table)] = table.select(train_ids), np.cumsum(count) - count, count
    return found
