"""Which trains of a detector: choosing some, and going through parts."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.core.split import split_parts
from euxfel.core.train_selection import pick_trains

from .detector_modules import HasModules
from .frames import Frames
from .parts import parts_of_frames


class GoesByTrain(HasModules):
    """The methods of a detector that choose trains."""

    def select_trains(self, trains: Any) -> Self:
        """Give the same detector for some of the trains.

        Parameters
        ----------
        trains : slice, int, list, array, ``by_id[...]`` or ``by_index[...]``
            Positions or IDs of trains, or a boolean per train.
        """
        wanted = pick_trains(self._frames.train_ids, trains)
        return self._at(np.searchsorted(self._frames.train_ids, wanted))

    def _at(self, positions: NDArray[np.int64]) -> Self:
        narrowed = copy(self)
        narrowed._frames = self._frames.take(positions)
        narrowed._group_frames = {}
        return narrowed

    def split_trains(
        self,
        parts: int | None = None,
        trains_per_part: int | None = None,
        frames_per_part: int | None = None,
    ) -> Iterator[Self]:
        """Go through parts of the trains.

        Parameters
        ----------
        parts : int, optional
            How many parts at least.
        trains_per_part : int, optional
            How many trains a part may have at most.
        frames_per_part : int, optional
            How many frames a part may have at most; a part is one train at least.
        """
        if parts is None and trains_per_part is None and frames_per_part is None:
            raise ValueError("give parts, trains_per_part or frames_per_part")
        for part in self._slices(parts, trains_per_part, frames_per_part):
            yield self._at(np.arange(len(self._frames.train_ids))[part])

    def _slices(
        self, parts: int | None, trains_per_part: int | None, frames_per_part: float | None
    ) -> list[slice]:
        n_trains, counts = len(self._frames.slots), self._frames.slots * self._frames_per_entry
        if frames_per_part is None or not n_trains:
            return split_parts(n_trains, parts or 1, trains_per_part)
        if (counts == counts[0]).all():
            fitting = max(1, int(frames_per_part // int(counts[0])))
            return split_parts(n_trains, parts or 1, min(fitting, trains_per_part or fitting))
        most = n_trains if trains_per_part is None else trains_per_part
        return parts_of_frames(counts, frames_per_part, min(most, n_trains // (parts or 1)))

    def _frames_of(self, key: str) -> Frames:
        """Give the axis of a key; trains without entries have a slot beside other trains."""
        group = key.partition(".")[0]
        if group not in self._group_frames:
            found = self._read_frames(group, self._frames.train_ids)
            slots = np.maximum(found.slots, 1)
            self._group_frames[group] = Frames(
                found.train_ids, found.file, found.first, found.count, found.bad, slots
            )
        return self._group_frames[group]
