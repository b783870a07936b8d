"""Where the chunks of a dataset lie in its file, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .request import I64

# Places of a chunk grid that an index may have without asking how many are taken.
GRID_MAX = 1 << 22
# Addresses beyond any file; larger numbers in a damaged file would overflow int64.
NOWHERE = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class ChunkIndex:
    """Address, stored size and filter mask of every chunk.

    The arrays have one element per place of the chunk grid, in C order. A contiguous dataset is
    one chunk.

    Attributes
    ----------
    address : ndarray of int64
        Where in the file the chunk starts; -1 if it was never written.
    size : ndarray of int64
        Bytes it takes in the file.
    mask : ndarray of uint32
        Bit ``i`` is set if filter ``i`` was skipped.
    """

    address: I64
    size: I64
    mask: NDArray[np.uint32]
