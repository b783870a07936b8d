"""One simulated file: a description that can be written, and that knows what it holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..cached import cached_property
from .datasets import Dataset
from .formats import DEFAULT_LAYOUT, FORMATS, Format, Layout
from .sources import ControlSource, Group, Source
from .tables import EntryTable, entry_table

Damage = Callable[[Path], None]
"""Changes a file that was just written."""


@dataclass(frozen=True)
class SimulatedFile:
    """A file of one aggregator, as a frozen description.

    Attributes
    ----------
    sources : tuple of ControlSource or InstrumentSource
        What the file records.
    train_ids : sequence of int
        Its trains, in the order in which they are stored.
    category, run, aggregator, sequence
        Parts of the file's name.
    proposal : int
        Number stated in METADATA.
    format_version : str
        One of `FORMAT_VERSIONS`.
    suspect : frozenset of int
        Train IDs that did not come from the time server. Format 0.5 cannot say so.
    flagged : bool
        Whether ``INDEX/flag`` tells suspect trains; otherwise it says that all trains are valid.
    layout : Layout
        Padding, chunks and encoding of the index.
    damages : tuple of callable
        Called with the path after writing, one after the other.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.fileaccess.testing import SimulatedFile, xgm
    >>> file = SimulatedFile((*xgm("SPB_XTD9_XGM/DOOCS/MAIN"),), train_ids=range(10000, 10004))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file.write_in(folder).name
    'RAW-R0001-DA01-S00000.h5'
    >>> file.expected("SPB_XTD9_XGM/DOOCS/MAIN:output", "data.trainId").tolist()
    [10000, 10001, 10002, 10003]
    """

    sources: tuple[Source, ...] = ()
    train_ids: Sequence[int] = range(10000, 10010)
    category: str = "RAW"
    run: int = 1
    aggregator: str = "DA01"
    sequence: int = 0
    proposal: int = 900000
    format_version: str = "1.2"
    suspect: frozenset[int] = frozenset()
    flagged: bool = True
    layout: Layout = DEFAULT_LAYOUT
    damages: tuple[Damage, ...] = ()

    @property
    def filename(self) -> str:
        """Name of the file: category, run, aggregator and sequence."""
        return f"{self.category}-R{self.run:04d}-{self.aggregator}-S{self.sequence:05d}.h5"

    @property
    def format(self) -> Format:
        """What a file of this version holds."""
        return FORMATS[self.format_version]

    def write_in(self, folder: str | os.PathLike[str]) -> Path:
        """Write the file under its own name into a folder; returns its path."""
        return self.write(Path(folder, self.filename))

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the file to a path, then damage it as described; returns the path."""
        # h5py is loaded when a file is written: pytest loads this package in every session.
        from .writer import write_file

        path = Path(path)
        write_file(self, path)
        for damage in self.damages:
            damage(path)
        return path

    def source(self, name: str) -> Source:
        """Description of the source of this name, or of which this is a legacy name."""
        for source in self.sources:
            if name == source.name or name in source.legacy_names:
                return source
        raise KeyError(f"{self.filename} has no source {name}")

    def holds(self, name: str) -> bool:
        """Say whether the file has a source of this name."""
        return any(name == s.name or name in s.legacy_names for s in self.sources)

    def with_source(self, new: Source) -> Self:
        """The same file with the source of that name replaced."""
        old = self.source(new.name)
        return replace(self, sources=tuple(new if s is old else s for s in self.sources))

    def without_source(self, name: str) -> Self:
        """The same file without one source."""
        gone = self.source(name)
        return replace(self, sources=tuple(s for s in self.sources if s is not gone))

    def with_damage(self, damage: Damage) -> Self:
        """The same file, damaged after it is written."""
        return replace(self, damages=(*self.damages, damage))

    def tables(self) -> Iterator[tuple[Source, Group, EntryTable]]:
        """All index groups with their tables of entries."""
        for source in self.sources:
            for group in source.groups():
                yield source, group, self._tables[source.section, source.name, group.name]

    def datasets(self) -> Iterator[Dataset]:
        """All datasets of CONTROL, INSTRUMENT, REDUCTION and ERRATA."""
        for source, group, table in self.tables():
            for name, key in source.group_keys(group).items():
                yield Dataset(source.section, source.name, name, self.sequence, key, table)

    def run_datasets(self) -> Iterator[Dataset]:
        """All datasets of RUN: the same snapshot, taken at train 1, in every sequence file."""
        one_row = entry_table(Group(""), np.array([1], dtype=np.uint64))
        for source in self.sources:
            if isinstance(source, ControlSource):
                for name, key in source.run_keys().items():
                    yield Dataset("RUN", source.name, name, 0, key, one_row)

    @property
    def ids(self) -> NDArray[np.uint64]:
        """The train IDs as an array."""
        return np.array(list(self.train_ids), dtype=np.uint64)

    def table(self, source: str, group: str = "") -> EntryTable:
        """Rows of each train for one group of a source.

        Parameters
        ----------
        source : str
            Name of the source.
        group : str
            Name of the index group; may be left out where there is one.
        """
        found = self.source(source)
        names = [g.name for g in found.groups()]
        name = group or names[0]
        return self._tables[found.section, found.name, name]

    def dataset(self, source: str, key: str) -> Dataset:
        """One dataset; control keys may be given without ``.value``."""
        found = self.source(source)
        for group in found.groups():
            keys = found.group_keys(group)
            for name in (key, f"{key}.value"):
                if name in keys:
                    table = self._tables[found.section, found.name, group.name]
                    return Dataset(
                        found.section, found.name, name, self.sequence, keys[name], table
                    )
        raise KeyError(f"{source} has no key {key}")

    def expected(
        self, source: str, key: str, train_ids: Iterable[int] | None = None
    ) -> NDArray[Any]:
        """Values of some trains, all by default, in the order in which they are named.

        A train that is stored twice counts with its first place.
        """
        dataset = self.dataset(source, key)
        wanted = self.train_ids if train_ids is None else train_ids
        place = {t: i for i, t in reversed(list(enumerate(dataset.table.train_id.tolist())))}
        at = np.array([place[t] for t in wanted if t in place], dtype=np.int64)
        first, count = dataset.table.first[at], dataset.table.count[at]
        ranges = [np.arange(f, f + c) for f, c in zip(first, count, strict=True)]
        rows = np.concatenate(ranges) if ranges else np.zeros(0, dtype=np.int64)
        values: NDArray[Any] = dataset.values()[rows]
        return values

    def expected_run_value(self, source: str, key: str) -> Any:
        """Value of a key in RUN, a str, number or array."""
        for dataset in self.run_datasets():
            if dataset.source == source and dataset.key in (key, f"{key}.value"):
                return dataset.values()[0]
        raise KeyError(f"{source} has no key {key} in RUN")

    @cached_property
    def _tables(self) -> dict[tuple[str, str, str], EntryTable]:
        return {
            (source.section, source.name, group.name): entry_table(group, self.ids, source.missing)
            for source in self.sources
            for group in source.groups()
        }
