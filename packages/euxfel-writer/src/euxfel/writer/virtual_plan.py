"""What a virtual file will show: all of it is known before the file is touched.

Types and lengths of datasets are looked at in each file once, for all keys of a source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5g, h5t
from numpy.typing import NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import EntryTable
from euxfel.core.scope import Scope
from euxfel.core.selection import SelectedSource
from euxfel.core.source_files import SourceFiles
from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.errors import WriteError
from euxfel.fileaccess.foreign import translated
from euxfel.fileaccess.names import key_to_path

from .skeleton import index_of

# In big detector data these are like further indexes: they are copied, so that they are read
# fast. The peer's readers expect them so.
COPIED = frozenset({"image.pulseId", "image.cellId"})

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one file, one after another, that a virtual dataset shows from `place` on."""

    file: int
    first: int
    count: int
    place: int


@dataclass(slots=True)
class KeyPlan:
    """One dataset to make.

    Attributes
    ----------
    key : str
        Name of the key.
    entries : EntryTable
        Rows of the selected trains.
    stored : h5t.TypeID
        Type of the elements, as the files have it.
    entry_shape : tuple of int
        Shape of one row.
    lengths : dict of int to int
        Number of rows of the dataset in each file that is used, by position of the file.
    """

    key: str
    entries: EntryTable
    stored: h5t.TypeID | None = None
    entry_shape: Shape = ()
    lengths: dict[int, int] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """Shape of the dataset."""
        return (self.entries.n_rows, *self.entry_shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements, as NumPy has it."""
        found: np.dtype[Any] = self.stored.dtype if self.stored is not None else np.dtype("u1")
        return found

    def take_over(self, number: int, dataset: h5d.DatasetID) -> bool:
        """Note type and length in one file; False if they are not those of the other files."""
        shape = dataset.shape
        if not shape:
            return False
        stored = dataset.get_type()
        if self.stored is None:
            self.stored, self.entry_shape = stored.copy(), shape[1:]
        elif shape[1:] != self.entry_shape or not stored.equal(self.stored):
            return False
        self.lengths[number] = shape[0]
        return True


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source to show.

    Attributes
    ----------
    selected : SelectedSource
        The source, by the name that it gets in the file.
    keys : tuple of KeyPlan
        Its datasets.
    indexes : dict
        First row and number of rows of each train, by index group.
    """

    selected: SelectedSource
    keys: tuple[KeyPlan, ...]
    indexes: dict[str, tuple[NDArray[np.uint64], NDArray[np.uint64]]]

    @property
    def files(self) -> tuple[FileAccess, ...]:
        """Files that hold the source."""
        return self.selected.stored.files


def plan_of(data: DataCollection) -> list[SourcePlan]:
    """Find out what is to be made for all selected sources.

    Raises
    ------
    DataError
        If files differ in dtype or shape, or an index contradicts the data.
    WriteError
        If a file cannot be named as a virtual source.
    """
    selection = data._selection
    for file in selection.files:
        _refuse_pattern(file.filename)
    found = selection.sources.items()
    return [plan_source(source, selection.scope) for _, source in sorted(found)]


def plan_source(source: SelectedSource, scope: Scope) -> SourcePlan:
    """Find out what is to be made for the selected keys of one source."""
    by_group = {group: source.entries(group, scope) for group in sorted(source.index_groups())}
    section, names = source.section, sorted(source.all_keys())
    for name in (source.stored.source, *names):
        _refuse_pattern(name)
    keys = [KeyPlan(key, by_group[section.index_group(key)]) for key in names]
    _survey(source.stored, keys)
    indexes = {group: index_of(table, scope.train_ids) for group, table in by_group.items()}
    return SourcePlan(source, tuple(keys), indexes)


def rows_of(entries: EntryTable) -> Iterator[Rows]:
    """Give the rows that a virtual dataset shows, as few and long pieces as there can be."""
    for piece in entries.pieces:
        place = piece.start
        for low, high in piece.ranges.tolist():
            yield Rows(piece.file, low, high - low, place)
            place += high - low


def _survey(stored: SourceFiles, keys: list[KeyPlan]) -> None:
    """Look at the datasets of all keys, in one file after the other."""
    needed = sorted((number, i) for i, key in enumerate(keys) for number in key.entries.ends)
    doubtful: set[int] = set()
    here = stored.section.source_path(stored.source).encode()
    # From the group of the source: each step of a path costs as much as the dataset.
    names = [key_to_path(key.key).encode() for key in keys]
    for number, wanted in groupby(needed, key=lambda item: item[0]):
        file = stored.files[number]
        with file.handle.h5() as opened, translated(file.filename, "cannot be read"):
            group = _group(opened, here)
            for _, i in wanted:
                if group is None or not _note(group, names[i], number, keys[i]):
                    doubtful.add(i)
    for i, key in enumerate(keys):
        if i in doubtful or _is_refused(key):
            _look_closely(stored, key)
        elif key.stored is None:
            _take_any_layout(stored, key)
    used = {(stored.section.index_group(k.key), n) for k in keys for n in k.lengths}
    for group, number in sorted(used):
        stored.files[number].confirm_index(stored.section, stored.source, group)


def _look_closely(stored: SourceFiles, key: KeyPlan) -> None:
    """Raise what is wrong in words, naming file and trains.

    Nothing is, where types differ in ways that do not matter to values, as padding of text does.
    """
    stored.layout(key.key, key.entries.ends)
    stored.check_rows(key.key, key.entries)
    for number in key.entries.ends:
        found = stored.file_layout(number, key.key)
        if found is not None:
            key.lengths[number] = found[1]


def _group(file: h5py.File, path: bytes) -> h5g.GroupID | None:
    try:
        return h5g.open(file.id, path)
    except KeyError:
        return None


def _note(group: h5g.GroupID, name: bytes, number: int, key: KeyPlan) -> bool:
    try:
        return key.take_over(number, h5d.open(group, name))
    except KeyError:
        return False


def _is_refused(key: KeyPlan) -> bool:
    if key.entries.has_bad:
        return True
    return any(end > key.lengths.get(number, 0) for number, end in key.entries.ends.items())


def _take_any_layout(stored: SourceFiles, key: KeyPlan) -> None:
    """Take type and shape of a key without selected rows from the first file that has it."""
    path = stored.section.data_path(stored.source, key.key).encode()
    for number, file in enumerate(stored.files):
        if stored.file_layout(number, key.key) is not None:
            with file.handle.h5() as opened:
                key.take_over(number, h5d.open(opened.id, path))
            return


def _refuse_pattern(name: str) -> None:
    if "%" in name:
        raise WriteError(
            f"{name!r} cannot be named in a virtual file, where % has a meaning of its own; "
            "use another name or folder, or .write()",
            file=name,
        )
