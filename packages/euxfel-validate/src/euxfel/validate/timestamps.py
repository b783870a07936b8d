"""Whether a list of times can be one of a control value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def times_fault(times: NDArray[Any]) -> str:
    """Say what is wrong with timestamps; an empty text if nothing is.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.validate.timestamps import times_fault
    >>> times_fault(np.array([5, 7, 6, 0]))
    'timestamps decrease at 1 place(s), first at position 2: 7, then 6'
    >>> times_fault(np.array([5, 7, 7, 0]))
    ''
    """
    # A property may be called timestamp and be something else.
    if times.ndim != 1 or times.dtype.kind not in "iu" or not len(times):
        return ""
    known = times
    if not times[-1] or not times.all():
        used = np.flatnonzero(times)
        known = times[: int(used[-1]) + 1] if len(used) else times[:0]
        if not known.all():
            at = int(np.flatnonzero(known == 0)[0])
            return f"the timestamp at position {at} is 0, and later ones are not"
    back = np.flatnonzero(known[1:] < known[:-1])
    if len(back):
        at = int(back[0]) + 1
        return (
            f"timestamps decrease at {len(back)} place(s), first at position {at}: "
            f"{known[at - 1]}, then {known[at]}"
        )
    return ""
