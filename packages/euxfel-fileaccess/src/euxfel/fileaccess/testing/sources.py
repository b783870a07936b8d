"""Descriptions of sources: what a device records, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from numpy.typing import DTypeLike

from .rules import Constant, Rule, planted_values, timestamps, train_ids

Attributes = Mapping[str, str | int | bytes | Sequence[int]]


@dataclass(frozen=True)
class Storage:
    """How the rows of a dataset lie in the file.

    Attributes
    ----------
    chunk_rows : int, optional
        Rows in one HDF5 chunk; by default all rows up to 32.
    deflate : int, optional
        Level of deflate compression; not compressed by default.
    shuffle, fletcher32 : bool
        Other HDF5 filters.
    fill : number
        Fill value of the dataset, which chunks that were never written stand for.
    unallocated : frozenset of int
        Train IDs whose rows are never written. Set ``chunk_rows=1``: a chunk that holds any
        written row exists.
    """

    chunk_rows: int | None = None
    deflate: int | None = None
    shuffle: bool = False
    fletcher32: bool = False
    fill: float = 0
    unallocated: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Key:
    """One key of an instrument source, or one property of a control source.

    Attributes
    ----------
    name : str
        Name below the group, or of the property; parts joined by dots.
    dtype : dtype_like
        Number type, bool, or ``str`` for text of variable length.
    shape : tuple of int
        Shape of one entry.
    attributes : mapping
        Karabo attributes, such as ``unitSymbol``.
    rule : callable
        Gives the values; planted ones by default.
    storage : Storage
        Chunks and filters.
    """

    name: str
    dtype: DTypeLike = "f8"
    shape: tuple[int, ...] = ()
    attributes: Attributes = field(default_factory=dict)
    rule: Rule = planted_values
    storage: Storage = Storage()


@dataclass(frozen=True)
class Group:
    """Keys of an instrument source that share one index, with ``trainId`` added.

    Attributes
    ----------
    name : str
        First part of the keys' names, for instance ``"image"``.
    keys : tuple of Key
        The keys below it.
    entries : int or tuple of int
        Rows per train. A tuple is gone through by train ID: train t has
        ``entries[t % len(entries)]`` rows.
    entries_at : mapping
        Rows of certain trains, by train ID, whatever ``entries`` says.
    gaps : mapping
        Rows that belong to no train, lying before the rows of a train, by train ID.
    train_id_shape : tuple of int
        Entry shape of ``trainId``: ``(1,)`` in raw detector data.
    """

    name: str
    keys: tuple[Key, ...] = ()
    entries: int | tuple[int, ...] = 1
    entries_at: Mapping[int, int] = field(default_factory=dict)
    gaps: Mapping[int, int] = field(default_factory=dict)
    train_id_shape: tuple[int, ...] = ()

    def entries_of(self, train_id: int) -> int:
        """Rows of one train."""
        if train_id in self.entries_at:
            return self.entries_at[train_id]
        if isinstance(self.entries, int):
            return self.entries
        return self.entries[train_id % len(self.entries)]

    def stored_keys(self) -> dict[str, Key]:
        """All datasets of the group by full key name, ``trainId`` included."""
        own = Key("trainId", "u8", self.train_id_shape, rule=train_ids)
        return {f"{self.name}.{k.name}": k for k in (own, *self.keys)}


@dataclass(frozen=True)
class ControlSource:
    """A slow device: one row per train for each property, and a snapshot in RUN.

    Attributes
    ----------
    name : str
        Device name, for instance ``"SPB_XTD9_XGM/DOOCS/MAIN"``.
    properties : tuple of Key
        Recorded for every train; each becomes ``<name>.value`` and ``<name>.timestamp``.
    run_only : tuple of Key
        Properties that stand in RUN alone. Without any ``properties`` the device is RUN-only.
    class_id : str
        The device's class, as RUN states it.
    missing : frozenset of int
        Train IDs for which nothing was recorded.
    """

    name: str
    properties: tuple[Key, ...] = ()
    run_only: tuple[Key, ...] = ()
    class_id: str = "SimulatedDevice"
    missing: frozenset[int] = frozenset()

    section: ClassVar[str] = "CONTROL"
    legacy_names: ClassVar[tuple[str, ...]] = ()

    def without_trains(self, train_ids: Iterable[int]) -> Self:
        """The same device, having recorded nothing for these trains."""
        return replace(self, missing=self.missing | frozenset(train_ids))

    def groups(self) -> tuple[Group, ...]:
        """The single, nameless index group of a device; it has no rows if it is RUN-only."""
        return (Group("", self.properties, entries=1 if self.properties else 0),)

    def group_keys(self, group: Group) -> dict[str, Key]:
        """All datasets under CONTROL by key name."""
        return {name: key for p in group.keys for name, key in _value_and_timestamp(p)}

    def run_keys(self) -> dict[str, Key]:
        """All datasets under RUN by key name."""
        class_id = Key("classId", str, rule=Constant(self.class_id))
        snapshot = (*self.properties, *self.run_only, class_id)
        return {name: key for p in snapshot for name, key in _value_and_timestamp(p)}


@dataclass(frozen=True)
class InstrumentSource:
    """A fast source: a pipeline channel with groups of keys, 0 to many rows per train.

    Attributes
    ----------
    name : str
        Name with channel, for instance ``"SPB_XTD9_XGM/DOOCS/MAIN:output"``.
    index_groups : tuple of Group
        The groups.
    section : str
        ``INSTRUMENT``, or ``REDUCTION`` or ``ERRATA`` for auxiliary sources.
    legacy_names : tuple of str
        Old names, stored as soft links to this one.
    missing : frozenset of int
        Train IDs for which nothing was recorded.
    """

    name: str
    index_groups: tuple[Group, ...]
    section: str = "INSTRUMENT"
    legacy_names: tuple[str, ...] = ()
    missing: frozenset[int] = frozenset()

    def without_trains(self, train_ids: Iterable[int]) -> Self:
        """The same source, having recorded nothing for these trains."""
        return replace(self, missing=self.missing | frozenset(train_ids))

    def groups(self) -> tuple[Group, ...]:
        """The groups."""
        return self.index_groups

    def group_keys(self, group: Group) -> dict[str, Key]:
        """All datasets of a group by full key name."""
        return group.stored_keys()

    def with_group(self, name: str, **changes: Any) -> Self:
        """The same source with fields of one group replaced."""
        groups = tuple(replace(g, **changes) if g.name == name else g for g in self.index_groups)
        return replace(self, index_groups=groups)

    def with_key(self, name: str, **changes: Any) -> Self:
        """The same source with fields of one key (its full name) replaced."""
        group_name, _, key_name = name.partition(".")
        for group in self.index_groups:
            if group.name == group_name:
                keys = tuple(replace(k, **changes) if k.name == key_name else k for k in group.keys)
                return self.with_group(group_name, keys=keys)
        raise KeyError(f"{self.name} has no key {name}")


Source = ControlSource | InstrumentSource


def _value_and_timestamp(prop: Key) -> tuple[tuple[str, Key], tuple[str, Key]]:
    stamp = Key("timestamp", "u8", rule=timestamps)
    return (f"{prop.name}.value", prop), (f"{prop.name}.timestamp", stamp)
