"""Rules that say which values a dataset holds: planted ones, train IDs, pulse numbers, ..."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .planted import planted

FIRST_TIMESTAMP = 1_700_000_000_000_000_000
"""Nanoseconds since the epoch at train 0, were trains numbered from 0."""
TRAIN_PERIOD = 100_000_000
"""Nanoseconds from one train to the next: 10 trains a second."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of one dataset: all that a value may depend on.

    Attributes
    ----------
    source, key : str
        Full names.
    sequence : int
        Number of the sequence file.
    row : array of int
        Row in the dataset.
    train_id : array of uint64
        Train that owns the row; 0 where none does.
    entry : array of int
        Number of the row within its train, from 0.
    entry_shape : tuple of int
        Shape of one row.
    dtype : dtype_like
        Type of the dataset.
    """

    source: str
    key: str
    sequence: int
    row: NDArray[np.int64]
    train_id: NDArray[np.uint64]
    entry: NDArray[np.int64]
    entry_shape: tuple[int, ...]
    dtype: DTypeLike

    def spread(self, per_row: NDArray[Any]) -> NDArray[Any]:
        """One value per row as an array of the dataset's type and shape."""
        column = per_row.reshape(-1, *(1 for _ in self.entry_shape)).astype(self.dtype)
        return np.broadcast_to(column, (len(self.row), *self.entry_shape)).copy()


Rule = Callable[[Rows], NDArray[Any]]
"""Gives the values of rows, shape ``(len(rows.row), *rows.entry_shape)``."""


def planted_values(rows: Rows) -> NDArray[Any]:
    """Value that follows from source, key, sequence, row and element: see `planted`."""
    return planted(rows.source, rows.key, rows.sequence, rows.row, rows.entry_shape, rows.dtype)


def train_ids(rows: Rows) -> NDArray[Any]:
    """ID of the train that owns each row."""
    return rows.spread(rows.train_id)


def timestamps(rows: Rows) -> NDArray[Any]:
    """Time of the train that owns each row, ns since the epoch, UTC."""
    return rows.spread(train_timestamps(rows.train_id))


def train_timestamps(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Times of trains, ns since the epoch, UTC.

    Rogue IDs are folded into 32 bits: their times stay within the range of datetime64.
    """
    folded = ids & np.uint64(0xFFFFFFFF)
    return np.uint64(FIRST_TIMESTAMP) + folded * np.uint64(TRAIN_PERIOD)


@dataclass(frozen=True)
class EntryNumber:
    """Rule: the number of the row within its train, times ``step``, plus ``start``.

    Pulse IDs are ``EntryNumber(step=4)`` where every fourth bunch is filled; cell IDs are
    ``EntryNumber()``. With ``unique``, numbers begin anew after so many (repeated pulse IDs);
    with ``valid``, all later entries of a train have 0 (LPD in parallel-gain mode).
    """

    start: int = 0
    step: int = 1
    unique: int | None = None
    valid: int | None = None

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """Numbers of the rows."""
        number = rows.entry % self.unique if self.unique else rows.entry
        number = self.start + self.step * number
        if self.valid is not None:
            number = np.where(rows.entry < self.valid, number, 0)
        return rows.spread(number)


@dataclass(frozen=True)
class Constant:
    """Rule: the same value everywhere."""

    value: float | str

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """The value, once for every row."""
        dtype = object if isinstance(self.value, str) else rows.dtype
        return np.full((len(rows.row), *rows.entry_shape), self.value, dtype=dtype)
