"""Trains chosen by their IDs: one, several, or a range."""

from __future__ import annotations

import math
import operator
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from .user_warning import warn_user

TrainIds = NDArray[np.uint64]


def pick_by_id(train_ids: TrainIds, wanted: object) -> TrainIds:
    """Trains among `train_ids` that stand in ``by_id[wanted]``."""
    if isinstance(wanted, slice):
        return _pick_range(train_ids, wanted)
    asked = _id_values(wanted)
    chosen = pick_members(train_ids, as_ids(asked))
    if asked.size and not len(chosen):
        warn_user(f"none of the train IDs asked for is among {_describe(train_ids)}")
    return chosen


def pick_members(train_ids: TrainIds, asked: TrainIds) -> TrainIds:
    """The train IDs that were asked for."""
    return train_ids[np.isin(train_ids, asked)]


def _id_values(wanted: object) -> NDArray[Any]:
    """An array of what stands in ``by_id[...]``."""
    if isinstance(wanted, list | range) or (hasattr(wanted, "__array__") and np.ndim(wanted)):
        return np.asarray(wanted)
    if isinstance(wanted, SupportsIndex) and not isinstance(wanted, bool | np.bool_):
        return np.array([operator.index(wanted)])
    hint = ", with two brackets for several: by_id[[1, 2]]" if isinstance(wanted, tuple) else ""
    raise TypeError(
        f"by_id takes a train ID, slice, list or array of IDs, not a {type(wanted).__name__}{hint}"
    )


def as_ids(values: NDArray[Any]) -> TrainIds:
    """Values that can be train IDs; others, such as -1, belong to no train."""
    if values.ndim != 1:
        raise TypeError(f"train IDs must be one-dimensional, not {values.shape}")
    if not values.size:
        return np.empty(0, dtype=np.uint64)
    if values.dtype.kind in "iu":
        return values[values >= 0].astype(np.uint64)
    # IDs that went through a data frame are floats; mixed lists of signed and unsigned too.
    if values.dtype.kind == "f" and bool(np.all(values == np.floor(values))):
        return values[(values >= 0) & (values < 2.0**64)].astype(np.uint64)
    if values.dtype.kind == "O" and all(type(v) is int for v in values):
        return np.array([v for v in values if 0 <= v < 2**64], dtype=np.uint64)
    raise TypeError(f"train IDs must be whole numbers, not {values.dtype}: {values[:3].tolist()}")


def _pick_range(train_ids: TrainIds, wanted: slice) -> TrainIds:
    """Trains in a range of IDs; the step counts the trains that are there."""
    start, stop = _bound(wanted.start), _bound(wanted.stop)
    step = 1 if wanted.step is None else operator.index(wanted.step)
    if step == 0:
        raise ValueError("the step of a slice cannot be zero")
    lowest, beyond = start, stop
    if step < 0:
        # A slice that runs down includes its start, its upper end.
        lowest = None if stop is None else stop + 1
        beyond = None if start is None else start + 1
    _warn_if_outside(train_ids, lowest, beyond)
    return in_order(train_ids[_place(train_ids, lowest) : _place(train_ids, beyond)][::step])


def in_order(trains: TrainIds) -> TrainIds:
    """The same, increasing; it comes in decreasing order from slices with a negative step."""
    return trains[::-1] if len(trains) > 1 and trains[0] > trains[-1] else trains


def _bound(value: Any) -> int | None:
    """The first whole number not below the end of a slice."""
    if value is None:
        return None
    if isinstance(value, SupportsIndex):
        return operator.index(value)
    if isinstance(value, float | np.floating) and math.isfinite(value):
        return math.ceil(value)
    raise TypeError(f"a slice of train IDs cannot end at {value!r}")


def _place(train_ids: TrainIds, bound: int | None) -> int | None:
    """How many trains are below a bound."""
    if bound is None:
        return None
    if bound >= 2**64:
        return len(train_ids)
    return int(np.searchsorted(train_ids, np.uint64(max(bound, 0))))


def _warn_if_outside(train_ids: TrainIds, lowest: int | None, beyond: int | None) -> None:
    if lowest is None and beyond is None:
        return
    if not len(train_ids):
        warn_user("train IDs were asked for in data without trains")
    elif lowest is not None and lowest > train_ids[-1]:
        warn_user(f"train ID {lowest} is after {_describe(train_ids)}")
    elif beyond is not None and beyond < train_ids[0]:
        warn_user(f"train ID {beyond} is before {_describe(train_ids)}")


def _describe(train_ids: TrainIds) -> str:
    if not len(train_ids):
        return "the 0 trains of this data"
    return f"the {len(train_ids)} trains of this data ({train_ids[0]} to {train_ids[-1]})"
