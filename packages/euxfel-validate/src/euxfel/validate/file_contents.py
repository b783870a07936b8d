"""One file as checks see it: what it holds, looked up once, whatever it is like.

The links of a file are listed in one go, and each dataset with data is opened once to see its
shape and type. Checks get plain values from here, and never open an object that another check
has opened already, but to read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import h5py
import numpy as np
from h5py import h5d, h5f, h5l, h5o
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, GroupIndex, Section, TrainTable
from euxfel.fileaccess.brief import BriefFile
from euxfel.fileaccess.cached import cached_property
from euxfel.fileaccess.direct import DirectDataset, Message, UnfamiliarError, describe
from euxfel.fileaccess.facts import FileFacts, read_facts
from euxfel.fileaccess.foreign import FOREIGN, translated
from euxfel.fileaccess.h5read import known_type, read_small, read_whole
from euxfel.fileaccess.index import build_index, read_index
from euxfel.fileaccess.names import path_to_key

from .timestamps import times_fault


@dataclass(frozen=True, slots=True)
class Stored:
    """One dataset with data of a source.

    Attributes
    ----------
    section, source, key
        What it is.
    path : str
        Where it is.
    shape : tuple of int
        Its shape.
    dtype : str
        Its type, as NumPy spells it.
    elsewhere : bool
        Whether its values lie in other files: a virtual dataset or external storage.
    times_fault : str
        What is wrong with its order, if it holds timestamps of a control value.
    """

    section: Section
    source: str
    key: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    elsewhere: bool
    times_fault: str = ""

    @property
    def rows(self) -> int:
        """Length of the first axis."""
        return self.shape[0] if self.shape else 0

    @property
    def group(self) -> str:
        """The index group it belongs to."""
        return self.section.index_group(self.key)


@dataclass(slots=True)
class Survey:
    """All that was found below the sections of a file.

    Attributes
    ----------
    stored : dict
        Datasets by section and source.
    unlisted : list of str
        Groups with data that METADATA does not name, or with an index of no source.
    dangling : list of str
        Links that lead nowhere.
    damaged : list of tuple
        Objects that cannot be opened, and why.
    """

    stored: dict[tuple[Section, str], list[Stored]] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)


class FileContents:
    """What checks of a file can ask for.

    Attributes
    ----------
    file : FileAccess
        The file.
    h5 : h5py.File
        The same, open.
    facts : FileFacts
        Version, sources and trains.
    """

    def __init__(self, file: FileAccess, h5: h5py.File, small: BriefFile) -> None:
        self.file = file
        self.h5 = h5
        self._small = small
        with translated(file.filename, "cannot be read"):
            self.facts: FileFacts = read_facts(small)
        self._columns: dict[str, NDArray[Any] | None] = {}
        self._indexes: dict[tuple[Section, str, str], GroupIndex] = {}

    @classmethod
    @contextmanager
    def of(cls, file: FileAccess) -> Iterator[Self]:
        """Lend the contents of a file, which is open as long.

        Raises
        ------
        EuxfelError, OSError
            If the file is not a readable EXDF file.
        """
        with file.handle.h5() as h5, file.handle.fd() as fd:
            yield cls(file, h5, BriefFile(file.filename, file.handle.identity, fd, h5.id))

    @property
    def trains(self) -> TrainTable:
        """The trains of the file."""
        return self.facts.trains

    def sources(self, section: Section) -> list[str]:
        """Give the sources that are listed in a section, sorted."""
        return sorted(self.facts.sources[section])

    def read(self, path: str) -> NDArray[Any] | None:
        """Read a small dataset; None if there is none."""
        return read_small(self._small, path)

    def stored(self, section: Section, source: str) -> list[Stored]:
        """Give the datasets of a source."""
        return self.survey.stored.get((section, source), [])

    def groups(self, section: Section, source: str) -> dict[str, list[Stored]]:
        """Give the datasets of a source by index group."""
        groups: dict[str, list[Stored]] = {}
        for dataset in self.stored(section, source):
            groups.setdefault(dataset.group, []).append(dataset)
        return groups

    def index(self, section: Section, source: str, group: str) -> GroupIndex:
        """Give the index of a group that has data."""
        known = self._indexes.get((section, source, group))
        if known is None:
            path = section.index_path(source, group)
            known = self._read_index(path)
            self._indexes[section, source, group] = known
        return known

    def _read_index(self, path: str) -> GroupIndex:
        try:
            first, count = self.column(f"{path}/first"), self.column(f"{path}/count")
        except FOREIGN:
            first = count = None
        if first is not None and count is not None:
            return build_index(first, count, self.trains, path)
        found = read_index(self._small, path, self.trains)
        return GroupIndex.missing(len(self.trains), path) if found is None else found

    def column(self, path: str) -> NDArray[Any] | None:
        """Read a dataset of the index, once; None if there is none."""
        if path not in self._columns:
            self._columns[path] = self.read(path)
        return self._columns[path]

    @cached_property
    def survey(self) -> Survey:
        """All datasets with data, and what is wrong with the tree."""
        return _Surveyor(self._small, self.facts).survey()


_DATA = tuple(Section)
_CONTROL = f"{Section.CONTROL.value}/"
_Messages = dict[int, Message]
_Description = tuple[tuple[int, ...], str, bool, str]
_NOT_SOURCES = ("trainId", "timestamp", "flag", "origin")


class _Surveyor:
    """Walks through the links of a file once."""

    def __init__(self, file: BriefFile, facts: FileFacts) -> None:
        self._file = file
        self._facts = facts
        self._found = Survey()
        self._listed = {
            section.source_path(source): (section, source)
            for section in Section
            for source in facts.sources[section]
        }
        self._legacy = facts.legacy.keys()
        names = {source for _section, source in self._listed.values()} | self._legacy
        self._indexed = names | {name.partition(":")[0] for name in names}
        #: Path of the source that the last dataset belonged to: the next one mostly does too.
        self._at = ""
        #: Place of the last index, which has several datasets.
        self._indexed_at = ""

    def survey(self) -> Survey:
        try:
            for path, messages in self._leaves():
                self._enter_any(path, messages)
        except FOREIGN as exc:
            self._found.damaged.append(("/", str(exc)))
        return self._found

    def _leaves(self) -> Iterable[tuple[str, _Messages | None]]:
        """Give the paths with nothing below them, and what is known of the datasets there."""
        if self._file.direct is not None:
            with suppress(UnfamiliarError):
                return self._file.direct.survey()
        return ((path, None) for path in _leaves(self._file.id))

    def _enter_any(self, path: str, messages: _Messages | None) -> None:
        root, _, rest = path.partition("/")
        if root in _DATA:
            self._enter(path, messages)
        elif root == "INDEX" and rest not in _NOT_SOURCES:
            self._enter_index(rest)

    def _enter(self, path: str, messages: _Messages | None) -> None:
        place = self._source_path(path)
        if place is None:
            self._enter_unlisted(path)
            return
        try:
            found = self._described(path, messages)
        except FOREIGN as exc:
            self._enter_fault(path, str(exc))
            return
        if found is not None:
            section, source = self._listed[place]
            key = path_to_key(path[len(place) + 1 :])
            stored = Stored(section, source, key, path, *found)
            self._found.stored.setdefault((section, source), []).append(stored)

    def _described(self, path: str, messages: _Messages | None) -> _Description | None:
        """Give shape, type, whether it is elsewhere, and a fault; None if it is no dataset."""
        has_times = path.startswith(_CONTROL) and path.endswith("/timestamp")
        direct = self._file.direct
        if messages is not None and direct is not None:
            with suppress(UnfamiliarError):
                dataset = describe(messages)
                fault = times_fault(direct.elements(dataset)) if has_times else ""
                return dataset.shape, _spelled_directly(dataset), False, fault
        opened = _opened(self._file.id, path)
        if not isinstance(opened, h5d.DatasetID):
            return None
        dtype = known_type(opened.dtype)
        elsewhere = _is_elsewhere(opened)
        fault = times_fault(read_whole(opened, path)) if has_times and not elsewhere else ""
        return opened.shape or (), _spelled(dtype), elsewhere, fault

    def _source_path(self, path: str) -> str | None:
        """Give the path of the listed source that a dataset lies in."""
        if self._at and path.startswith(self._at):
            return self._at[:-1]
        end = path.find("/")
        while (end := path.find("/", end + 1)) > 0:
            if path[:end] in self._listed:
                self._at = path[: end + 1]
                return path[:end]
        return None

    def _enter_unlisted(self, path: str) -> None:
        section, _, name = path.partition("/")
        if path in self._listed or name in self._legacy:
            # A source without data, or a name that stands for another one.
            return
        try:
            opened = _opened(self._file.id, path)
        except FOREIGN as exc:
            self._enter_fault(path, str(exc))
            return
        if not isinstance(opened, h5d.DatasetID):
            # An empty group: the place of a source that has no data, or had other data once.
            return
        # Which part of the path is the source nobody can tell: names have three parts mostly.
        self._note_unlisted("/".join([section, *name.split("/")[:3]]))

    def _enter_index(self, rest: str) -> None:
        place = rest.rpartition("/")[0]
        if place == self._indexed_at:
            return
        self._indexed_at = place
        parts = place.split("/")
        sources = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
        # Some files have an index of the device, beside those of its channels.
        if not {rest, *sources} & self._indexed:
            self._note_unlisted(f"INDEX/{place or rest}")

    def _note_unlisted(self, path: str) -> None:
        if not self._found.unlisted or self._found.unlisted[-1] != path:
            self._found.unlisted.append(path)

    def _enter_fault(self, path: str, why: str) -> None:
        if _is_dangling(self._file.id, path):
            self._found.dangling.append(path)
        else:
            self._found.damaged.append((path, why))


def _leaves(file: h5f.FileID) -> Iterator[str]:
    """List the paths that have nothing below them: datasets, links, empty groups."""
    names: list[bytes] = []
    # A bound method of a list runs no Python code, so that Ctrl-C cannot be lost in it.
    file.links.visit(names.append)
    following = [*names[1:], b""]
    for name, following_name in zip(names, following, strict=True):
        if not following_name.startswith(name + b"/"):
            yield name.decode("utf-8", "surrogateescape")


def _opened(file: h5f.FileID, path: str) -> object:
    return h5o.open(file, path.encode("utf-8", "surrogateescape"))


def _is_elsewhere(dataset: h5d.DatasetID) -> bool:
    # Only what lies in this file as one piece has a place: to ask is cheap.
    if dataset.get_offset() is not None:
        return False
    layout = dataset.get_create_plist()
    kind = layout.get_layout()
    if kind == h5d.VIRTUAL:
        return True
    return bool(kind == h5d.CONTIGUOUS and layout.get_external_count())


@lru_cache(maxsize=1 << 10)
def _spelled(dtype: np.dtype[Any]) -> str:
    # All texts of variable length are one type, whatever their encoding.
    return "text" if dtype.kind == "O" else str(dtype)


def _spelled_directly(dataset: DirectDataset) -> str:
    return "text" if dataset.is_text else _spelled(dataset.dtype)


def _is_dangling(file: h5f.FileID, path: str) -> bool:
    """Whether a path ends in a soft or external link."""
    try:
        kind = file.links.get_info(path.encode("utf-8", "surrogateescape")).type
    except FOREIGN:
        return False
    return bool(kind in (h5l.TYPE_SOFT, h5l.TYPE_EXTERNAL))
