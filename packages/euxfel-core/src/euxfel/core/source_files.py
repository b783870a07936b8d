"""One source as it is stored: the files that hold it, their entries and layouts.

This is what many selections share. It never changes; what it reads from files it keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import (
    DataError,
    FileAccess,
    Problem,
    ProblemKind,
    PropertyNameError,
    Section,
    dataset_layout,
    name_trains,
)
from euxfel.fileaccess.cached import cached_property

from .entries import EntryTable, read_entries, shifted_ids


@dataclass(frozen=True, slots=True)
class KeyLayout:
    """Type and shape of one row of a key.

    Attributes
    ----------
    dtype : numpy.dtype
        As it is stored; object for strings of variable length.
    entry_shape : tuple of int
        Shape of one row.
    """

    dtype: np.dtype[np.generic]
    entry_shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} {self.entry_shape}"


def in_order(files: Iterable[FileAccess]) -> tuple[FileAccess, ...]:
    """Give files in order of name, each once; a tuple that is so already is given back."""
    if isinstance(files, tuple) and all(a.filename < b.filename for a, b in pairwise(files)):
        return files
    return tuple(sorted(set(files), key=lambda f: f.filename))


class SourceFiles:
    """The files of a run, or of several, that hold one source.

    Parameters
    ----------
    source : str
        Name under which the files store the source.
    section : Section
        Where in the files it stands.
    files : iterable of FileAccess
        Put in order of file name, so that nothing depends on the order of a folder.
    """

    def __init__(self, source: str, section: Section, files: Iterable[FileAccess]) -> None:
        self.source = source
        self.section = section
        self.files = in_order(files)
        self._entries: dict[tuple[str, bool], EntryTable] = {}
        self._chosen: dict[tuple[str, bool, int], tuple[NDArray[np.uint64], EntryTable]] = {}
        self._layouts: dict[tuple[int, str], tuple[KeyLayout, int] | None] = {}
        self._keys: frozenset[str] | None = None
        self._present: dict[str, bool] = {}

    def __repr__(self) -> str:
        return f"SourceFiles({self.source!r} in {len(self.files)} files)"

    def merged(self, other: SourceFiles) -> SourceFiles:
        """Give the source as stored in the files of both."""
        if set(other.files) <= set(self.files):
            return self
        return SourceFiles(self.source, self.section, (*self.files, *other.files))

    def entries(self, group: str, inc_suspect: bool) -> EntryTable:
        """Give the rows by train of one index group."""
        found = self._entries.get((group, inc_suspect))
        if found is None:
            found = read_entries(self.files, self.section, self.source, group, inc_suspect)
            if self.section is Section.CONTROL and not self.holds_data:
                # A device with a snapshot only: its index counts rows that do not exist.
                found = found.emptied()
            self._entries[group, inc_suspect] = found
        return found

    @cached_property
    def holds_data(self) -> bool:
        """Whether any of the files has data of the source."""
        return any(f.has_any_key(self.section, self.source) for f in self.files)

    def chosen_entries(
        self, group: str, inc_suspect: bool, train_offset: int, train_ids: NDArray[np.uint64]
    ) -> EntryTable:
        """Give the rows of some trains, whose IDs are moved by an offset.

        The last answer is kept: all keys of a source are asked for with the same trains.
        """
        which = group, inc_suspect, train_offset
        known = self._chosen.get(which)
        if known is None or known[0] is not train_ids:
            table = self.entries(group, inc_suspect).shifted(train_offset).select(train_ids)
            known = self._chosen[which] = train_ids, table
        return known[1]

    def keys(self) -> frozenset[str]:
        """Give all keys that any of the files has for the source."""
        if self._keys is None:
            per_file = (f.keys(self.section, self.source) for f in self.files)
            self._keys = frozenset().union(*per_file)
        return self._keys

    def has_key(self, key: str) -> bool:
        """Whether any file has the key; looks at no more files than it must."""
        if self._keys is not None:
            return key in self._keys
        if key not in self._present:
            held = any(f.has_key(self.section, self.source, key) for f in self.files)
            self._present[key] = held
        return self._present[key]

    def file_layout(self, number: int, key: str) -> tuple[KeyLayout, int] | None:
        """Give layout and number of rows of a key in one file, None if it is not there."""
        try:
            return self._layouts[number, key]
        except KeyError:
            pass
        file = self.files[number]
        found = None
        if file.has_key(self.section, self.source, key):
            stored = dataset_layout(file.handle, self.section.data_path(self.source, key))
            if not stored.shape:
                raise self._error(file, key, "is a single value, not one row per entry")
            found = KeyLayout(stored.dtype, stored.shape[1:]), stored.shape[0]
        self._layouts[number, key] = found
        return found

    def known_layout(self, key: str) -> KeyLayout | None:
        """Give the layout of a key in the first file that was looked at, None if none was."""
        known = (self._layouts.get((number, key)) for number in range(len(self.files)))
        return next((found[0] for found in known if found), None)

    def layout(self, key: str, numbers: Iterable[int], train_offset: int = 0) -> KeyLayout:
        """Give the layout of a key that some files have in common.

        Parameters
        ----------
        key : str
            Name of the key.
        numbers : iterable of int
            Positions of the files to read from; if there are none, the first file with the
            key decides.
        train_offset : int
            Added to the stored train IDs where an error names trains.

        Raises
        ------
        DataError
            If the files differ: nothing is cast without being asked.
        PropertyNameError
            If no file has the key.
        """
        wanted = list(numbers)
        agreed: KeyLayout | None = None
        for number in wanted or range(len(self.files)):
            found = self.file_layout(number, key)
            if found is None:
                continue
            if agreed is None:
                agreed = found[0]
            elif found[0] != agreed:
                raise self._layouts_differ(key, agreed, number, found[0], train_offset)
            if not wanted:
                break
        if agreed is None:
            raise PropertyNameError(
                f"no file has key {key!r} of source {self.source!r}", source=self.source, key=key
            )
        return agreed

    def check_rows(self, key: str, entries: EntryTable) -> None:
        """Refuse entries that cannot be read rightly.

        Raises
        ------
        DataError
            If the index of a train makes no sense, or claims rows that a dataset lacks; it
            names the dataset, the file and the trains.
        """
        group = self.section.index_group(key)
        if entries.has_bad:
            self._refuse(key, entries, entries.bad, "has an index that makes no sense")
        for number, end in entries.ends.items():
            self.files[number].confirm_index(self.section, self.source, group)
            length = self._length(number, key)
            if end > length:
                beyond = _beyond(entries, number, length)
                reason = f"has only {length} rows, the index claims more"
                self._refuse(key, entries, beyond, reason)

    def unreadable(self, key: str, entries: EntryTable) -> NDArray[np.bool_]:
        """Tell which entries `check_rows` would refuse."""
        refused = entries.bad.copy()
        for number in entries.ends:
            refused |= _beyond(entries, number, self._length(number, key))
        return refused

    def _length(self, number: int, key: str) -> int:
        found = self.file_layout(number, key)
        return 0 if found is None else found[1]

    def index_problems(self, groups: Iterable[str]) -> list[Problem]:
        """Give what is wrong with the indexes of some groups."""
        found: list[Problem] = []
        for group in groups:
            for file in self.files:
                index = file.index(self.section, self.source, group)
                found += index.problems(file.filename, self.source)
                if not self._has_group(file, group):
                    found += self._missing(file, group, group or "data")
            shadowed = self.entries(group, True).shadowed
            if len(shadowed):
                found.append(self._overlap(shadowed))
        return found

    def key_problems(self, key: str) -> list[Problem]:
        """Give what is wrong with the datasets of one key: rows, dtypes and shapes."""
        found: list[Problem] = []
        group = self.section.index_group(key)
        agreed: KeyLayout | None = None
        for number, file in enumerate(self.files):
            stored = self.file_layout(number, key)
            if stored is None:
                # A group that is missing as a whole is one problem, not one for each key.
                found += self._missing(file, group, key) if self._has_group(file, group) else []
                continue
            layout, length = stored
            index = file.index(self.section, self.source, group)
            beyond = file.stored_trains.ids[index.check_length(length)]
            if len(beyond):
                message = f"{key} has only {length} rows, the index claims more"
                found.append(
                    self._problem(ProblemKind.INDEX_BEYOND_DATA, message, file, key, beyond)
                )
            agreed = agreed or layout
            if layout.dtype != agreed.dtype:
                message = f"{key} is {layout.dtype} here, {agreed.dtype} in the files before"
                found.append(self._problem(ProblemKind.DTYPE_CHANGES, message, file, key))
            if layout.entry_shape != agreed.entry_shape:
                message = f"{key} has rows of {layout.entry_shape}, {agreed.entry_shape} before"
                found.append(self._problem(ProblemKind.ENTRY_SHAPE_CHANGES, message, file, key))
        return found

    def _has_group(self, file: FileAccess, group: str) -> bool:
        keys = file.keys(self.section, self.source)
        return any(self.section.index_group(key) == group for key in keys)

    def _missing(self, file: FileAccess, group: str, what: str) -> list[Problem]:
        """Tell of trains that have rows by the index while the file lacks the data."""
        claimed = file.index(self.section, self.source, group).count > 0
        if not claimed.any():
            return []
        message = f"the index gives rows, but there is no {what}"
        trains = file.stored_trains.ids[claimed]
        return [self._problem(ProblemKind.MISSING_DATA, message, file, what, trains)]

    def _problem(
        self,
        kind: ProblemKind,
        message: str,
        file: FileAccess,
        key: str,
        trains: Iterable[int] = (),
    ) -> Problem:
        listed = tuple(int(t) for t in trains)
        return Problem(kind, message, file.filename, self.source, key, listed)

    def _overlap(self, shadowed: NDArray[np.uint64]) -> Problem:
        return Problem(
            ProblemKind.OVERLAPPING_FILES,
            f"{name_trains(shadowed)} in more than one file; the later file counts",
            source=self.source,
            trains=tuple(int(t) for t in shadowed),
        )

    def _refuse(
        self, key: str, entries: EntryTable, where: NDArray[np.bool_], reason: str
    ) -> NoReturn:
        trains = entries.train_ids[where]
        file = self.files[int(entries.file[where][0])]
        raise self._error(file, key, f"{reason} ({name_trains(trains)})", trains)

    def _layouts_differ(
        self, key: str, agreed: KeyLayout, number: int, found: KeyLayout, train_offset: int
    ) -> DataError:
        reason = f"holds {found}, other files {agreed}; select trains of one kind"
        file = self.files[number]
        trains, _ = shifted_ids(file.train_ids, train_offset)
        return self._error(file, key, reason, trains.tolist())

    def _error(
        self, file: FileAccess, key: str, reason: str, trains: Iterable[int] = ()
    ) -> DataError:
        path = self.section.data_path(self.source, key)
        return DataError(
            f"{path} in {file.filename} {reason}",
            file=file.filename,
            source=self.source,
            key=key,
            trains=tuple(trains),
        )


def _beyond(entries: EntryTable, number: int, length: int) -> NDArray[np.bool_]:
    """Tell which entries in a file claim rows after its last one."""
    beyond: NDArray[np.bool_] = (
        (entries.file == number) & (entries.count > 0) & (entries.first + entries.count > length)
    )
    return beyond
