"""What a new file will hold: all of it is known, and checked, before the file is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import EntryTable
from euxfel.core.keydata import KeyData
from euxfel.core.region import Region
from euxfel.core.scope import Scope
from euxfel.core.selection import SelectedSource
from euxfel.core.source_files import SourceFiles
from euxfel.fileaccess import Section

from .options import WriteOptions, checked_dtype, choice, unused
from .pulse_choice import chosen_rows
from .rows import I64, Rows


@dataclass(frozen=True, slots=True, eq=False)
class KeyPlan:
    """One dataset to write.

    Attributes
    ----------
    stored : SourceFiles
        Where the data comes from.
    key : str
        Name of the key.
    path : str
        HDF5 path of the new dataset.
    rows : Rows
        The rows that go to it.
    region : Region
        The part of each row.
    stored_dtype, dtype : numpy.dtype
        Type of the data as stored, and as it is to be written.
    decimals : int or None
        To how many decimals it is rounded.
    """

    stored: SourceFiles
    key: str
    path: str
    rows: Rows
    region: Region
    stored_dtype: np.dtype[Any]
    dtype: np.dtype[Any]
    decimals: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the new dataset."""
        return (self.rows.total, *self.region.shape)

    @property
    def stored_path(self) -> str:
        """HDF5 path of the datasets that are read."""
        return self.stored.section.data_path(self.stored.source, self.key)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row in memory, as read."""
        return prod(self.region.read_shape) * self.stored_dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of the new data."""
        return prod(self.shape) * self.dtype.itemsize

    @property
    def is_whole(self) -> bool:
        """Whether rows are written as they are stored."""
        untouched = self.region.shape == self.region.entry_shape and not self.region.picked
        steps = all(isinstance(s, slice) and s.step in (None, 1) for s in self.region.basic)
        return untouched and steps and self.dtype == self.stored_dtype and self.decimals is None


@dataclass(frozen=True, slots=True, eq=False)
class SourcePlan:
    """One source to write.

    Attributes
    ----------
    stored : SourceFiles
        Where the data comes from.
    name : str
        Name of the source in the new file.
    keys : tuple of KeyPlan
        Its datasets.
    counts : dict of str to ndarray
        Rows of each selected train, by index group.
    """

    stored: SourceFiles
    name: str
    keys: tuple[KeyPlan, ...]
    counts: dict[str, I64]

    @property
    def section(self) -> Section:
        """Where the source stands."""
        return self.stored.section


def plan_of(data: DataCollection, options: WriteOptions) -> list[SourcePlan]:
    """Find out what is to be written, and that it can be read.

    Raises
    ------
    DataError
        If files differ in dtype or shape, or an index contradicts the data.
    ValueError
        If an option is about nothing that is selected, or cannot be done.
    """
    scope = data._selection.scope
    plans = [_plan_source(s, s.stored.source, scope, options) for s in _by_stored_name(data)]
    plans += list(_auxiliary(data, options))
    names = [(p.name, k.key) for p in plans for k in p.keys]
    for kind in ("chunks", "dtype", "decimals", "roi"):
        for which in unused(getattr(options, kind), names):
            raise ValueError(f"{kind}: {which!r} matches nothing that is selected")
    return plans


def _by_stored_name(data: DataCollection) -> list[SelectedSource]:
    """Give the selected sources by present name; one selected by two names has the keys of both."""
    found: dict[str, SelectedSource] = {}
    for source in data._selection.sources.values():
        name = source.stored.source
        found[name] = found[name].merged(source) if name in found else source
    return [found[name] for name in sorted(found)]


def _auxiliary(data: DataCollection, options: WriteOptions) -> Iterator[SourcePlan]:
    """Plan what tells about the selected sources, under the names that a run gives it."""
    if not any(f.reduction_sources or f.errata_sources for f in data.files):
        return
    for name in sorted(data.auxiliary.all_sources):
        found = data.auxiliary[name]
        yield _plan_source(found._selected, name, data._selection.scope, options)


def _plan_source(
    source: SelectedSource, name: str, scope: Scope, options: WriteOptions
) -> SourcePlan:
    section, keys = source.section, sorted(source.all_keys())
    groups: dict[str, tuple[Rows, I64]] = {}
    for group in sorted(source.index_groups()):
        entries = source.entries(group, scope)
        _check(source, group, entries, keys)
        groups[group] = _rows(source, group, entries, scope, options)
    plans = (
        _plan_key(source, name, key, groups[section.index_group(key)][0], scope, options)
        for key in keys
    )
    counts = {group: counts for group, (_, counts) in groups.items()}
    return SourcePlan(source.stored, name, tuple(plans), counts)


def _check(source: SelectedSource, group: str, entries: EntryTable, keys: list[str]) -> None:
    for key in keys:
        if source.section.index_group(key) == group:
            source.layout(key, entries)
            source.stored.check_rows(key, entries)


def _rows(
    source: SelectedSource, group: str, entries: EntryTable, scope: Scope, options: WriteOptions
) -> tuple[Rows, I64]:
    pulse_key = f"{group}.pulseId"
    if options.pulses is None or not source.stored.has_key(pulse_key):
        return Rows.of_entries(entries), entries.counts_for(scope.train_ids)
    read = partial(KeyData.ndarray, KeyData(source, pulse_key, scope))
    return chosen_rows(entries, scope.train_ids, options.pulses, read)


def _plan_key(
    source: SelectedSource, name: str, key: str, rows: Rows, scope: Scope, options: WriteOptions
) -> KeyPlan:
    entries = source.entries(source.section.index_group(key), scope)
    layout = source.layout(key, entries)
    roi = choice(options.roi, name, key)
    return KeyPlan(
        stored=source.stored,
        key=key,
        path=source.section.data_path(name, key),
        rows=rows,
        region=Region.of(() if roi is None else roi, layout.entry_shape),
        stored_dtype=layout.dtype,
        dtype=checked_dtype(choice(options.dtype, name, key), layout.dtype, f"{name} {key}"),
        decimals=choice(options.decimals, name, key),
    )


def index_arrays(counts: I64) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Give first row and number of rows of each train, written one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> index_arrays(np.array([2, 0, 3]))
    (array([0, 2, 2], dtype=uint64), array([2, 0, 3], dtype=uint64))
    """
    count = counts.astype(np.uint64)
    return np.cumsum(count, dtype=np.uint64) - count, count
