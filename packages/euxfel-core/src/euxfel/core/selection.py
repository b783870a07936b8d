"""What of a run is selected: trains, sources, keys. One frozen value behind every object.

Every method that narrows, widens or renames a selection makes a new value from the old one;
what was read from files is shared between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, Section
from euxfel.fileaccess.distinct import distinct

from .aliases import AliasTable
from .entries import EntryTable
from .old_names import old_names, without_repeats
from .problems import ProblemLog
from .scope import Scope
from .source_files import KeyLayout, SourceFiles, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, eq=False)
class SelectedSource:
    """One source of a selection.

    Attributes
    ----------
    stored : SourceFiles
        The source as it is stored.
    name : str
        The name that the user knows it by, which may be a legacy name.
    keys : frozenset of str or None
        The selected keys, None for all.
    train_offset : int
        Added to the stored train IDs, for devices whose data is labelled too early or too late.
    """

    stored: SourceFiles
    name: str
    keys: frozenset[str] | None = None
    train_offset: int = 0

    @property
    def section(self) -> Section:
        """Where in the files the source stands."""
        return self.stored.section

    def entries(self, group: str, scope: Scope) -> EntryTable:
        """Give the rows of the selected trains for one index group."""
        return self.stored.chosen_entries(
            group, scope.inc_suspect, self.train_offset, scope.train_ids
        )

    def all_entries(self, group: str, scope: Scope) -> EntryTable:
        """Give the rows of all trains, selected or not, for one index group."""
        return self.stored.entries(group, scope.inc_suspect).shifted(self.train_offset)

    def layout(self, key: str, entries: EntryTable) -> KeyLayout:
        """Give the layout that a key has in all files with some entries."""
        return self.stored.layout(key, entries.ends, self.train_offset)

    def all_keys(self) -> frozenset[str]:
        """Give the selected keys, listing them from the files if all are selected."""
        return self.stored.keys() if self.keys is None else self.keys

    def index_groups(self) -> frozenset[str]:
        """Give the index groups that the selected keys belong to."""
        if not self.section.is_grouped:
            return frozenset({""})
        return frozenset(self.section.index_group(key) for key in self.all_keys())

    @property
    def holds_data(self) -> bool:
        """Whether the source has keys in any file, so that trains can have data."""
        return bool(self.keys) or (self.keys is None and self.stored.holds_data)

    def has_key(self, key: str) -> bool:
        """Whether a key is selected and stored."""
        return key in self.keys if self.keys is not None else self.stored.has_key(key)

    def full_key(self, key: str) -> str | None:
        """Complete a key of a control source, which may lack ``.value``; None if unknown."""
        if self.has_key(key):
            return key
        if self.section is Section.CONTROL and self.has_key(f"{key}.value"):
            return f"{key}.value"
        return None

    def renamed(self, name: str) -> SelectedSource:
        """Give the same source under a name that the user asked for."""
        return replace(self, name=name)

    def narrowed(self, keys: frozenset[str] | None) -> SelectedSource:
        """Give the source with only some of the selected keys, None for all of them."""
        if keys is None:
            return self
        return replace(self, keys=keys if self.keys is None else self.keys & keys)

    def with_train_offset(self, offset: int) -> SelectedSource:
        """Give the same source with another train offset."""
        return replace(self, train_offset=offset)

    def merged(self, other: SelectedSource) -> SelectedSource:
        """Give the source with the files and keys of both.

        Raises
        ------
        ValueError
            If their train offsets differ, or they are stored under different names.
        """
        if other.stored.source != self.stored.source:
            raise ValueError(
                f"{self.name} is {self.stored.source} in one part and {other.stored.source} in "
                "the other: leave it out of one with .deselect()"
            )
        if other.train_offset != self.train_offset:
            raise ValueError(
                f"{self.name} has train offset {self.train_offset:+d} in one part and "
                f"{other.train_offset:+d} in the other: give both the same with "
                ".with_train_offset()"
            )
        keys = None
        if self.keys is not None and other.keys is not None:
            keys = self.keys | other.keys
        return replace(self, stored=self.stored.merged(other.stored), keys=keys)


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Trains and sources, with all that a collection of data needs to know.

    Attributes
    ----------
    scope : Scope
        Trains and flags.
    sources : dict of str to SelectedSource
        By present name; by an old name where only that one is selected, or with other keys.
    legacy : dict of str to str
        Old names of sources with their present names, selected like these if not in `sources`.
    aliases : AliasTable
        Short names for sources and keys.
    """

    scope: Scope
    sources: Mapping[str, SelectedSource]
    legacy: Mapping[str, str]
    aliases: AliasTable

    @property
    def files(self) -> tuple[FileAccess, ...]:
        """Give the files with selected sources, in order of name."""
        found = {f for s in self.sources.values() for f in s.stored.files}
        return tuple(sorted(found, key=lambda f: f.filename))

    @property
    def files_with_trains(self) -> list[FileAccess]:
        """Give those of them that list selected trains, but one of each source at least."""
        # Sources have their files in common.
        held = {(id(s.stored.files), s.train_offset): s.stored for s in self.sources.values()}
        known: dict[tuple[int, int], bool] = {}
        found = {
            file
            for (_, offset), stored in held.items()
            for file in self.scope.holding(stored.files, offset, known)
        }
        return sorted(found, key=lambda f: f.filename)

    def with_trains(self, train_ids: NDArray[np.uint64]) -> Selection:
        """Give the same sources for other trains."""
        return replace(self, scope=self.scope.with_trains(train_ids))

    def find(self, name: str) -> SelectedSource | None:
        """Give a source by its present or old name; None if it is not selected."""
        found = self.sources.get(name)
        if found is None and name in self.legacy:
            found = self.sources[self.legacy[name]].renamed(name)
        return found

    def by_every_name(self) -> dict[str, SelectedSource]:
        """Give all sources by present and old names."""
        old = {name: self.sources[self.legacy[name]].renamed(name) for name in self.implied}
        return {**self.sources, **old}

    @property
    def implied(self) -> dict[str, str]:
        """Old names that stand for all that is selected by the present name."""
        return {old: new for old, new in self.legacy.items() if old not in self.sources}

    def with_sources(self, sources: Iterable[SelectedSource]) -> Selection:
        """Give the same trains for other sources, with the old names that they have."""
        by_name = {s.name: s for s in sources}
        return replace(self, sources=by_name, legacy=old_names(self.legacy, by_name))

    def with_names(self, sources: Iterable[SelectedSource]) -> Selection:
        """Give the same trains for other sources, by no other names than theirs."""
        by_name = {s.name: s for s in sources}
        legacy = {old: new for old, new in self.legacy.items() if old in by_name}
        kept = without_repeats(by_name)
        return replace(self, sources=kept, legacy=old_names(legacy, kept))

    def with_aliases(self, aliases: AliasTable) -> Selection:
        """Give the same with other aliases."""
        return replace(self, aliases=aliases)

    def merged(self, other: Selection, is_single_run: bool) -> Selection:
        """Give trains, sources and aliases of both.

        Parameters
        ----------
        other : Selection
            What to add.
        is_single_run : bool
            Whether both are known to belong to the same run.

        Raises
        ------
        AliasError
            If an alias means two things.
        ValueError
            If a source has two train offsets, or a name stands for two sources.
        """
        names = dict.fromkeys((*self.sources, *other.sources))
        sources = without_repeats({name: _of_both(self, other, name) for name in names})
        return Selection(
            self.scope.merged(other.scope, is_single_run),
            sources,
            old_names({**self.legacy, **other.legacy}, sources),
            self.aliases.merged(other.aliases),
        )

    def trains_with_data(self, require_all: bool) -> NDArray[np.uint64]:
        """Give the trains in which all selected keys, or any of them, have data.

        A source without keys, such as a device of which only the snapshot was saved, has nothing
        that could be missing.
        """
        train_ids = self.scope.train_ids
        counted = np.zeros(len(train_ids), dtype=np.int64)
        needed = 0
        for source in self.sources.values():
            for group in source.index_groups() if source.holds_data else ():
                counted += source.all_entries(group, self.scope).counts_for(train_ids) > 0
                needed += 1
        return train_ids[counted >= (needed if require_all else 1)]

    @classmethod
    def of_files(
        cls, files: Sequence[FileAccess], inc_suspect: bool, is_single_run: bool, log: ProblemLog
    ) -> Selection:
        """Select everything that some files hold."""
        ids = [f.train_ids if inc_suspect else f.valid_train_ids for f in files]
        train_ids = _united(ids)
        sources = _sources_in(files)
        legacy = {old: new for f in files for old, new in f.legacy_sources.items()}
        return cls(
            Scope(train_ids, inc_suspect, is_single_run, log),
            sources,
            old_names(legacy, sources),
            AliasTable(),
        )


