"""From what users write for a choice of trains to the train IDs chosen.

This is the one boundary: behind it a selection is a sorted array of train IDs without repeats.
"""

from __future__ import annotations

import operator
from typing import Any, Generic, NoReturn, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import NDArray

from .id_selection import TrainIds, as_ids, in_order, pick_by_id, pick_members

_T = TypeVar("_T", bound="_By")


class _By:
    """A value together with what its numbers mean."""

    __slots__ = ("value",)
    name = "by"
    value: object

    def __init__(self, value: object) -> None:
        object.__setattr__(self, "value", value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{self.name} selections cannot be changed")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.value,)

    def __repr__(self) -> str:
        return f"{self.name}[{_shown(self.value)}]"


def _shown(value: object) -> str:
    """As it was written between the brackets."""
    if isinstance(value, tuple) and value:
        return ", ".join(map(_shown, value)) + "," * (len(value) == 1)
    if value is Ellipsis:
        return "..."
    if not isinstance(value, slice):
        return repr(value)
    ends = [value.start, value.stop] + ([] if value.step is None else [value.step])
    return ":".join("" if end is None else str(end) for end in ends)


class ById(_By):
    """What ``by_id[...]`` gives: one ID, a slice, list or array of IDs, as `value`.

    A slice takes the IDs from its start up to, but without, its stop. IDs that are absent are
    passed over.

    Examples
    --------
    >>> from euxfel.core.train_selection import by_id
    >>> by_id[1700000100:1700000200]
    by_id[1700000100:1700000200]
    >>> by_id[[1700000100, 1700000150]].value
    [1700000100, 1700000150]
    """

    __slots__ = ()
    name = "by_id"


class ByIndex(_By):
    """What ``by_index[...]`` gives: one position, a slice, list or array of them, as `value`.

    Examples
    --------
    >>> from euxfel.core.train_selection import by_index
    >>> by_index[-10:]
    by_index[-10:]
    """

    __slots__ = ()
    name = "by_index"


class _Brackets(Generic[_T]):
    """Takes what stands between its brackets, so that slices can be written as such."""

    def __init__(self, kind: type[_T]) -> None:
        self._kind = kind

    def __getitem__(self, value: object) -> _T:
        return self._kind(value)

    # EXtra-data has classes under these names, and code asks isinstance(x, by_id).
    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._kind)

    def __reduce__(self) -> str:
        return self._kind.name

    def __repr__(self) -> str:
        return self._kind.name


by_id = _Brackets(ById)
"""Train IDs as a selection: ``by_id[10005]``, ``by_id[10000:10100]``, ``by_id[[10002, 10004]]``.

A slice takes the IDs from its start up to, but without, its stop. IDs that are absent are passed
over; a warning tells if nothing is left."""
by_index = _Brackets(ByIndex)
"""Positions of trains as a selection: ``by_index[:5]``, the same as ``[:5]`` said in words."""


def pick_trains(train_ids: TrainIds, wanted: object) -> TrainIds:
    """Train IDs chosen by what a user wrote, sorted and without repeats.

    Parameters
    ----------
    train_ids : array of uint64
        The IDs to choose from, sorted and unique.
    wanted : object
        A slice, int, range, list or array of positions; ``by_index[...]`` of the same;
        ``by_id[...]`` of one ID, a slice, list or array of IDs; an array of bool, one per train;
        or an xarray.DataArray of bool with a ``trainId`` coordinate.

    Returns
    -------
    array of uint64
        A part of `train_ids`. Order and repeats in `wanted` do not matter.

    Raises
    ------
    IndexError
        A position is outside the data.
    ValueError
        A boolean array does not match the trains.
    TypeError
        `wanted` is none of these, or its numbers are not whole.

    Warns
    -----
    UserWarning
        None of the IDs asked for is in the data, or a slice of IDs misses the run altogether.

    Examples
    --------
    >>> import numpy as np
    >>> ids = np.arange(1000, 1010, dtype=np.uint64)
    >>> pick_trains(ids, [5, 1, 1]).tolist()
    [1001, 1005]
    >>> pick_trains(ids, by_id[1008:]).tolist()
    [1008, 1009]
    """
    if isinstance(wanted, ById):
        return pick_by_id(train_ids, wanted.value)
    if isinstance(wanted, ByIndex):
        wanted = wanted.value
    if _is_labelled(wanted):
        return _pick_by_labelled_mask(train_ids, wanted)
    return _pick_by_position(train_ids, wanted)


