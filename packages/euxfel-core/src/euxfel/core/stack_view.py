"""Arrays side by side that look like one array, without a copy."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import NDArray

_Basic: TypeAlias = int | slice


class StackView:
    """What `numpy.stack` would give of some arrays, made without copying them.

    Integers, slices and ``...`` between brackets give views of the same data: an array if they
    choose a single module, else a StackView. Any other index copies, as does every function of
    NumPy that is called with a StackView.

    Parameters
    ----------
    arrays : sequence of ndarray
        Arrays of one shape and type.
    axis : int
        Where the axis along the sequence is among those of the result.

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    """

    __slots__ = ("_arrays", "_axis", "dtype", "shape")

    def __init__(self, arrays: Sequence[NDArray[Any]], axis: int) -> None:
        self._arrays = arrays
        self._axis = axis
        one: tuple[int, ...] = arrays[0].shape
        self.shape: tuple[int, ...] = (*one[:axis], len(arrays), *one[axis:])
        self.dtype: np.dtype[Any] = arrays[0].dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self._arrays) * self._arrays[0].size

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<StackView (shape={self.shape}, dtype={self.dtype})>"

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("a StackView cannot become an array without a copy")
        return self.asarray().astype(dtype or self.dtype, copy=False)

    def asarray(self) -> NDArray[Any]:
        """Copy the data into a new array."""
        return np.stack(self._arrays, axis=self._axis)

    def squeeze(self, axis: int | None = None) -> Any:
        """The same data without axes of length 1, or without one of them.

        Raises
        ------
        ValueError
            `axis` is not of length 1.
        """
        if axis is not None and self.shape[axis] != 1:
            raise ValueError(f"axis {axis} has length {self.shape[axis]}, not 1")
        dropped = range(self.ndim) if axis is None else [axis % self.ndim]
        is_dropped = [i in dropped and self.shape[i] == 1 for i in range(self.ndim)]
        return self[tuple(0 if drop else slice(None) for drop in is_dropped)]

    def __getitem__(self, index: Any) -> Any:
        basic = self._basic_index(index if isinstance(index, tuple) else (index,))
        if basic is None:
            return self.asarray()[index]
        modules, within = basic[self._axis], (*basic[: self._axis], *basic[self._axis + 1 :])
        if isinstance(modules, int):
            return self._arrays[_position(modules, len(self._arrays), self._axis)][within]
        chosen = self._arrays[modules]
        if not chosen:
            return self.asarray()[index]
        axes_before = sum(isinstance(part, slice) for part in within[: self._axis])
        return StackView([array[within] for array in chosen], axes_before)

    def _basic_index(self, index: tuple[Any, ...]) -> list[_Basic] | None:
        """One integer or slice per axis; None if the index holds anything else."""
        parts = [_basic(part) for part in index]
        if None in parts or sum(part is Ellipsis for part in parts) > 1:
            return None
        missing = self.ndim - sum(part is not Ellipsis for part in parts)
        if missing < 0:
            raise IndexError(f"{len(parts)} indices for an array with {self.ndim} axes")
        gap = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
        filled = [*parts[:gap], *[slice(None)] * missing, *parts[gap + 1 :]]
        return [part for part in filled if isinstance(part, int | slice)]


def _basic(part: Any) -> Any:
    """A part of an index that needs no copy: an integer, slice or Ellipsis; else None."""
    if isinstance(part, slice) or part is Ellipsis:
        return part
    is_scalar = not isinstance(part, bool | np.bool_) and not getattr(part, "shape", ())
    return operator.index(part) if is_scalar and isinstance(part, SupportsIndex) else None


def _position(index: int, length: int, axis: int) -> int:
    if not -length <= index < length:
        raise IndexError(f"index {index} is out of bounds for axis {axis} with size {length}")
    return index
