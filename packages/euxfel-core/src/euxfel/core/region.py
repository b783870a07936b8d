"""Regions of interest: which part of each row is wanted.

A region is what stands between brackets after the rows: ``np.s_[:, 5:10]``, ``by_index[3]``, a
list of positions. The read engine takes integers and slices; positions in a list are read as
the slice around them and picked afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Basic = tuple[slice | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region of interest of rows of one shape.

    Attributes
    ----------
    basic : tuple of slice or int
        What the read engine is asked for, an item for each axis.
    picked : tuple of (int, ndarray)
        Axis of what was read, without rows, and positions along it.
    entry_shape : tuple of int
        Shape of a row before anything is cut out.
    """

    basic: Basic
    picked: tuple[tuple[int, NDArray[np.int64]], ...]
    entry_shape: tuple[int, ...]

    @classmethod
    def of(cls, roi: Any, entry_shape: tuple[int, ...]) -> Region:
        """Make a region from what a user passed.

        Raises
        ------
        IndexError
            If the region has more axes than a row, or names a position outside of it.
        TypeError
            If an item is None.
        """
        items = _one_per_axis(getattr(roi, "value", roi), entry_shape)
        basic: list[slice | int] = []
        picked: list[tuple[int, NDArray[np.int64]]] = []
        axis = 0
        for item, length in zip(items, entry_shape, strict=True):
            if isinstance(item, list | np.ndarray | range):
                positions = _positions(item, length)
                low = int(positions.min(initial=length))
                basic.append(slice(min(low, length), int(positions.max(initial=-1)) + 1))
                picked.append((axis, positions - low))
                axis += 1
            elif isinstance(item, slice):
                basic.append(item)
                axis += 1
            else:
                basic.append(_position(item, length))
        return cls(tuple(basic), tuple(picked), entry_shape)

    @property
    def read_shape(self) -> tuple[int, ...]:
        """Shape of what is read of each row."""
        # A view of one byte in every dimension: NumPy's own rules, without the memory.
        return np.broadcast_to(np.int8(0), self.entry_shape)[self.basic].shape

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the region of one row."""
        shape = list(self.read_shape)
        for axis, positions in self.picked:
            shape[axis] = len(positions)
        return tuple(shape)

    def pick(self, read: NDArray[Any]) -> NDArray[Any]:
        """Give the listed positions from rows that were read."""
        for axis, positions in self.picked:
            read = np.take(read, positions, axis=axis + 1)
        return read

    def coordinates(self) -> list[Any]:
        """Give the positions along each axis of a whole row: one number where it is cut out."""
        items = zip(self.basic, self.entry_shape, strict=True)
        found = [np.arange(n)[item] for item, n in items]
        left = [axis for axis, item in enumerate(self.basic) if isinstance(item, slice)]
        for axis, positions in self.picked:
            found[left[axis]] = found[left[axis]][positions]
        return found


def _one_per_axis(value: Any, entry_shape: tuple[int, ...]) -> list[Any]:
    items = list(value) if isinstance(value, tuple) else [value]
    n_given = sum(item is not Ellipsis for item in items)
    if n_given > len(entry_shape):
        raise IndexError(
            f"the region has {n_given} axes, rows of shape {entry_shape} have {len(entry_shape)}"
        )
    rest = [slice(None)] * (len(entry_shape) - n_given)
    if n_given == len(items):
        return items + rest
    at = next(i for i, item in enumerate(items) if item is Ellipsis)
    after = [item for item in items[at + 1 :] if item is not Ellipsis]
    return items[:at] + rest + after


def _positions(item: Any, length: int) -> NDArray[np.int64]:
    listed = np.asarray(item)
    if listed.dtype.kind == "b":
        if listed.shape != (length,):
            raise IndexError(f"a mask of shape {listed.shape} for an axis of {length}")
        return np.flatnonzero(listed)
    if listed.ndim != 1 or (listed.size and listed.dtype.kind not in "iu"):
        raise TypeError(f"a region takes lists of positions, not {item!r}")
    positions = listed.astype(np.int64)
    if ((positions < -length) | (positions >= length)).any():
        raise IndexError(f"positions {item!r} go beyond an axis of {length}")
    return np.where(positions < 0, positions + length, positions)


def _position(item: Any, length: int) -> int:
    if isinstance(item, bool | np.bool_) or not hasattr(item, "__index__"):
        # The kinds of error that HDF5 users know: None is no selection, text is no index.
        kind = TypeError if item is None else IndexError
        raise kind(f"a region takes integers, slices and lists of positions, not {item!r}")
    position: int = item.__index__()
    if not -length <= position < length:
        raise IndexError(f"position {position} is outside of an axis of {length}")
    return position
