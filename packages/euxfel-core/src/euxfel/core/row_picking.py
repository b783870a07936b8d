"""Reading any rows of a key, not only those of whole trains."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .entries import EntryTable
from .reading import decode_strings, read_rows
from .region import Region

if TYPE_CHECKING:
    from .keydata import KeyData


def read_positions(kd: KeyData, rows: NDArray[np.int64], roi: Any) -> NDArray[Any]:
    """Read a region of some rows of a key.

    Parameters
    ----------
    kd : KeyData
        The key.
    rows : ndarray of int64
        Positions in the array that ``kd.ndarray()`` gives, in the order wanted.
    roi : tuple
        How to index each row.

    Returns
    -------
    ndarray
        Shape ``(len(rows), *shape of the region)``.
    """
    region = Region.of(roi, kd.entry_shape)
    out = np.empty((len(rows), *region.shape), dtype=kd.dtype)
    read_rows(kd._selected.stored, kd.key, row_entries(kd._entries, rows), region, out)
    return decode_strings(out)


def row_entries(entries: EntryTable, rows: NDArray[np.int64]) -> EntryTable:
    """Give one entry for each of some rows, which may repeat a train."""
    end = np.cumsum(entries.count)
    at = np.searchsorted(end, rows, side="right")
    in_train = rows - (end - entries.count)[at]
    part = entries.take(at)
    return replace(part, first=part.first + in_train, count=np.ones_like(part.count))
