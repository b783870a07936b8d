"""Rows through h5py, under its lock: for everything that is not plain bytes in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foreign import FOREIGN
from ..handle import FileHandle
from .layout import DatasetLayout
from .scatter import scatter
from .segments import Segments, joined, split
from .task import Task

# Bytes that one call asks of h5py, unless a chunk is larger.
CALL_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, eq=False)
class LibraryUnit:
    """Some neighbouring rows, read by h5py.

    Attributes
    ----------
    task : Task
        What they are a part of.
    segments : Segments
        Rows of the dataset, and the destination rows they go to.
    """

    task: Task
    segments: Segments

    @property
    def handle(self) -> FileHandle:
        """The file."""
        return self.task.handle

    @property
    def nbytes(self) -> int:
        """About how much work it is."""
        rows = int(self.segments.count.sum())
        return rows * prod(self.task.layout.entry_shape) * self.task.layout.dtype.itemsize

    def run(self, fd: int) -> None:
        """Read the rows' hull and put what is wanted of it in its place."""
        del fd
        low, high = int(self.segments.start.min()), int(self.segments.stop.max())
        hull = [axis.bounds() for axis in self.task.region.axes]
        stack = self._rows(low, high, hull)
        moved = tuple(
            axis.within(*ends)[0].index()
            for axis, ends in zip(self.task.region.axes, hull, strict=True)
        )
        everywhere = tuple(slice(None) for _ in moved)
        scatter(stack, moved, self.segments.shifted(-low), self.task.out, everywhere)

    def _rows(self, low: int, high: int, hull: list[tuple[int, int]]) -> NDArray[Any]:
        task = self.task
        # Axes inside the element type are not the dataset's own: h5py gives them whole.
        own = len(task.layout.shape) - 1
        with task.handle.h5() as file:
            try:
                stored = file[task.dataset]
                rows = stored[(slice(low, high), *(slice(*ends) for ends in hull[:own]))]
            except FOREIGN as exc:
                task.handle.check()
                raise task.error(f"rows {low} to {high} cannot be read: {exc}") from exc
        inside: Any = (..., *(slice(*ends) for ends in hull[own:]))
        selected: NDArray[Any] = np.asarray(rows)[inside]
        return selected


def through_library(task: Task) -> Iterator[LibraryUnit]:
    """Cut a task into calls of h5py, each of neighbouring rows."""
    if task.empty:
        return
    segments, block = split(task.segments, _rows_per_call(task.layout))
    order = np.argsort(block, kind="stable")
    segments, block = segments.take(order), block[order]
    borders = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(block)]
    for first, stop in pairwise(borders):
        yield LibraryUnit(task, joined(segments.take(slice(first, stop))))


def _rows_per_call(layout: DatasetLayout) -> int:
    row_bytes = max(1, prod(layout.entry_shape) * layout.dtype.itemsize)
    rows = max(1, CALL_BYTES // row_bytes)
    if layout.chunks is None:
        return rows
    # Whole chunks, so that none is decoded twice.
    return max(1, rows // layout.chunks[0]) * layout.chunks[0]
