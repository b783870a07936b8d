"""Cutting trains with different numbers of frames into parts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def parts_of_frames(
    counts: NDArray[np.int64], frames_per_part: float, trains_per_part: int
) -> list[slice]:
    """Slices of consecutive trains with at most so many frames and trains, one train at least.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.components.parts import parts_of_frames
    >>> parts_of_frames(np.array([4, 2, 2, 4, 9]), 8, 10)
    [slice(0, 3, None), slice(3, 4, None), slice(4, 5, None)]
    """
    total = np.concatenate([[0], np.cumsum(counts)])
    cuts = [0]
    while cuts[-1] < len(counts):
        low = cuts[-1]
        by_frames = int(np.searchsorted(total, total[low] + frames_per_part, side="right")) - 1
        cuts.append(min(max(by_frames, low + 1), low + max(trains_per_part, 1), len(counts)))
    return [slice(low, high) for low, high in pairwise(cuts)]
