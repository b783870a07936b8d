"""How old the values of control data are: a device that stopped updating keeps its last value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import PropertyNameError

from .reading import read_rows
from .region import Region

if TYPE_CHECKING:
    from .key_outline import KeyOutline

UNKNOWN = -1


def age_in_trains(kd: KeyOutline) -> NDArray[np.int64]:
    """Count the trains since the timestamp of a key last changed, for each selected train.

    Parameters
    ----------
    kd : KeyData
        A key of control data.

    Returns
    -------
    ndarray of int64
        -1 where there is no data.

    Raises
    ------
    PropertyNameError
        If the key has no timestamps.
    """
    # What happened before the selection counts, and so do the trains of the whole source. Suspect
    # IDs do not: one far from the others would make every value old.
    trusted = replace(kd._scope, inc_suspect=False)
    entries = kd._selected.all_entries("", trusted)
    entries = entries.take(entries.count > 0)
    stored, key = kd._selected.stored, timestamp_key(kd)
    stamps = np.empty(entries.n_rows, dtype=np.uint64)
    read_rows(stored, key, entries, Region.of((), ()), stamps)
    first_row = np.cumsum(entries.count) - entries.count
    ages = entries.train_ids - _last_change(stamps[first_row], entries.train_ids)
    return _looked_up(kd._scope.train_ids, entries.train_ids, ages.astype(np.int64))


def timestamp_key(kd: KeyOutline) -> str:
    """Name the key that says when values of another were last updated."""
    name = f"{kd.key.removesuffix('.value').removesuffix('.timestamp')}.timestamp"
    if not kd.is_control or not kd._selected.stored.has_key(name):
        raise PropertyNameError(
            f"{kd.source} {kd.key} has no timestamps, so its age is not known: only control data "
            "says when a value was last updated",
            source=kd.source,
            key=kd.key,
        )
    return name


def _last_change(stamps: NDArray[np.uint64], train_ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Give for each train the one in which its timestamp was first seen."""
    changed = np.append(True, stamps[1:] != stamps[:-1])[: len(stamps)]
    place = np.maximum.accumulate(np.where(changed, np.arange(len(stamps)), 0))
    return train_ids[place]


def _looked_up(
    wanted: NDArray[np.uint64], train_ids: NDArray[np.uint64], ages: NDArray[np.int64]
) -> NDArray[np.int64]:
    found = np.full(len(wanted), UNKNOWN, dtype=np.int64)
    there = np.isin(wanted, train_ids)
    found[there] = ages[np.searchsorted(train_ids, wanted[there])]
    return found
