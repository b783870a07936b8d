"""Going through a collection train by train."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from euxfel.fileaccess import TrainIDError

from .block_reading import Column
from .selectable import Selectable
from .train_iteration import iterate_trains


class GoesByTrain(Selectable):
    """The methods of a collection that read whole trains."""

    def trains(
        self,
        devices: Any = None,
        train_range: Any = None,
        *,
        require_all: bool = False,
        flat_keys: bool = False,
        keep_dims: bool = False,
    ) -> Iterator[tuple[int, dict[Any, Any]]]:
        """Go through the trains, reading blocks of them ahead in the background.

        Parameters
        ----------
        devices : selection, optional
            Which sources and keys, in the forms that `select` takes.
        train_range : train selection, optional
            Which trains, in the forms that `select_trains` takes.
        require_all : bool
            True to skip trains in which any selected key lacks data.
        flat_keys : bool
            True for values by (source, key) instead of nested dictionaries.
        keep_dims : bool
            True to keep the first dimension also where a train has a single row.

        Yields
        ------
        train_id : int
        data : dict
            ``data[source][key]``, or ``data[source, key]`` with ``flat_keys``.
        """
        chosen = self if devices is None else self.select(devices)
        if train_range is not None:
            chosen = chosen.select_trains(train_range)
        return chosen._iterate(require_all, flat_keys, keep_dims)

    def _iterate(
        self, require_all: bool, flat_keys: bool, keep_dims: bool
    ) -> Iterator[tuple[int, dict[Any, Any]]]:
        scope, sources = self._selection.scope, self._selection.sources
        columns = [
            Column.of(source, key, scope)
            for source in sources.values()
            for key in sorted(source.all_keys())
        ]
        names = list(sources)
        implied = self._selection.implied
        return iterate_trains(
            columns, names, scope.train_ids, require_all, flat_keys, keep_dims, implied
        )

    def train_from_id(
        self,
        train_id: int,
        devices: Any = None,
        *,
        flat_keys: bool = False,
        keep_dims: bool = False,
    ) -> tuple[int, dict[Any, Any]]:
        """Read all selected data of the train with an ID.

        Raises
        ------
        TrainIDError
            If the train is not selected.
        """
        wanted = np.array([train_id]).astype(np.uint64)
        if not np.isin(wanted, self._selection.scope.train_ids)[0]:
            raise TrainIDError(f"train {train_id} is not in this data", trains=[train_id])
        chosen = self if devices is None else self.select(devices)
        found = chosen._with_trains(wanted)._iterate(False, flat_keys, keep_dims)
        return train_id, next(found)[1]

    def train_from_index(
        self,
        train_index: int,
        devices: Any = None,
        *,
        flat_keys: bool = False,
        keep_dims: bool = False,
    ) -> tuple[int, dict[Any, Any]]:
        """Read all selected data of the train at a position."""
        train_id = self.train_ids[train_index]
        return self.train_from_id(train_id, devices, flat_keys=flat_keys, keep_dims=keep_dims)
