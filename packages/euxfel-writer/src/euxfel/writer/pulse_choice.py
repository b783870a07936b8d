"""Rows of chosen pulses: some of the frames of each train."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.core.entries import EntryTable
from euxfel.core.train_selection import ById, ByIndex

from .rows import I64, Rows


def chosen_rows(
    entries: EntryTable,
    train_ids: NDArray[np.uint64],
    pulses: object,
    pulse_ids: Callable[[], NDArray[Any]],
) -> tuple[Rows, I64]:
    """Give the rows of some pulses, in the order of the file, and how many each train has.

    Parameters
    ----------
    entries : EntryTable
        Rows of the trains.
    train_ids : ndarray of uint64
        The trains to count for.
    pulses : object
        A slice, number or list of positions in the train, ``by_index[...]`` of the same, or
        ``by_id[...]`` of pulse IDs.
    pulse_ids : callable
        Reads the pulse ID of each row of the entries; called if they are needed.
    """
    used = entries.take(entries.count > 0)
    within = _positions(used.count)
    if isinstance(pulses, ById):
        kept = _with_ids(pulse_ids().reshape(-1), pulses.value)
    else:
        value = pulses.value if isinstance(pulses, ByIndex) else pulses
        kept = _at_positions(within, used.count, value)
    row = np.repeat(used.first, used.count)[kept] + within[kept]
    file = np.repeat(used.file.astype(np.int64), used.count)[kept]
    of_train = np.repeat(np.arange(len(used)), used.count)[kept]
    per_train = np.bincount(of_train, minlength=len(used)).astype(np.int64)
    counts = np.zeros(len(train_ids), np.int64)
    counts[np.searchsorted(train_ids, used.train_ids)] = per_train
    return Rows.of_positions(file, row), counts


def _positions(count: I64) -> I64:
    start = np.cumsum(count) - count
    return np.arange(int(count.sum()), dtype=np.int64) - np.repeat(start, count)


def _with_ids(ids: NDArray[Any], value: Any) -> NDArray[np.bool_]:
    if isinstance(value, slice):
        low = 0 if value.start is None else int(value.start)
        inside: NDArray[np.bool_] = ids >= low
        if value.stop is not None:
            inside &= ids < int(value.stop)
        inside &= (ids.astype(np.int64) - low) % (value.step or 1) == 0
        return inside
    return np.isin(ids, np.atleast_1d(np.asarray(value)))


def _at_positions(within: I64, count: I64, value: Any) -> NDArray[np.bool_]:
    """Tell which frames stand at the wanted positions of their trains."""
    kept = np.zeros(len(within), np.bool_)
    length = np.repeat(count, count)
    for n in np.unique(count).tolist():
        wanted = np.zeros(n, np.bool_)
        if isinstance(value, slice):
            wanted[value] = True
        else:
            positions = np.atleast_1d(np.asarray(value))
            if positions.dtype.kind == "b":
                positions = np.flatnonzero(positions)
            wanted[positions[(positions >= -n) & (positions < n)]] = True
        here = length == n
        kept[here] = wanted[within[here]]
    return kept
