"""Keys with single values as one pandas table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .arrays import short_key
from .block_reading import Column, read_block
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
    """
    import pandas as pd

    columns = [c for c in _columns(selection, timestamps) if not c.layout.entry_shape]
    parts = read_block(columns, selection.scope.train_ids)
    series = []
    for column, part in zip(columns, parts, strict=True):
        index = np.repeat(column.entries.train_ids, column.entries.count)
        name = f"{column.selected.name}/{short_key(column.key)}"
        series.append(pd.Series(part.data, index=pd.Index(index, name="trainId"), name=name))
    return pd.concat(series, axis=1) if series else pd.DataFrame()


def _columns(selection: Selection, timestamps: bool) -> list[Column]:
    return [
        Column.of(source, key, selection.scope)
        for source in selection.sources.values()
        for key in sorted(source.all_keys())
        if timestamps or source.section.is_grouped or not key.endswith(".timestamp")
    ]
