"""Division of a number of trains into parts of nearly equal size."""

from __future__ import annotations

import operator


def split_parts(n: int, parts: int | None = None, per_part: int | None = None) -> list[slice]:
    """Slices of consecutive positions that cover `n` trains, their sizes within one.

    Parameters
    ----------
    n : int
        How many trains there are.
    parts : int, optional
        How many parts to make; fewer if there are fewer trains. With `per_part` as well, more
        parts are made when that limit asks for them.
    per_part : int, optional
        How many trains a part may have.

    Returns
    -------
    list of slice
        No slice is empty; none at all for no trains.

    Raises
    ------
    ValueError
        Neither number is given, or one is not positive.

    Examples
    --------
    >>> split_parts(11, per_part=8)
    [slice(0, 5, None), slice(5, 11, None)]
    """
    if parts is None and per_part is None:
        raise ValueError("give parts, trains_per_part or both")
    wanted = 1 if parts is None else _positive(parts, "parts")
    if per_part is not None:
        wanted = max(wanted, -(-n // _positive(per_part, "trains_per_part")))
    wanted = min(wanted, n)
    return [slice(n * i // wanted, n * (i + 1) // wanted) for i in range(wanted)]


def _positive(value: int, name: str) -> int:
    number = operator.index(value)
    if number < 1:
        raise ValueError(f"{name} must be at least 1, not {number}")
    return number