def _of_both(one: Selection, other: Selection, name: str) -> SelectedSource:
    first, second = one.sources.get(name), other.sources.get(name)
    if second is None:
        second = _implied_like(first, other, name)
    if first is None:
        first = _implied_like(second, one, name)
    if first is not None and second is not None:
        return first.merged(second)
    return one.sources[name] if second is None else second


def _implied_like(
    source: SelectedSource | None, selection: Selection, name: str
) -> SelectedSource | None:
    """Give what an old name stands for, if it is the same source."""
    found = selection.find(name)
    if source is None or found is None or found.stored.source != source.stored.source:
        return None
    return found


def _united(lists: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Give all train IDs of some lists, in increasing order, each once."""
    # Files that come from the same map have lists in common.
    others = list({id(ids): ids for ids in lists}.values())
    if not others:
        return np.zeros(0, dtype=np.uint64)
    return distinct(np.concatenate(others))


def _sources_in(files: Sequence[FileAccess]) -> dict[str, SelectedSource]:
    """Find the files of each source, taking files with the same sources together."""
    found: dict[str, SelectedSource] = {}
    for section in (Section.CONTROL, Section.INSTRUMENT):
        alike: dict[frozenset[str], list[FileAccess]] = {}
        for file in files:
            alike.setdefault(file.sources(section), []).append(file)
        where: dict[str, list[frozenset[str]]] = {}
        for names in alike:
            for name in sorted(names):
                where.setdefault(name, []).append(names)
        together: dict[tuple[frozenset[str], ...], tuple[FileAccess, ...]] = {}
        for name, lists in where.items():
            which = tuple(lists)
            if which not in together:
                together[which] = in_order(f for names in which for f in alike[names])
            found[name] = SelectedSource(SourceFiles(name, section, together[which]), name)
    return found
