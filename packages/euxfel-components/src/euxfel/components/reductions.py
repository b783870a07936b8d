"""Means, sums, deviations and extremes of frames, read block by block.

Blocks of frames are read and reduced by several threads; in memory are the blocks at work and
the result, never the data. ``over="trains"`` leaves one value per pulse (by pulse ID; per memory
cell for JUNGFRAU), ``over="pulses"`` one per train, both one per pixel. Frames that are missing
and pixels that are masked are left out. Results equal those of NumPy on the loaded array: integers
and extremes exactly, sums and means of floats to a relative 1e-12 of NumPy's in float64, standard
deviations to 1e-9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .accumulate import ACCUMULATORS, Accumulator, Name
from .frames import I64
from .groups import ALL, Groups, Over, groups_of
from .workers import Progress, for_each

if TYPE_CHECKING:
    import xarray as xr

    from .view import MultimodKeyData

__all__ = ["ALL", "Over", "reduced"]

# Elements of a block: reductions make temporaries of 8 bytes for each.
BLOCK_ELEMENTS = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Some frames of one module."""

    module: int
    where: slice


@dataclass(frozen=True, slots=True, eq=False)
class _Reduction:
    """One reduction at work: what to read, and where it adds up."""

    view: MultimodKeyData
    roi: Any
    picked: I64
    present: NDArray[np.bool_]
    groups: Groups
    result: Accumulator

    def blocks(self, entry_elements: int) -> Iterator[_Block]:
        """Cut the frames of each module into blocks."""
        size = max(1, BLOCK_ELEMENTS // max(1, entry_elements))
        for module in range(len(self.present)):
            for low in range(0, len(self.picked), size):
                where = slice(low, min(low + size, len(self.picked)))
                if self.present[module, where].any():
                    yield _Block(module, where)

    def work(self, block: _Block) -> None:
        """Read a block and add it up, group by group."""
        inside = np.flatnonzero(self.present[block.module, block.where]) + block.where.start
        data, good = self._read(block.module, inside)
        for group, where in self.groups.runs(inside):
            chosen = None if good is None else self.groups.flat(good[where])
            self.result.add(block.module, group, self.groups.flat(data[where]), chosen)

    def _read(self, module: int, inside: I64) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        view = self.view
        if view._mask is None:
            plan = view._key.plan(self.picked[inside], modules=[module], roi=self.roi)
            return plan.read(threads=1)[0], None
        masked = view._masked_read(self.roi)
        shape = view._key.region(self.roi).shape
        data = np.empty((1, len(inside), *shape), view.dtype)
        bad = masked.read_block(data, module, self.picked[inside])
        return data[0], ~bad[0]


def reduced(
    view: MultimodKeyData, name: Name, over: Over, roi: Any, progress: Progress | None
) -> xr.DataArray:
    """Give a reduction of a key of all modules as a labelled array.

    Parameters
    ----------
    view : MultimodKeyData
        What to reduce.
    name : str
        ``"mean"``, ``"std"``, ``"sum"``, ``"max"`` or ``"min"``.
    over : str or tuple of str
        ``"trains"``, ``"pulses"`` or both.
    roi : tuple
        How to index each entry.
    progress : callable, optional
        Called with the number of blocks done and of all blocks.

    Raises
    ------
    ValueError
        The data has no such axis.
    """
    import xarray as xr

    view._check()
    groups = groups_of(view, over, roi)
    shape = (len(view.modules), groups.count, *groups.entry_shape)
    result = ACCUMULATORS[name](shape, view.dtype)
    picked = np.arange(view._frames.total) if view._picked is None else view._picked
    present = view._frames.available(view._picked)
    job = _Reduction(view, roi, picked, present, groups, result)
    blocks = job.blocks(int(np.prod(view._key.region(roi).shape)))
    for_each(blocks, partial(_Reduction.work, job), progress=progress)
    values = result.result()
    if groups.dimension is None:
        values = values[:, 0]
    return xr.DataArray(
        values, dims=groups.dims, coords={"module": view.modules, **groups.coords()}
    )
