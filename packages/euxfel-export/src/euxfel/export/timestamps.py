"""Times as the Karabo bridge gives them: a float, and exact seconds and fraction as text."""

from __future__ import annotations

import time
from typing import Any

_NANOSECONDS = 10**9


def bridge_time(nanoseconds: int) -> dict[str, Any]:
    """Give the entries of metadata for a time.

    Parameters
    ----------
    nanoseconds : int
        Since 1970, UTC.

    Returns
    -------
    dict
        ``timestamp`` (seconds, as a float), ``timestamp.sec`` and ``timestamp.frac`` (whole
        seconds and attoseconds, as text).

    Examples
    --------
    >>> from euxfel.export.timestamps import bridge_time
    >>> bridge_time(1_700_000_000_250_000_000)["timestamp.frac"]
    '250000000000000000'
    """
    seconds, fraction = divmod(nanoseconds, _NANOSECONDS)
    return {
        "timestamp": nanoseconds / _NANOSECONDS,
        "timestamp.sec": str(seconds),
        "timestamp.frac": f"{fraction:09d}" + "0" * 9,
    }


def now() -> dict[str, Any]:
    """Give the entries of metadata for the present moment."""
    return bridge_time(time.time_ns())
