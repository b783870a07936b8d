"""One EXDF file: what is in it, and where."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .cached import cached_property
from .engine.known import is_known
from .errors import PropertyNameError, SourceNameError
from .facts import FileFacts, read_facts
from .file_indexes import FileIndexes
from .file_place import FilePlace
from .foreign import translated
from .format import FormatVersion
from .h5read import OpenFile, dataset_paths, has_dataset, read_small
from .handle import FileHandle
from .identity import FileIdentity
from .index import GroupIndex
from .memory import Arrays, Memory, Pack, pack_keys, unpack_keys
from .names import path_to_key
from .problems import Problem
from .sections import TIMESTAMP, Section
from .summary import FileSummary
from .trains import TrainTable
from .values import file_metadata, read_attributes, run_keys, run_value


class FileAccess(FilePlace):
    """Access to one EXDF file: its trains, sources, keys, index and RUN snapshot.

    The file is opened when something is asked for, and closed again when too many files are
    open. Everything read is kept, so that asking twice costs nothing.

    Parameters
    ----------
    filename : str or path-like
        Path of the file.
    summary : FileSummary, optional
        Trains and sources as a run map remembers them, so that the file need not be opened
        for them.
    identity : FileIdentity, optional
        What the file has to be; by default what is there now.
    memory : Memory, optional
        Where to look up what was read from the file earlier, and to leave what is read now.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileStructureError
        If it is not a regular file, or later when it is not a readable EXDF file.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.fileaccess import FileAccess
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = FileAccess(small_run().write(folder).paths[0])
    ...     file.format_version
    '1.2'
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        summary: FileSummary | None = None,
        identity: FileIdentity | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(FileHandle(filename, identity))
        self._summary = summary
        self.memory = memory
        self._indexes = FileIndexes()
        self._keys: dict[str, frozenset[str]] = {}

    def __repr__(self) -> str:
        return f"<euxfel.FileAccess {self.filename!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileAccess):
            return NotImplemented
        return self.handle == other.handle

    def __hash__(self) -> int:
        return hash(self.handle)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self.handle, self._summary)

    @property
    def file(self) -> h5py.File:
        """The file opened with h5py, for what this class does not offer.

        It may be closed when many other files are used; ask again rather than keep it.
        """
        with self._h5() as file:
            return file

    @contextmanager
    def open_briefly(self) -> Iterator[OpenFile]:
        """Lend the file opened at the least cost, for a look at small datasets."""
        with translated(self.filename, "cannot be read"), self.handle.h5_briefly() as file:
            yield file

    @contextmanager
    def _h5(self) -> Iterator[h5py.File]:
        with translated(self.filename, "cannot be read"), self.handle.h5() as file:
            yield file

    def close(self) -> None:
        """Close the file if it is open; it opens again when it is used."""
        self.handle.close()

    # Facts --------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> FileFacts:
        """What METADATA and INDEX/trainId say, read from the file.

        Raises
        ------
        FileStructureError
            If METADATA or INDEX is missing or damaged.
        """
        with self.open_briefly() as file:
            return read_facts(file)

    @property
    def is_remembered(self) -> bool:
        """Whether trains and sources come from a run map, not from the file itself."""
        return self._summary is not None

    @property
    def is_fully_told(self) -> bool:
        """Whether `summary` tells all that opening the file told, problems included."""
        found = set(self.facts.problems)
        return not found or found <= set(self.summary().table(self.filename).problems)

    @property
    def version(self) -> FormatVersion:
        """Version of the format with what it implies."""
        return self.facts.version

    @property
    def format_version(self) -> str:
        """Version of the format, such as ``"1.2"``."""
        return self.version.text

    @cached_property
    def trains(self) -> TrainTable:
        """Train IDs in the order they are stored, and which of them to trust."""
        if self._summary is None:
            return self.facts.trains
        return self._summary.table(self.filename)

    @property
    def train_ids(self) -> NDArray[np.uint64]:
        """IDs of all trains in the file, suspect ones included."""
        return self.trains.ids

    @property
    def validity_flag(self) -> NDArray[np.bool_]:
        """False where a train is suspect, in the order of `train_ids`."""
        return self.trains.valid

    @property
    def valid_train_ids(self) -> NDArray[np.uint64]:
        """IDs of the trains to trust."""
        return self.trains.ids[self.trains.valid]

    def sources(self, section: Section) -> frozenset[str]:
        """Give the names of the sources in one section, legacy names left out."""
        names = None if self._summary is None else self._summary.sources(section)
        return self.facts.sources[section] if names is None else names

    @property
    def control_sources(self) -> frozenset[str]:
        """Sources with one row per train."""
        return self.sources(Section.CONTROL)

    @property
    def instrument_sources(self) -> frozenset[str]:
        """Sources with any number of rows per train."""
        return self.sources(Section.INSTRUMENT)

    @property
    def reduction_sources(self) -> frozenset[str]:
        """Sources that tell how data was reduced."""
        return self.sources(Section.REDUCTION)

    @property
    def errata_sources(self) -> frozenset[str]:
        """Sources that tell what is wrong with data."""
        return self.sources(Section.ERRATA)

    @property
    def all_sources(self) -> frozenset[str]:
        """Control and instrument sources."""
        return self.control_sources | self.instrument_sources

    @property
    def legacy_sources(self) -> dict[str, str]:
        """Old names of sources, each with its present name."""
        return self.facts.legacy if self._summary is None else self._summary.legacy_sources

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong with sources and train IDs."""
        return self.trains.problems if self._summary is not None else self.facts.problems

    def summary(self) -> FileSummary:
        """Give trains and sources in the form that a run map remembers."""
        if self._summary is not None and "facts" not in self.__dict__:
            return self._summary
        legacy = dict(self.legacy_sources)
        old_of_control = {old for old, new in legacy.items() if new in self.control_sources}
        return FileSummary(
            train_ids=self.train_ids,
            suspect_indices=np.flatnonzero(~self.validity_flag),
            control_sources=self.control_sources | old_of_control,
            instrument_sources=self.instrument_sources | (legacy.keys() - old_of_control),
            legacy_sources=legacy,
            reduction_sources=self.facts.sources[Section.REDUCTION],
            errata_sources=self.facts.sources[Section.ERRATA],
        )

    def section_of(self, source: str) -> Section:
        """Give the section that holds a source.

        Raises
        ------
        SourceNameError
            If the file has no such source.
        """
        for section in Section:
            if source in self.sources(section):
                return section
        raise SourceNameError(
            f"{self.filename} has no source {source!r}", file=self.filename, source=source
        )

    # Index and timestamps -----------------------------------------------------------------

    @property
    def stored_trains(self) -> TrainTable:
        """The trains as the file itself gives them, compared with what a run map claims.

        Raises
        ------
        DataError
            If the run map gives other trains than the file.
        """
        return self._indexes.stored_trains(self)

    def index(self, section: Section, source: str, group: str) -> GroupIndex:
        """Give the rows of each train for one index group of a source.

        A source that the file lists without an index has no data: all counts are 0.
        """
        return self._indexes.give(self, section, source, group)

    def confirm_index(self, section: Section, source: str, group: str) -> None:
        """Compare the first index used of those that were remembered with the file's own.

        What is remembered of a file was written together, with a checksum: one comparison
        tells whether it is about this file.

        Raises
        ------
        DataError
            If they differ.
        """
        self._indexes.confirm(self, section, source, group)

    def get_index(self, source: str, group: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give first row and number of rows per train, in the order of `train_ids`."""
        index = self.index(self.section_of(source), source, group)
        return index.first, index.count

    @cached_property
    def timestamps(self) -> NDArray[np.uint64] | None:
        """Time of each train in nanoseconds since 1970 UTC, None for format 0.5."""
        trains = self.stored_trains
        with self._h5() as file:
            stored = read_small(file, TIMESTAMP)
        if stored is None:
            return None
        times = np.zeros(len(trains), dtype=np.uint64)
        inside = trains.rows < len(stored)
        times[inside] = stored[trains.rows[inside]]
        return times

    # Keys ---------------------------------------------------------------------------------

    def get_keys(self, source: str) -> frozenset[str]:
        """Give the keys of a source, ``.value`` and ``.timestamp`` included for control data."""
        return self.keys(self.section_of(source), source)

    def keys(self, section: Section, source: str) -> frozenset[str]:
        """Give the keys of a source in a known section; empty if it has no data here."""
        path = section.source_path(source)
        found = self._known_keys(section, path)
        if found is None:
            with self._h5() as file:
                found = frozenset(path_to_key(name) for name in dataset_paths(file, path))
            self._keys[path] = found
            self.learn(f"keys/{path}", partial(pack_keys, found))
        return found

    def _known_keys(self, section: Section, path: str) -> frozenset[str] | None:
        found = self._keys.get(path)
        if found is None:
            array = self.recalled.get(f"keys/{path}")
            found = None if array is None else unpack_keys(array)
            if found is not None:
                self._keys[path] = found
        return found

    def has_any_key(self, section: Section, source: str) -> bool:
        """Whether a source has data here at all; cheaper than listing its keys."""
        known = self._known_keys(section, section.source_path(source))
        if known is not None:
            return bool(known)
        with self._h5() as file:
            group = file.get(section.source_path(source))
            return group is not None and len(group) > 0

    def has_key(self, section: Section, source: str, key: str) -> bool:
        """Whether a source has a key here; cheaper than listing all keys."""
        known = self._known_keys(section, section.source_path(source))
        if known is not None:
            return key in known
        path = section.data_path(source, key)
        if is_known(self.handle, path):
            return True
        with self._h5() as file:
            return has_dataset(file, path)

    def index_groups(self, source: str) -> frozenset[str]:
        """Give the index groups of a source: parts of it with rows of their own.

        A control source has a single one, the empty string.
        """
        section = self.section_of(source)
        return frozenset(section.index_group(key) for key in self.keys(section, source))

    def attributes(self, section: Section, source: str, key: str) -> dict[str, Any]:
        """Read the Karabo attributes of a key: units, alias, description and so on."""
        with self._h5() as file:
            return read_attributes(file, section.attributes_path(source, key))

    # Memory -------------------------------------------------------------------------------

    @cached_property
    def recalled(self) -> Arrays:
        """What is remembered of the file from an earlier time."""
        return {} if self.memory is None else self.memory.arrays_of(self)

    def learn(self, name: str, pack: Pack) -> None:
        """Let what was read be remembered."""
        if self.memory is not None:
            self.memory.learn(self, name, pack)

    # Snapshots ----------------------------------------------------------------------------

    def metadata(self) -> dict[str, Any]:
        """Read what the file says about itself: dates, versions, proposal, run, sample."""
        with self._h5() as file:
            found = file_metadata(file)
        return {"dataFormatVersion": self.format_version, **found}

    def get_run_keys(self, source: str) -> frozenset[str]:
        """Give the keys of a control source's snapshot at the start of the run."""
        with self._h5() as file:
            return frozenset(run_keys(file, source))

    def get_run_value(self, source: str, key: str) -> Any:
        """Read one value of the snapshot at the start of the run.

        Raises
        ------
        PropertyNameError
            If the snapshot has no such key.
        """
        with self._h5() as file:
            value = run_value(file, source, key)
        if value is None:
            raise PropertyNameError(
                f"{self.filename} has no RUN value {key!r} for {source!r}",
                file=self.filename,
                source=source,
                key=key,
            )
        return value


def _unpickle(handle: FileHandle, summary: FileSummary | None) -> FileAccess:
    return FileAccess(handle.path, summary, handle.identity)
