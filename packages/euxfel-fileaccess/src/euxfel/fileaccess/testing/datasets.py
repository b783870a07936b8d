"""One dataset of a simulated file: where it stands and what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rules import Rows
from .sources import Key
from .tables import EntryTable


@dataclass(frozen=True, eq=False)
class Dataset:
    """One dataset, its rows described by a table of entries.

    Attributes
    ----------
    section, source, key : str
        For instance ``"INSTRUMENT"``, ``"A/B/C:output"`` and ``"data.x"``.
    sequence : int
        Number of the sequence file.
    definition : Key
        Type, shape, rule and storage.
    table : EntryTable
        Rows of each train.
    """

    section: str
    source: str
    key: str
    sequence: int
    definition: Key
    table: EntryTable

    @property
    def path(self) -> str:
        """HDF5 path."""
        return f"{self.section}/{self.source}/{self.key.replace('.', '/')}"

    def values(self) -> NDArray[Any]:
        """All rows up to the end of the last train, as a reader must see them."""
        values = self.definition.rule(self.rows())
        if self.definition.storage.unallocated:
            values[self.unallocated_rows()] = self.definition.storage.fill
        return values

    def rows(self) -> Rows:
        """All rows, for the rule that gives their values."""
        return Rows(
            # RUN and CONTROL hold the same keys: other values tell them apart.
            source=f"RUN/{self.source}" if self.section == "RUN" else self.source,
            key=self.key,
            sequence=self.sequence,
            row=np.arange(self.table.row_count),
            train_id=self.table.train_id_of_rows,
            entry=self.table.entry_of_rows,
            entry_shape=self.definition.shape,
            dtype=self.definition.dtype,
        )

    def unallocated_rows(self) -> NDArray[np.int64]:
        """Rows that are never written."""
        trains = np.array(sorted(self.definition.storage.unallocated), dtype=np.uint64)
        return np.flatnonzero(np.isin(self.table.train_id_of_rows, trains))

    def written_blocks(self) -> Iterator[tuple[int, int]]:
        """Ranges of rows that are written."""
        start = 0
        for row in (*self.unallocated_rows().tolist(), self.table.row_count):
            if row > start:
                yield start, row
            start = row + 1
