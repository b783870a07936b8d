"""Which frames a reduction puts together, and how what is left is labelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .frames import I64
from .module_key import kept

if TYPE_CHECKING:
    from .view import MultimodKeyData

Over = str | tuple[str, ...]
ALL: Over = ("trains", "pulses")


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Frames that are reduced to one.

    Attributes
    ----------
    of_frame : ndarray of int64
        Number of the group of each frame.
    count : int
        Number of groups.
    entry_shape : tuple of int
        Shape of the result of one group.
    dims : list of str
        Dimensions of the result.
    dimension : str or None
        The one that counts groups; None if there is a single group without label.
    values : ndarray
        Labels of the groups.
    joins_cells : bool
        Whether the first axis of an entry, memory cells, is reduced as well.
    """

    of_frame: I64
    count: int
    entry_shape: tuple[int, ...]
    dims: list[str]
    dimension: str | None
    values: NDArray[Any]
    joins_cells: bool

    def runs(self, frames: I64) -> Iterator[tuple[int, slice]]:
        """Go through neighbours of the same group among some frames."""
        group = self.of_frame[frames]
        cuts = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(group)]
        for low, high in pairwise(cuts):
            yield int(group[low]), slice(low, high)

    def flat(self, data: NDArray[Any]) -> NDArray[Any]:
        """Give data with one axis of what is reduced."""
        return data.reshape(-1, *data.shape[2:]) if self.joins_cells else data

    def coords(self) -> dict[str, NDArray[Any]]:
        """Give the labels of the groups as a coordinate."""
        return {} if self.dimension is None else {self.dimension: self.values}


def groups_of(view: MultimodKeyData, over: Over, roi: Any) -> Groups:
    """Say which frames of a view belong together.

    Raises
    ------
    ValueError
        `over` is not understood, or the data has no pulses.
    """
    wanted = {over} if isinstance(over, str) else set(over)
    if not wanted or not wanted <= {"trains", "pulses"}:
        raise ValueError(f"over is 'trains', 'pulses' or both, not {over!r}")
    if view.dimensions[1] == "train_pulse":
        return _of_frames(view, wanted, roi)
    return _of_entries(view, wanted, roi)


def _of_frames(view: Any, wanted: set[str], roi: Any) -> Groups:
    inner = view._dimensions_of(roi)[2:]
    shape = view._key.region(roi).shape
    n_frames = view._n_frames
    if len(wanted) == 2:
        none = np.zeros(n_frames, dtype=np.int64)
        return Groups(none, 1, shape, ["module", *inner], None, none[:0], joins_cells=False)
    name = "train" if wanted == {"pulses"} else "pulse"
    labels = view.train_id_coordinates() if name == "train" else view._pulse_labels()
    values, of_frame = np.unique(labels, return_inverse=True)
    dims = ["module", name, *inner]
    return Groups(of_frame, len(values), shape, dims, name, values, joins_cells=False)


def _of_entries(view: Any, wanted: set[str], roi: Any) -> Groups:
    """Groups of entries that are trains, with an axis of cells or without one."""
    names = view.det._entry_dimensions(view.ndim - 2)
    region = view._key.region(roi)
    inner, shape = kept(["module", "train", *names], region)[2:], region.shape
    has_cells = inner[:1] == ["cell"]
    if "pulses" in wanted and not has_cells and wanted != {"trains", "pulses"}:
        raise ValueError(f"{view.key} has no axis of pulses or cells here: reduce over='trains'")
    joins = "pulses" in wanted and has_cells
    if joins:
        inner, shape = inner[1:], shape[1:]
    n_entries = view._n_frames
    if "trains" in wanted:
        none = np.zeros(n_entries, dtype=np.int64)
        return Groups(none, 1, shape, ["module", *inner], None, none[:0], joins)
    values, of_entry = np.unique(view.train_id_coordinates(), return_inverse=True)
    dims = ["module", "train", *inner]
    return Groups(of_entry, len(values), shape, dims, "train", values, joins)
