"""Keys with single values as one pandas table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .arrays import short_key
from .block_reading import Column, read_block
from .entries import EntryTable
from .selection import Selection

if TYPE_CHECKING:
    import pandas as pd


def dataframe(selection: Selection, timestamps: bool) -> pd.DataFrame:
    """Read every selected key with single values, a row per train, in one go of the engine.

    Parameters
    ----------
    selection : Selection
        What to read.
    timestamps : bool
        True to include the ``.timestamp`` keys of control data.

    Raises
    ------
    ValueError
        If keys with several rows in a train have other rows than the rest.
    """
    import pandas as pd

    columns = [c for c in _columns(selection, timestamps) if not c.layout.entry_shape]
    _check_fit(columns)
    parts = read_block(columns, selection.scope.train_ids)
    series = []
    for column, part in zip(columns, parts, strict=True):
        index = np.repeat(column.entries.train_ids, column.entries.count)
        labels = pd.Index(index, name="trainId")
        series.append(pd.Series(part.data, index=labels, name=_label(column)))
    return pd.concat(series, axis=1) if series else pd.DataFrame()


def _check_fit(columns: Sequence[Column]) -> None:
    """Refuse what has no common rows before reading; pandas would tell neither key."""
    many = next((c for c in columns if (c.entries.count > 1).any()), None)
    if many is None:
        return
    for column in columns:
        if not _same_rows(column.entries, many.entries):
            raise ValueError(
                f"{_label(many)} has several rows in a train, and {_label(column)} has others: "
                "they do not fit in one table; choose fields= or .select() fewer keys"
            )


def _same_rows(one: EntryTable, other: EntryTable) -> bool:
    trains = np.array_equal(one.train_ids, other.train_ids)
    return trains and np.array_equal(one.count, other.count)


def _label(column: Column) -> str:
    return f"{column.selected.name}/{short_key(column.key)}"


def _columns(selection: Selection, timestamps: bool) -> list[Column]:
    return [
        Column.of(source, key, selection.scope)
        for source in selection.sources.values()
        for key in sorted(source.all_keys())
        if timestamps or source.section.is_grouped or not key.endswith(".timestamp")
    ]
