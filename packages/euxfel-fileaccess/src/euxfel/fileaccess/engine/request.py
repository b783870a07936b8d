"""What upper rooms ask for: rows of one dataset, into one array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..handle import FileHandle

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ReadRequest:
    """Rows of one dataset and the array they go to.

    Attributes
    ----------
    handle : FileHandle
        The file.
    dataset : str
        HDF5 path of the dataset in it; a leading slash is not needed.
    rows : ndarray of int64, shape (k, 2)
        Half-open ranges of rows, in the order wanted. They may be unsorted and may repeat.
    out : ndarray, shape (rows, ...)
        Where the data goes: as many rows as the ranges hold together, then what ``roi`` leaves
        of the inner axes. Any strides. Another dtype than the dataset's means a cast, as
        ``casting="unsafe"`` does it.
    roi : tuple of slice or int
        Selection on the inner axes, as NumPy understands it; an int drops its axis. May be
        shorter than there are inner axes.
    """

    handle: FileHandle
    dataset: str
    rows: I64
    out: NDArray[Any]
    roi: tuple[slice | int, ...] = ()
