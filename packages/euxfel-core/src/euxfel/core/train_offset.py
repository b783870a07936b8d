"""Sources whose data is labelled with the ID of an earlier or later train."""

from __future__ import annotations

import operator
from typing import Any

from .selecting import selected_sources
from .selection import Selection

# Train IDs are 64 bits wide; no device is late by years.
_LARGEST = 2**62


def with_train_offset(selection: Selection, wanted: Any, offset: int) -> Selection:
    """Give a selection in which some sources have another train offset.

    Parameters
    ----------
    selection : Selection
        All sources.
    wanted : object
        Which of them, in the forms that ``select`` takes.
    offset : int
        Added to the stored train IDs.

    Raises
    ------
    TypeError
        If the offset is not a whole number.
    ValueError
        If it is larger than any train ID.
    """
    number = operator.index(offset)
    if abs(number) > _LARGEST:
        raise ValueError(f"a train offset of {number} is larger than any train ID")
    moved = {s.stored.source for s in selected_sources(selection, wanted, "*")}
    return selection.with_sources(
        source.with_train_offset(number) if name in moved else source
        for name, source in selection.sources.items()
    )
