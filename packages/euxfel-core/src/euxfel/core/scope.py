"""Which trains of which files: what sources and keys share with the collection they come from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.distinct import distinct

from .entries import shifted_ids
from .problems import ProblemLog

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What sources and keys share with the collection they come from.

    Attributes
    ----------
    train_ids : ndarray of uint64
        The selected trains, in increasing order.
    inc_suspect : bool
        Whether data of suspect trains is used.
    is_single_run : bool
        Whether all files belong to one run.
    log : ProblemLog
        Where problems are noted.
    """

    train_ids: NDArray[np.uint64]
    inc_suspect: bool = True
    is_single_run: bool = False
    log: ProblemLog = field(default_factory=ProblemLog)

    def listed(self) -> list[int]:
        """Give the IDs of the selected trains as a list."""
        listed: list[int] = self.train_ids.tolist()
        return listed

    def with_trains(self, train_ids: NDArray[np.uint64]) -> Scope:
        """Give the same for other trains."""
        return replace(self, train_ids=train_ids)

    def holding(
        self,
        files: Sequence[FileAccess],
        train_offset: int = 0,
        known: dict[tuple[int, int], bool] | None = None,
    ) -> Sequence[FileAccess]:
        """Give the files that list any of the trains, whose IDs are moved by an offset.

        If there are none, the first file tells what the data would be like. What is found out of
        tables of trains is noted in `known`: many files have them in common.
        """
        noted = {} if known is None else known
        found = []
        for file in files:
            which = id(file.trains), train_offset
            if which not in noted:
                noted[which] = self._has_any(file, train_offset)
            if noted[which]:
                found.append(file)
        return found or files[:1]

    def _has_any(self, file: FileAccess, train_offset: int) -> bool:
        listed = file.train_ids if self.inc_suspect else file.valid_train_ids
        moved = shifted_ids(listed, train_offset)[0] if train_offset else listed
        if not len(self.train_ids):
            return False
        at = np.searchsorted(self.train_ids, moved)
        at[at == len(self.train_ids)] = 0
        return bool((self.train_ids[at] == moved).any())

    def merged(self, other: Scope, is_single_run: bool) -> Scope:
        """Give a scope over the trains of both."""
        return Scope(
            distinct(np.concatenate([self.train_ids, other.train_ids])),
            self.inc_suspect and other.inc_suspect,
            is_single_run,
            self.log.merged(other.log),
        )
