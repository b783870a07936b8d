"""Defects in what a source recorded, and in how it is described."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..defect import Defect
from ..files import SimulatedFile
from ..rules import EntryNumber
from ..sources import ControlSource, InstrumentSource, Key, Source


@dataclass(frozen=True, kw_only=True)
class SourceMissing(Defect):
    """A source is missing from a whole file (B2)."""

    source: str

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file without the source."""
        return file.without_source(self.source) if file.holds(self.source) else file


@dataclass(frozen=True, kw_only=True)
class SourceAdded(Defect):
    """A further source, for instance one with terminal escapes in its name."""

    source: Source

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the source."""
        return replace(file, sources=(*file.sources, self.source))


@dataclass(frozen=True, kw_only=True)
class OtherFrameCount(Defect):
    """A source has other numbers of entries than its siblings (B5, B40).

    Attributes
    ----------
    source, group : str
        The source and its index group.
    frames : int
        Entries per train.
    train_ids : collection of int, optional
        Trains concerned; all by default.
    """

    source: str
    frames: int
    group: str = "image"
    train_ids: Collection[int] | None = None

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with these counts."""
        if not file.holds(self.source):
            return file
        if self.train_ids is None:
            return _with_group(file, self.source, self.group, entries=self.frames, entries_at={})
        at = dict.fromkeys(self.train_ids, self.frames)
        return _with_group(file, self.source, self.group, entries_at=at)


@dataclass(frozen=True, kw_only=True)
class RowsBetween(Defect):
    """Before the rows of some trains lie rows that no train owns: a legal gap (B15)."""

    source: str
    group: str = "image"
    gaps: Mapping[int, int] = field(default_factory=dict)

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the gaps."""
        if not file.holds(self.source):
            return file
        return _with_group(file, self.source, self.group, gaps=self.gaps)


@dataclass(frozen=True, kw_only=True)
class RepeatedPulses(Defect):
    """Pulse IDs of a module begin anew after so many frames (B7)."""

    source: str
    unique: int = 2

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with repeated IDs."""
        rule = EntryNumber(unique=self.unique)
        return _with_key(file, self.source, "image.pulseId", rule=rule)


@dataclass(frozen=True, kw_only=True)
class OtherType(Defect):
    """A key has another type or entry shape in some files (R7, R8).

    Attributes
    ----------
    source, key : str
        The source and the key; a property without ``.value``.
    dtype, shape
        What differs.
    """

    source: str
    key: str
    dtype: str | None = None
    shape: tuple[int, ...] | None = None

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the other type."""
        changes: dict[str, Any] = {"dtype": self.dtype, "shape": self.shape}
        stated = {name: value for name, value in changes.items() if value is not None}
        return _with_key(file, self.source, self.key, **stated)


@dataclass(frozen=True, kw_only=True)
class NeverWritten(Defect):
    """The chunks of some trains were never written: they hold the fill value (R2, B39)."""

    source: str
    key: str
    train_ids: Collection[int]
    fill: float = 0

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with unallocated chunks."""
        if not file.holds(self.source):
            return file
        key = file.dataset(self.source, self.key).definition
        storage = replace(
            key.storage, chunk_rows=1, fill=self.fill, unallocated=frozenset(self.train_ids)
        )
        return _with_key(file, self.source, self.key, storage=storage)


@dataclass(frozen=True, kw_only=True)
class BrokenUnits(Defect):
    """The attributes that state a unit are of types that no unit has (B49)."""

    source: str
    key: str

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with the attributes."""
        broken = {"unitSymbol": b"\xff\xfe", "metricPrefixSymbol": (1, 2, 3), "unitName": 7}
        return _with_key(file, self.source, self.key, attributes=broken)


@dataclass(frozen=True, kw_only=True)
class IndexStyle(Defect):
    """The index says first, last and status, as in the oldest files (B16)."""

    style: Literal["first_count", "first_last_status"] = "first_last_status"

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file with that index."""
        return replace(file, layout=replace(file.layout, index_style=self.style))


def _with_group(file: SimulatedFile, source: str, group: str, **changes: Any) -> SimulatedFile:
    found = file.source(source)
    if not isinstance(found, InstrumentSource):
        raise TypeError(f"{source} is a control source: it has no index groups to change")
    return file.with_source(found.with_group(group, **changes))


def _with_key(file: SimulatedFile, source: str, key: str, **changes: Any) -> SimulatedFile:
    if not file.holds(source):
        return file
    found = file.source(source)
    if isinstance(found, InstrumentSource):
        return file.with_source(found.with_key(key, **changes))
    return file.with_source(_with_property(found, key.removesuffix(".value"), changes))


def _with_property(source: ControlSource, name: str, changes: dict[str, Any]) -> ControlSource:
    def changed(key: Key) -> Key:
        return replace(key, **changes) if key.name == name else key

    return replace(source, properties=tuple(map(changed, source.properties)))
