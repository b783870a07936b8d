"""Memory for what is read, or an error that says what was asked for."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import TooMuchDataError


def allocated(
    shape: tuple[int, ...], dtype: np.dtype[Any], what: str, *, zeros: bool = False
) -> NDArray[Any]:
    """Give an array that is not filled yet.

    Parameters
    ----------
    shape : tuple of int
        Its shape.
    dtype : numpy.dtype
        Its type.
    what : str
        What it is for, to begin the message with.
    zeros : bool
        True for an array of zeros: large ones cost no more than empty ones.

    Raises
    ------
    TooMuchDataError
        If there is not enough memory.
    """
    try:
        return np.zeros(shape, dtype=dtype) if zeros else np.empty(shape, dtype=dtype)
    except (MemoryError, ValueError) as exc:
        # NumPy raises ValueError where the size is more than it can count.
        size = prod(shape) * dtype.itemsize / 1e9
        raise TooMuchDataError(
            f"{what}: {size:.1f} GB in an array of shape {shape} do not fit into memory; select "
            "fewer trains or a region, go through .trains() or use .dask_array()"
        ) from exc
