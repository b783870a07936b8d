"""How long trains take."""

from __future__ import annotations

TRAINS_PER_SECOND = 10


def seconds_of_trains(first: int, last: int) -> float:
    """Give the time from the start of one train to the end of another, in seconds.

    Any integers will do: train IDs that damage made huge included.

    Examples
    --------
    >>> from euxfel.core.display.durations import seconds_of_trains
    >>> seconds_of_trains(10000, 10063)
    6.4
    """
    return (last - first + 1) / TRAINS_PER_SECOND


def format_duration(seconds: float) -> str:
    """Give a time for people.

    Examples
    --------
    >>> from euxfel.core.display.durations import format_duration
    >>> format_duration(6.4), format_duration(725.3), format_duration(7325.0)
    ('6.4 s', '12 min 05.3 s', '2 h 02 min 05 s')
    """
    tenths = round(seconds * 10)
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    minutes, tenths = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes} min {tenths / 10:04.1f} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min {tenths // 10:02d} s"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02d} h {minutes:02d} min"
