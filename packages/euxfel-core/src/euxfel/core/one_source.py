"""What a source and a key of it have in common: where they stand, and their trains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, Section

from .scope import Scope
from .selection import SelectedSource
from .split import split_parts
from .train_selection import pick_trains


class OneSource(ABC):
    """Data of one source, or of a part of it, for the selected trains."""

    # Without this, iterating would try data[0], data[1] and so on.
    __iter__ = None

    def __init__(self, selected: SelectedSource, scope: Scope) -> None:
        self._selected = selected
        self._scope = scope

    @abstractmethod
    def _with_trains(self, train_ids: NDArray[np.uint64]) -> Self:
        """Give the same for other trains."""

    @property
    def source(self) -> str:
        """Name of the source, as it was asked for."""
        return self._selected.name

    @property
    def section(self) -> str:
        """Top-level group of the data: ``"CONTROL"``, ``"INSTRUMENT"`` and so on."""
        return self._selected.section.value

    @property
    def is_control(self) -> bool:
        """Whether this is control data, one row per train."""
        return self._selected.section is Section.CONTROL

    @property
    def is_instrument(self) -> bool:
        """Whether this is instrument data, any number of rows per train."""
        return self._selected.section is Section.INSTRUMENT

    @property
    def is_reduction(self) -> bool:
        """Whether this tells how data was reduced."""
        return self._selected.section is Section.REDUCTION

    @property
    def is_errata(self) -> bool:
        """Whether this tells what is wrong with data."""
        return self._selected.section is Section.ERRATA

    @property
    def is_auxiliary(self) -> bool:
        """Whether this is reduction or errata data."""
        return self._selected.section.is_auxiliary

    @property
    def train_offset(self) -> int:
        """Added to the stored train IDs: see `DataCollection.with_train_offset`."""
        return self._selected.train_offset

    @property
    def files(self) -> list[FileAccess]:
        """Files with the source that list selected trains; the first one if none does."""
        selected = self._selected
        return list(self._scope.holding(selected.stored.files, selected.train_offset))

    @property
    def train_ids(self) -> list[int]:
        """IDs of the selected trains, those without data included."""
        return self._scope.listed()

    def select_trains(self, trains: Any) -> Self:
        """Give the same for some of the trains.

        Parameters
        ----------
        trains : slice, int, list, array, ``by_id[...]`` or ``by_index[...]``
            Positions or IDs of trains, or a boolean per train.
        """
        return self._with_trains(pick_trains(self._scope.train_ids, trains))

    def split_trains(
        self, parts: int | None = None, trains_per_part: int | None = None
    ) -> Iterator[Self]:
        """Go through near-equal parts of the trains.

        Parameters
        ----------
        parts : int, optional
            How many parts at least.
        trains_per_part : int, optional
            How many trains a part may have at most.
        """
        for part in split_parts(len(self._scope.train_ids), parts, trains_per_part):
            yield self._with_trains(self._scope.train_ids[part])
