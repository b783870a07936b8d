"""A reader made of h5py, numpy and loops: slow, short, and sharing no code with either library.

It takes the rows of a train one train at a time, straight from INDEX, and knows nothing of
blocks, caches, selections or threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Tables = list[tuple[int, dict[int, list[tuple[int, int]]]]]


class Oracle:
    """The truth about the EXDF files in a folder."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.files = [h5py.File(path, "r") for path in sorted(paths)]
        self._trains = [_train_ids(file) for file in self.files]
        self._known_tables: dict[str, Tables] = {}
        self._known_holders: dict[str, list[tuple[int, h5py.Group]]] = {}

    @cached_property
    def train_ids(self) -> list[int]:
        return sorted({train for trains in self._trains for train in trains})

    @cached_property
    def control_sources(self) -> set[str]:
        return {name for file in self.files for name in _listed(file, "CONTROL")}

    @cached_property
    def instrument_sources(self) -> set[str]:
        return {_channel(name) for file in self.files for name in _listed(file, "INSTRUMENT")}

    @cached_property
    def legacy_sources(self) -> dict[str, str]:
        found = {}
        for file in self.files:
            for name in {_channel(listed) for listed in _listed(file, "INSTRUMENT")}:
                link = file.get(f"INSTRUMENT/{name}", getlink=True)
                if isinstance(link, h5py.SoftLink):
                    found[name] = link.path.removeprefix("/INSTRUMENT/")
        return found

    def section(self, source: str) -> str:
        return "CONTROL" if source in self.control_sources else "INSTRUMENT"

    def keys(self, source: str) -> set[str]:
        _, group = self._holders(source)[0]
        found: set[str] = set()

        def note(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                found.add(name.replace("/", "."))

        group.visititems(note)
        return found

    def dataset(self, source: str, key: str) -> Any:
        """Give the dataset of the first file that has it."""
        _, group = self._holders(source)[0]
        return group[key.replace(".", "/")]

    def counts(self, source: str, key: str, train_ids: Sequence[int]) -> list[int]:
        tables = self._tables(source, key)
        return [sum(count for _, _, count in _places(tables, train)) for train in train_ids]

    def array(self, source: str, key: str, train_ids: Sequence[int]) -> Array:
        path = key.replace(".", "/")
        # Each file's dataset is read whole, once; its trains are then cut out one by one.
        stored = {n: _as_text(group[path][()]) for n, group in self._holders(source)}
        tables = self._tables(source, key)
        parts = [
            stored[number][first : first + count]
            for train in train_ids
            for number, first, count in _places(tables, train)
        ]
        dataset = self.dataset(source, key)
        return np.concatenate([np.empty((0, *dataset.shape[1:]), dataset.dtype), *parts])

    def coordinates(self, source: str, key: str, train_ids: Sequence[int]) -> list[int]:
        counts = self.counts(source, key, train_ids)
        return [t for t, count in zip(train_ids, counts, strict=True) for _ in range(count)]

    def run_values(self, source: str) -> dict[str, Any]:
        """Read what RUN has of a source, from the first file that has the source."""
        group = next(f["RUN"][source] for f in self.files if source in f["RUN"])
        found: dict[str, Any] = {}

        def note(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                value = item[0]
                found[name.replace("/", ".")] = (
                    value.decode() if isinstance(value, bytes) else value
                )

        group.visititems(note)
        return found

    def timestamps(self) -> list[int | None]:
        """Read nanoseconds since the epoch for each train; None where there is no clock."""
        known: dict[int, int] = {}
        for file, trains in zip(self.files, self._trains, strict=True):
            if "INDEX/timestamp" in file:
                stamps = file["INDEX/timestamp"][: len(trains)]
                known.update(zip(trains, map(int, stamps), strict=True))
        return [known.get(train) for train in self.train_ids]

    def close(self) -> None:
        for file in self.files:
            file.close()

    def _holders(self, source: str) -> list[tuple[int, h5py.Group]]:
        """Give number and group of each file that has a source."""
        path = f"{self.section(source)}/{source}"
        if source not in self._known_holders:
            self._known_holders[source] = [
                (number, file[path]) for number, file in enumerate(self.files) if path in file
            ]
        return self._known_holders[source]

    def _tables(self, source: str, key: str) -> Tables:
        """Give for each file of a source: file number, train -> (first row, number of rows)."""
        group = "" if self.section(source) == "CONTROL" else "/" + key.partition(".")[0]
        name = source + group
        if name not in self._known_tables:
            self._known_tables[name] = [
                (number, _index_table(file, f"INDEX/{name}", self._trains[number]))
                for number, file in enumerate(self.files)
                if f"INDEX/{name}" in file
            ]
        return self._known_tables[name]


def _places(tables: Tables, train: int) -> list[tuple[int, int, int]]:
    """Find (file number, first row, number of rows) of one train."""
    return [
        (number, first, count)
        for number, table in tables
        for first, count in table.get(train, ())
        if count
    ]


def _train_ids(file: h5py.File) -> list[int]:
    return [int(train) for train in file["INDEX/trainId"][()] if train]


def _index_table(file: h5py.File, path: str, trains: list[int]) -> dict[int, list[tuple[int, int]]]:
    group = file[path]
    firsts = [int(n) for n in group["first"][()]]
    if "count" in group:
        counts = [int(n) for n in group["count"][()]]
    else:
        lasts = [int(n) for n in group["last"][()]]
        status = [int(n) for n in group["status"][()]]
        counts = [
            (last - first + 1) * stored
            for first, last, stored in zip(firsts, lasts, status, strict=True)
        ]
    table: dict[int, list[tuple[int, int]]] = {}
    for train, first, count in zip(trains, firsts, counts, strict=False):
        table.setdefault(train, []).append((first, count))
    return table


def _listed(file: h5py.File, section: str) -> set[str]:
    group = file["METADATA"]
    if "dataSources" in group:
        group = group["dataSources"]
    names = [name.decode() for name in group["dataSourceId"][()]]
    return {name.partition("/")[2] for name in names if name.startswith(section + "/")}


def _channel(listed: str) -> str:
    """Cut the index group from a listed instrument source."""
    device, colon, channel = listed.partition(":")
    return device + colon + channel.partition("/")[0]


def _as_text(rows: Array) -> Array:
    if rows.dtype.kind != "O":
        return rows
    texts = [item.decode() if isinstance(item, bytes) else item for item in rows.flat]
    return np.array(texts, dtype=object).reshape(rows.shape)
