"""Selection on the inner axes, in one canonical form, and its cut at chunk borders."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from ..distinct import distinct


@dataclass(frozen=True, slots=True)
class Axis:
    """Elements ``start, start + step, ...`` of one axis, ``count`` of them."""

    start: int
    step: int
    count: int

    def index(self) -> slice:
        """The same as a slice."""
        if not self.count:
            return slice(0, 0)
        stop = self.start + self.step * self.count
        return slice(self.start, None if stop < 0 else stop, self.step)

    def bounds(self) -> tuple[int, int]:
        """First element touched, and one past the last."""
        last = self.start + self.step * (self.count - 1)
        return min(self.start, last), max(self.start, last) + 1

    def within(self, low: int, high: int) -> tuple[Axis, slice]:
        """The part in ``[low, high)``, counted from ``low``, and which of the elements it is."""
        if self.step > 0:
            first = -((self.start - low) // self.step)
            end = -((self.start - high) // self.step)
        else:
            first = (self.start - high) // -self.step + 1
            end = (self.start - low) // -self.step + 1
        first, end = max(first, 0), min(end, self.count)
        part = Axis(self.start + self.step * first - low, self.step, max(end - first, 0))
        return part, slice(first, max(end, first))


@dataclass(frozen=True, slots=True)
class Region:
    """What is selected on the inner axes.

    Attributes
    ----------
    axes : tuple of Axis
        The selection on every inner axis.
    kept : tuple of bool
        False for axes that the result does not have.
    """

    axes: tuple[Axis, ...]
    kept: tuple[bool, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Elements selected on every axis."""
        return tuple(axis.count for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one selected row."""
        return tuple(a.count for a, kept in zip(self.axes, self.kept, strict=True) if kept)


def normalised(roi: tuple[slice | int, ...], entry_shape: tuple[int, ...]) -> Region:
    """Turn a selection as NumPy understands it into a region.

    Raises
    ------
    IndexError
        If there are more selectors than axes, or an int is outside its axis.

    Examples
    --------
    >>> from euxfel.fileaccess.engine.region import normalised
    >>> normalised((slice(None, None, 2), -1), (5, 4, 3)).shape
    (3, 3)
    """
    if len(roi) > len(entry_shape):
        raise IndexError(f"{len(roi)} selectors for entries of shape {entry_shape}")
    full = [*roi, *[slice(None)] * (len(entry_shape) - len(roi))]
    axes = tuple(_axis(part, n) for part, n in zip(full, entry_shape, strict=True))
    return Region(axes, tuple(isinstance(part, slice) for part in full))


def _axis(part: slice | int, length: int) -> Axis:
    if isinstance(part, slice):
        indices = range(length)[part]
        return Axis(indices.start, indices.step, len(indices))
    position = operator.index(part)
    if not -length <= position < length:
        raise IndexError(f"index {position} is out of bounds for axis of length {length}")
    return Axis(position % length, 1, 1)


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a region inside one place of the chunk grid's inner axes.

    Attributes
    ----------
    number : int
        Which place, counted through the inner axes of the grid.
    src : tuple of slice
        Elements wanted, within the chunk.
    dst : tuple of slice
        Where they go, within a destination row.
    axes : tuple of Axis
        The same as ``src``.
    """

    number: int
    axes: tuple[Axis, ...]
    src: tuple[slice, ...]
    dst: tuple[slice, ...]

    def narrowed(self, axis: int, chosen: Axis, to: slice) -> Block:
        """The same with other elements of one axis, which go elsewhere."""
        return Block(
            number=self.number,
            axes=(*self.axes[:axis], chosen, *self.axes[axis + 1 :]),
            src=(*self.src[:axis], chosen.index(), *self.src[axis + 1 :]),
            dst=(*self.dst[:axis], to, *self.dst[axis + 1 :]),
        )


def blocks(region: Region, grid: tuple[int, ...], chunk: tuple[int, ...]) -> list[Block]:
    """Cut a region at the borders of the chunks on the inner axes."""
    parts = [_cut(axis, size) for axis, size in zip(region.axes, chunk, strict=True)]
    weights = [prod(grid[i + 1 :]) for i in range(len(grid))]
    return [_block(choice, weights) for choice in product(*parts)]


_Part = tuple[int, Axis, slice]


def _cut(axis: Axis, size: int) -> list[_Part]:
    low, high = axis.bounds()
    if not axis.count:
        return []
    if low // size == (high - 1) // size:
        number = low // size
        moved = Axis(axis.start - number * size, axis.step, axis.count)
        return [(number, moved, slice(0, axis.count))]
    places = (axis.start + axis.step * np.arange(axis.count)) // size
    numbers = distinct(places).tolist()
    return [(n, *axis.within(n * size, (n + 1) * size)) for n in numbers]


def _block(choice: tuple[_Part, ...], weights: list[int]) -> Block:
    return Block(
        number=sum(part[0] * weight for part, weight in zip(choice, weights, strict=True)),
        axes=tuple(part[1] for part in choice),
        src=tuple(part[1].index() for part in choice),
        dst=tuple(part[2] for part in choice),
    )


def as_bytes(block: Block, chunk: tuple[int, ...], itemsize: int) -> tuple[int, int] | None:
    """First byte and one past the last of a block within a chunk's row, if it has no holes."""
    first, size, whole = 0, itemsize, True
    for axis, length in zip(reversed(block.axes), reversed(chunk), strict=True):
        stride = itemsize
        itemsize *= length
        if not whole and axis.count != 1:
            return None
        if axis.count > 1 and axis.step != 1:
            return None
        first += axis.start * stride
        if whole:
            size = stride * axis.count
        whole = whole and axis.count == length
    return first, first + size
