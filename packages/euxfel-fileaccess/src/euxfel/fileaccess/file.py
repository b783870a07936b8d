"""One EXDF file: what is in it, and where."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .cached import cached_property
from .engine.known import is_known
from .errors import DataError, PropertyNameError, SourceNameError
from .facts import FileFacts, read_facts, read_train_ids
from .filenames import FileNameFacts, PathFacts, is_overview, parse_filename, parse_path
from .foreign import translated
from .format import FormatVersion
from .h5read import OpenFile, dataset_paths, has_dataset, read_small
from .handle import FileHandle
from .identity import FileIdentity
from .index import GroupIndex, read_index
from .memory import (
    Arrays,
    Memory,
    pack_index,
    pack_keys,
    unpack_index,
    unpack_keys,
)
from .names import path_to_key
from .problems import Problem
from .sections import TIMESTAMP, Section
from .summary import FileSummary
from .trains import TrainTable, inspected
from .values import file_metadata, read_attributes, run_keys, run_value


class FileAccess:
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
        self.handle = FileHandle(filename, identity)
        self._summary = summary
        self.memory = memory
        self._indexes: dict[str, GroupIndex] = {}
        self._recalled_indexes: set[str] = set()
        self._is_confirmed = False
        self._stored_trains: TrainTable | None = None
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
    def filename(self) -> str:
        """Absolute path of the file."""
        return self.handle.path

    @property
    def basename(self) -> str:
        """Name of the file, without its folder."""
        return os.path.basename(self.handle.path)

    @property
    def path(self) -> Path:
        """Absolute path of the file, as a Path."""
        return Path(self.handle.path)

    @property
    def file(self) -> h5py.File:
        """The file opened with h5py, for what this class does not offer.

        It may be closed when many other files are used; ask again rather than keep it.
        """
        with self._h5() as file:
            return file

    @contextmanager
    def _h5_briefly(self) -> Iterator[OpenFile]:
        with translated(self.filename, "cannot be read"), self.handle.h5_briefly() as file:
            yield file

    @contextmanager
    def _h5(self) -> Iterator[h5py.File]:
        with translated(self.filename, "cannot be read"), self.handle.h5() as file:
            yield file

    def close(self) -> None:
        """Close the file if it is open; it opens again when it is used."""
        self.handle.close()

    # What the name and the path say -------------------------------------------------------

    @cached_property
    def name_facts(self) -> FileNameFacts | None:
        """Category, run, aggregator and sequence by the file's name; None if it has none."""
        return parse_filename(self.path.name)

    @cached_property
    def path_facts(self) -> PathFacts | None:
        """Instrument, cycle, proposal and run by the file's place; None elsewhere."""
        return parse_path(self.filename)

    @property
    def is_overview(self) -> bool:
        """Whether the file is a virtual view of other files."""
        return is_overview(self.path.name)

    @property
    def aggregator(self) -> str | None:
        """Data aggregator that wrote the file, such as ``"DA01"`` or ``"AGIPD07"``."""
        return self.name_facts.aggregator if self.name_facts else None

    @property
    def sequence(self) -> int | None:
        """Sequence number of the file, from 0."""
        return self.name_facts.sequence if self.name_facts else None

    @property
    def data_category(self) -> str | None:
        """Category such as ``"RAW"`` or ``"CORR"``."""
        return self.name_facts.category if self.name_facts else None

    @property
    def run(self) -> int | None:
        """Run number by the file's name."""
        return self.name_facts.run if self.name_facts else None

    @property
    def storage_class(self) -> str | None:
        """Folder of the proposal that the file is in, such as ``"raw"``; None elsewhere."""
        return self.path_facts.folder if self.path_facts else None

    @property
    def instrument(self) -> str | None:
        """Instrument by the file's place, such as ``"SPB"``."""
        return self.path_facts.instrument if self.path_facts else None

    @property
    def cycle(self) -> str | None:
        """Cycle of operation by the file's place, such as ``"202601"``."""
        return self.path_facts.cycle if self.path_facts else None

    @property
    def proposal(self) -> int | None:
        """Proposal number by the file's place."""
        return self.path_facts.proposal if self.path_facts else None

    # Facts --------------------------------------------------------------------------------

    @cached_property
    def facts(self) -> FileFacts:
        """What METADATA and INDEX/trainId say, read from the file.

        Raises
        ------
        FileStructureError
            If METADATA or INDEX is missing or damaged.
        """
        with self._h5_briefly() as file:
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
        legacy = dict(self.legacy_sources)
        old_of_control = {old for old, new in legacy.items() if new in self.control_sources}
        return FileSummary(
            train_ids=self.train_ids,
            suspect_indices=np.flatnonzero(~self.validity_flag),
            control_sources=self.control_sources | old_of_control,
            instrument_sources=self.instrument_sources | (legacy.keys() - old_of_control),
            legacy_sources=legacy,
            reduction_sources=self._known_sources(Section.REDUCTION),
            errata_sources=self._known_sources(Section.ERRATA),
        )

    def _known_sources(self, section: Section) -> frozenset[str] | None:
        """Give the sources of a section if the file need not be opened for it."""
        if self._summary is None or "facts" in self.__dict__:
            return self.facts.sources[section]
        return self._summary.sources(section)

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
        if self._stored_trains is None:
            with self._h5_briefly() as file:
                return self._trains_stored_in(file)
        return self._stored_trains

    def _trains_stored_in(self, file: OpenFile) -> TrainTable:
        if self._stored_trains is None:
            self._stored_trains = (
                self.facts.trains if self._summary is None else self._compared_trains(file)
            )
        return self._stored_trains

    def _compared_trains(self, file: OpenFile) -> TrainTable:
        ids = np.asarray(read_train_ids(file), dtype=np.uint64)
        rows = np.flatnonzero(ids)
        known = self.trains
        if not np.array_equal(ids[rows], known.ids):
            raise DataError(
                f"a map of the run gives other trains for {self.filename} than the file holds; "
                "delete karabo_data_map.json and .euxfel_map, and open the run again",
                file=self.filename,
            )
        if np.array_equal(rows, known.rows):
            return known
        return inspected(TrainTable(known.ids, known.valid, rows), self.filename)

    def index(self, section: Section, source: str, group: str) -> GroupIndex:
        """Give the rows of each train for one index group of a source.

        A source that the file lists without an index has no data: all counts are 0.
        """
        path = section.index_path(source, group)
        name = f"{section.value}/{path}"
        found = self._indexes.get(name)
        if found is None:
            found = self._recalled_index(name)
        if found is None:
            found = self._read_index(section, source, group, path)
            self._learn(name, pack_index(found))
        self._indexes[name] = found
        return found

    def confirm_index(self, section: Section, source: str, group: str) -> None:
        """Compare the first index used of those that were remembered with the file's own.

        What is remembered of a file was written together, with a checksum: one comparison
        tells whether it is about this file.

        Raises
        ------
        DataError
            If they differ.
        """
        if self._is_confirmed or not self._recalled_indexes:
            return
        path = section.index_path(source, group)
        name = f"{section.value}/{path}"
        if name not in self._recalled_indexes:
            return
        known, stored = self._indexes[name], self._read_index(section, source, group, path)
        same = np.array_equal(known.first, stored.first)
        if not same or not np.array_equal(known.count, stored.count) or stored.bad.any():
            raise DataError(
                f"the map of the run gives another {path} for {self.filename} than the file "
                "holds; delete .euxfel_map and open the run again",
                file=self.filename,
                source=source,
            )
        self._is_confirmed = True

    def _recalled_index(self, name: str) -> GroupIndex | None:
        array = self._recalled.get(name)
        found = None if array is None else unpack_index(array, self.trains)
        if found is not None:
            self._recalled_indexes.add(name)
        return found

    @cached_property
    def _recalled(self) -> Arrays:
        return {} if self.memory is None else self.memory.arrays_of(self)

    def _learn(self, name: str, array: NDArray[Any] | None) -> None:
        if self.memory is not None and array is not None:
            self.memory.learn(self, name, array)

    def _read_index(self, section: Section, source: str, group: str, path: str) -> GroupIndex:
        with self._h5_briefly() as file:
            trains = self._trains_stored_in(file)
            index = read_index(file, path, trains)
        if index is None:
            has_data = any(section.index_group(k) == group for k in self.keys(section, source))
            n = len(trains)
            index = GroupIndex.missing(n, path) if has_data else GroupIndex.empty(n)
        return index

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
            self._learn(f"keys/{path}", pack_keys(found))
        return found

    def _known_keys(self, section: Section, path: str) -> frozenset[str] | None:
        found = self._keys.get(path)
        if found is None:
            array = self._recalled.get(f"keys/{path}")
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
