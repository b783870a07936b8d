"""Several keys read for some trains in one go of the read engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import ReadRequest
from euxfel.fileaccess.cached import cached_property

from .allocation import allocated
from .entries import EntryTable
from .reading import decode_strings, execute, requests
from .scope import Scope
from .selection import SelectedSource
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


@dataclass(frozen=True, eq=False)
class TrainRows:
    """Number of rows of each train in a block; all keys of a source share it."""

    count: NDArray[np.int64]

    @cached_property
    def bounds(self) -> list[tuple[int, int]]:
        """First row and number of rows of each train: one train's rows follow the other's."""
        start = np.cumsum(self.count) - self.count
        return list(zip(start.tolist(), self.count.tolist(), strict=True))

    @cached_property
    def single(self) -> bool:
        """Whether each train has one row, as in control data."""
        return bool((self.count == 1).all())

    @cached_property
    def present(self) -> list[bool]:
        """Whether each train has data."""
        return (self.count > 0).tolist()  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Data of one key for a block of trains, and which rows belong to each train."""

    data: NDArray[Any]
    rows: TrainRows

    def by_train(self, keep_dims: bool) -> list[Any]:
        """Give the data of each train of the block."""
        if not keep_dims and self.rows.single:
            return list(self.data)
        return [
            self.data[start] if count == 1 and not keep_dims else self.data[start : start + count]
            for start, count in self.rows.bounds
        ]


def read_block(columns: Sequence[Column], train_ids: NDArray[np.uint64]) -> list[Part]:
    """Read all keys for some trains in one go of the engine."""
    chosen = _chosen_entries(columns, train_ids)
    wanted: list[ReadRequest] = []
    parts = []
    for column in columns:
        entries, rows = chosen[id(column.entries)]
        what = f"{column.selected.name} {column.key}"
        data = allocated((entries.n_rows, *column.layout.entry_shape), column.layout.dtype, what)
        wanted += requests(column.selected.stored, column.key, entries, (), data)
        parts.append((data, rows))
    names = sorted({c.selected.name for c in columns})
    execute(wanted, ", ".join(names[:3]), "", train_ids)
    return [Part(decode_strings(data), rows) for data, rows in parts]


def _chosen_entries(
    columns: Sequence[Column], train_ids: NDArray[np.uint64]
) -> dict[int, tuple[EntryTable, TrainRows]]:
    """Give the entries of some trains and their rows, once for each table.

    The keys of one source share a table of entries: it is looked up by identity.
    """
    tables = {id(c.entries): c.entries for c in columns}
    return {
        key: (table.select(train_ids), TrainRows(table.counts_for(train_ids)))
        for key, table in tables.items()
    }