def _pick_by_position(train_ids: TrainIds, wanted: object) -> TrainIds:
    if isinstance(wanted, slice):
        return in_order(train_ids[wanted])
    if isinstance(wanted, list | range) or (isinstance(wanted, np.ndarray) and wanted.ndim):
        values = np.asarray(wanted)
        if values.dtype == np.bool_:
            return _pick_by_mask(train_ids, values)
        return _pick_positions(train_ids, values)
    if isinstance(wanted, SupportsIndex) and not isinstance(wanted, bool | np.bool_):
        return _pick_one_position(train_ids, operator.index(wanted))
    raise TypeError(
        f"trains cannot be chosen by a {type(wanted).__name__}: give a slice, int, list, range or "
        "array of positions, by_id[...], by_index[...] or an array of bool"
    )


def _pick_one_position(train_ids: TrainIds, position: int) -> TrainIds:
    count = len(train_ids)
    if not -count <= position < count:
        _refuse_position(position, count)
    position %= count
    return train_ids[position : position + 1]


def _pick_positions(train_ids: TrainIds, positions: NDArray[Any]) -> TrainIds:
    if positions.ndim != 1:
        raise TypeError(f"positions of trains must be one-dimensional, not {positions.shape}")
    if not positions.size:
        return train_ids[:0]
    if positions.dtype.kind not in "iu":
        raise TypeError(f"positions of trains must be integers, not {positions.dtype}")
    count = len(train_ids)
    for extreme in (int(positions.min()), int(positions.max())):
        if not -count <= extreme < count:
            _refuse_position(extreme, count)
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[positions] = True
    return train_ids[chosen]


def _refuse_position(position: int, count: int) -> NoReturn:
    raise IndexError(f"there is no train at position {position}: {_number_of_trains(count)} here")


def _number_of_trains(count: int) -> str:
    return f"{count} train is" if count == 1 else f"{count} trains are"


def _pick_by_mask(train_ids: TrainIds, mask: NDArray[np.bool_]) -> TrainIds:
    if mask.shape != train_ids.shape:
        shape = len(mask) if mask.ndim == 1 else mask.shape
        raise ValueError(
            f"an array of bool chooses trains only if it has one value per train: its length is "
            f"{shape}, the number of trains {len(train_ids)}"
        )
    return train_ids[mask]


def _is_labelled(wanted: object) -> bool:
    """Whether this is an xarray.DataArray, found out without importing xarray."""
    return hasattr(wanted, "dims") and hasattr(wanted, "coords") and hasattr(wanted, "values")


def _pick_by_labelled_mask(train_ids: TrainIds, wanted: Any) -> TrainIds:
    if wanted.dtype != np.bool_:
        raise TypeError(f"a DataArray that chooses trains must be of bool, not {wanted.dtype}")
    if "trainId" not in wanted.coords:
        raise ValueError(
            "a DataArray that chooses trains needs a 'trainId' coordinate; "
            "its .values choose by position"
        )
    labels, mask = np.asarray(wanted.coords["trainId"].values), np.asarray(wanted.values)
    if mask.ndim != 1 or labels.shape != mask.shape:
        raise ValueError(
            f"a DataArray that chooses trains must be one-dimensional with one 'trainId' per "
            f"value, not of shape {mask.shape} with {labels.shape} labels"
        )
    return pick_members(train_ids, as_ids(labels[mask]))
