"""From what users write for a choice of pulses to the frames chosen."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from euxfel.core.train_selection import ById, ByIndex
from euxfel.fileaccess.distinct import distinct

from .frames import I64, Frames
from .ids import U64, stage_and_position


@dataclass(frozen=True, eq=False)
class PulseChoice:
    """Pulses of each train, by position or by pulse ID.

    Attributes
    ----------
    by_id : bool
        Whether the values are pulse IDs.
    value : slice or ndarray
        A slice, an array of numbers, or for positions an array of bool.
    """

    by_id: bool
    value: slice | NDArray[Any]


def pulse_choice(pulses: object) -> PulseChoice | None:
    """Bring a choice of pulses into its one form; None for all of them.

    Parameters
    ----------
    pulses : object
        A slice, int, list or array of positions in the train; ``by_index[...]`` of the same,
        or ``by_id[...]`` of pulse IDs. Negative positions count from the end of a train.

    Raises
    ------
    TypeError
        It is none of these.
    ValueError
        IDs are negative, or the step of a slice is 0 or, for IDs, negative.
    """
    by_id = isinstance(pulses, ById)
    value = pulses.value if isinstance(pulses, ById | ByIndex) else pulses
    if isinstance(value, slice):
        checked: slice | NDArray[Any] = _checked_slice(value, by_id)
    elif isinstance(value, SupportsIndex) and np.ndim(value) == 0:  # type: ignore[arg-type]
        checked = np.array([operator.index(value)])
    else:
        checked = _checked_array(np.asarray(value), by_id)
    if by_id and isinstance(checked, np.ndarray) and (checked < 0).any():
        raise ValueError("pulse IDs cannot be negative")
    if isinstance(checked, slice) and _takes_all(checked):
        return None
    return PulseChoice(by_id, checked)


def _checked_slice(value: slice, by_id: bool) -> slice:
    try:
        parts = [None if p is None else operator.index(p) for p in _ends(value)]
    except TypeError:
        raise TypeError(f"a slice of pulses takes integers, not {value}") from None
    if parts[2] == 0 or (by_id and (parts[2] or 1) < 0):
        raise ValueError("the step of a slice of pulses must be positive")
    if by_id and any(p is not None and p < 0 for p in parts):
        raise ValueError("pulse IDs cannot be negative")
    return slice(*parts)


def _takes_all(value: slice) -> bool:
    return value.start in (None, 0) and value.stop is None and value.step in (None, 1)


def _ends(value: slice) -> tuple[Any, Any, Any]:
    return value.start, value.stop, value.step


def _checked_array(value: NDArray[Any], by_id: bool) -> NDArray[Any]:
    if value.ndim != 1:
        raise TypeError("pulses are chosen by a slice, a number, or a list or array of numbers")
    if not value.size:
        return value.astype(np.int64)
    if value.dtype.kind == "f" and (value == np.floor(value)).all():
        value = value.astype(np.int64)
    if value.dtype.kind not in ("iu" if by_id else "iub"):
        raise TypeError(f"numbers of pulses must be integers, not {value.dtype}")
    return value if value.dtype.kind == "b" else value.astype(np.int64)


def picked_by_position(choice: PulseChoice, frames: Frames, stages: int) -> I64:
    """Give the frames chosen by position in each train, train after train, as asked.

    With gain stages, positions count within each stage.
    """
    parts, owners = [], []
    for slots in distinct(frames.slots).tolist():
        trains = np.flatnonzero(frames.slots == slots)
        inner = _positions(choice.value, slots // stages)
        inner = np.concatenate([inner + stage * (slots // stages) for stage in range(stages)])
        parts.append((frames.starts[trains][:, np.newaxis] + inner).ravel())
        owners.append(np.repeat(trains, len(inner)))
    if not parts:
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(np.concatenate(owners), kind="stable")
    picked: I64 = np.concatenate(parts)[order]
    return picked


def _positions(value: slice | NDArray[Any], count: int) -> I64:
    """Give positions in a train of so many frames; those beyond its end are passed over."""
    if isinstance(value, slice):
        return np.arange(count)[value]
    if value.dtype == np.bool_:
        return np.flatnonzero(_checked_mask(value, count))
    inside: I64 = value[(value >= -count) & (value < count)]
    inside[inside < 0] += count
    return _first_of_each(inside)


def _checked_mask(mask: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    if len(mask) != count:
        raise ValueError(
            f"an array of bool chooses pulses only if it has one value per frame of a train: "
            f"it has {len(mask)}, the train {count}"
        )
    return mask


def _first_of_each(values: I64) -> I64:
    _, first = np.unique(values, return_index=True)
    kept: I64 = values[np.sort(first)]
    return kept


def picked_by_id(choice: PulseChoice, ids: U64, frames: Frames, stages: int) -> I64:
    """Give the frames with chosen pulse IDs, train after train.

    A slice takes frames in the order of the data, a list or array in its own order.
    """
    if isinstance(choice.value, slice):
        return np.flatnonzero(_in_slice(choice.value, ids))
    wanted = _first_of_each(choice.value).astype(np.uint64)
    order = np.argsort(wanted)
    at = np.searchsorted(wanted[order], ids)
    at[at == len(wanted)] = 0
    found = np.flatnonzero(wanted[order][at] == ids) if len(wanted) else np.zeros(0, np.int64)
    stage, _ = stage_and_position(frames, stages)
    rank = order[at[found]] if len(wanted) else found
    picked: I64 = found[np.lexsort((found, rank, stage[found], frames.train_of[found]))]
    return picked


def _in_slice(value: slice, ids: U64) -> NDArray[np.bool_]:
    start, step = value.start or 0, value.step or 1
    inside: NDArray[np.bool_] = ids >= np.uint64(start)
    if value.stop is not None:
        inside &= ids < np.uint64(value.stop)
    inside &= (ids - np.uint64(start)) % np.uint64(step) == 0
    return inside
