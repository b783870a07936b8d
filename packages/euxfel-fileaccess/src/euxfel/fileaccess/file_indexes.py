"""The indexes of one file: read once, or recalled and then compared with the file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .errors import DataError
from .facts import read_train_ids
from .h5read import OpenFile
from .index import GroupIndex, read_index
from .memory import pack_index, unpack_index
from .sections import Section
from .trains import TrainTable, inspected

if TYPE_CHECKING:
    from .file import FileAccess


class FileIndexes:
    """What is known of the indexes of a file, and of its trains as the indexes count them.

    The file is given to each method, not kept: it keeps this.
    """

    def __init__(self) -> None:
        self._known: dict[str, GroupIndex] = {}
        self._recalled: set[str] = set()
        self._is_confirmed = False
        self._stored_trains: TrainTable | None = None

    def stored_trains(self, file: FileAccess) -> TrainTable:
        """Give the trains as the file itself gives them, compared with what a map claims."""
        if self._stored_trains is None:
            with file.open_briefly() as opened:
                return self._trains_in(file, opened)
        return self._stored_trains

    def give(self, file: FileAccess, section: Section, source: str, group: str) -> GroupIndex:
        """Give the index of a group, from memory if it is there."""
        path = section.index_path(source, group)
        name = f"{section.value}/{path}"
        found = self._known.get(name)
        if found is None:
            found = self._recall(file, name)
        if found is None:
            found = self._read(file, section, source, group)
            file.learn(name, partial(pack_index, found))
        self._known[name] = found
        return found

    def confirm(self, file: FileAccess, section: Section, source: str, group: str) -> None:
        """Compare the first index used of those that were recalled with the file's own."""
        if self._is_confirmed or not self._recalled:
            return
        path = section.index_path(source, group)
        name = f"{section.value}/{path}"
        if name not in self._recalled:
            return
        known, stored = self._known[name], self._read(file, section, source, group)
        same = np.array_equal(known.first, stored.first)
        if not same or not np.array_equal(known.count, stored.count) or stored.bad.any():
            raise DataError(
                f"the map of the run gives another {path} for {file.filename} than the file "
                "holds; delete .euxfel_map and open the run again",
                file=file.filename,
                source=source,
            )
        self._is_confirmed = True

    def _recall(self, file: FileAccess, name: str) -> GroupIndex | None:
        array = file.recalled.get(name)
        found = None if array is None else unpack_index(array, file.trains)
        if found is not None:
            self._recalled.add(name)
        return found

    def _read(self, file: FileAccess, section: Section, source: str, group: str) -> GroupIndex:
        path = section.index_path(source, group)
        with file.open_briefly() as opened:
            trains = self._trains_in(file, opened)
            index = read_index(opened, path, trains)
        if index is None:
            has_data = any(section.index_group(k) == group for k in file.keys(section, source))
            n = len(trains)
            index = GroupIndex.missing(n, path) if has_data else GroupIndex.empty(n)
        return index

    def _trains_in(self, file: FileAccess, opened: OpenFile) -> TrainTable:
        if self._stored_trains is None:
            told = file.is_remembered
            self._stored_trains = _compared(file, opened) if told else file.facts.trains
        return self._stored_trains


def _compared(file: FileAccess, opened: OpenFile) -> TrainTable:
    ids = np.asarray(read_train_ids(opened), dtype=np.uint64)
    rows = np.flatnonzero(ids)
    known = file.trains
    if not np.array_equal(ids[rows], known.ids):
        raise DataError(
            f"a map of the run gives other trains for {file.filename} than the file holds; "
            "delete karabo_data_map.json and .euxfel_map, and open the run again",
            file=file.filename,
        )
    if np.array_equal(rows, known.rows):
        return known
    return inspected(TrainTable(known.ids, known.valid, rows), file.filename)
