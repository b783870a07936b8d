"""From rows in memory to their places in the destination, with selection and cast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .segments import Segments

# Above this many runs one indexed copy is cheaper than a copy for each run.
RUNS_MAX = 8

Inner = tuple[slice, ...]
# Index of an array; typed loosely since NumPy's stubs refuse a tuple of mixed parts.
Index = Any


def scatter(
    stack: NDArray[Any], src: Inner, segments: Segments, out: NDArray[Any], dst: Inner
) -> None:
    """Copy runs of rows of a stack to their places.

    Parameters
    ----------
    stack : ndarray
        Rows in memory.
    src : tuple of slice
        Selection on the inner axes of the stack.
    segments : Segments
        Rows of the stack, and the rows of ``out`` they go to.
    out : ndarray
        Destination; another dtype means a cast.
    dst : tuple of slice
        Place on the inner axes of the destination.
    """
    # The caller asked for the cast; NaN to integer is no news to them.
    with np.errstate(all="ignore"):
        if len(segments) <= RUNS_MAX:
            runs = zip(segments.start, segments.count, segments.dest, strict=True)
            for start, count, dest in runs:
                selected = stack[(slice(start, start + count), *src)]
                np.copyto(out[(slice(dest, dest + count), *dst)], selected, casting="unsafe")
        else:
            rows, places = segments.rows()
            where: Index = (places, *dst)
            out[where] = stack[(slice(None), *src)][rows]


def fill(value: Any, segments: Segments, out: NDArray[Any], dst: Inner) -> None:
    """Write one value to all places of runs of rows."""
    with np.errstate(all="ignore"):
        if len(segments) <= RUNS_MAX:
            for count, dest in zip(segments.count, segments.dest, strict=True):
                np.copyto(out[(slice(dest, dest + count), *dst)], value, casting="unsafe")
        else:
            where: Index = (segments.rows()[1], *dst)
            out[where] = value
