"""A request in canonical form, and a part of it within one place of the chunk grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from ..handle import FileHandle
from .guard import data_error
from .layout import DatasetLayout
from .region import Block, Region
from .segments import Segments


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What to read from one dataset, and where it goes.

    Attributes
    ----------
    handle : FileHandle
        The file.
    dataset : str
        Path of the dataset.
    layout : DatasetLayout
        How it is stored.
    segments : Segments
        Rows wanted, and the rows of ``out`` they go to.
    region : Region
        Selection on the inner axes.
    out : ndarray
        Destination with all inner axes, also those that the caller's array does not have.
    """

    handle: FileHandle
    dataset: str
    layout: DatasetLayout
    segments: Segments
    region: Region
    out: NDArray[Any]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to read."""
        return not len(self.segments) or not all(self.region.counts)

    def error(self, what: str) -> DataError:
        """Error about this dataset."""
        return data_error(self.handle, self.dataset, what)


def all_axes(out: NDArray[Any], region: Region) -> NDArray[Any]:
    """View of a destination with an axis of length 1 wherever an int dropped one."""
    if all(region.kept):
        return out
    return out[(slice(None), *(slice(None) if kept else None for kept in region.kept))]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One block of a task's region: the same place of the inner chunk grid for all rows.

    Attributes
    ----------
    task : Task
        The whole.
    block : Block
        The part of its region.
    """

    task: Task
    block: Block

    def chunk_error(self, number: int, what: str) -> DataError:
        """Error about one chunk, by its number in the grid."""
        grid = self.task.layout.grid
        where = tuple(int(i) for i in np.unravel_index(number, grid)) if all(grid) else ()
        return self.task.error(f"chunk {where} {what}")

    def destination(self, rows: slice) -> NDArray[Any]:
        """The block's place in some rows of the destination."""
        return self.task.out[(rows, *self.block.dst)]
