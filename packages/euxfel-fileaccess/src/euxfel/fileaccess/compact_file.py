"""One compact map on disk, read without trust: every number is checked where it is used."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cachefiles import opened, read_at
from .compact_format import (
    BLOCK_MAX,
    PRELUDE,
    Arrays,
    Interned,
    decode_ranges,
    header_size,
    unpack_block,
    unpack_header,
)
from .identity import FileIdentity
from .summary import FileSummary, is_source_name
from .trains import TrainTable, inspected, rogue_ids

# Train IDs unpacked from one map: ranges are small whatever they stand for. Enough for ten
# hours of sixty aggregators that all break their files at other trains.
_TRAINS_MAX = 24_000_000
# Bytes. Arrays are small as a rule, and a read per file would take longer than all in one.
_READ_AT_ONCE = 32 << 20
_NO_POSITIONS = np.empty(0, dtype=np.int64)

Entry = dict[str, Any]


class MapReplacedError(OSError):
    """The map on disk is no longer the one that was read."""


@dataclass(slots=True)
class MapFile:
    """One compact map: tables and entries in memory, blocks of arrays on disk.

    Methods raise ValueError for what is damaged and OSError for what cannot be read.

    Attributes
    ----------
    path : str
        Where it is.
    entries : dict of str to dict
        By name of the file, unchecked.
    """

    path: str
    entries: dict[str, Entry]
    _tables: Interned
    _state: tuple[int, int, int]
    _blocks_start: int
    _trains: dict[int, NDArray[np.uint64]] = field(default_factory=dict)
    _tables_of_trains: dict[int, TrainTable | None] = field(default_factory=dict)
    _sources: dict[int, frozenset[str]] = field(default_factory=dict)
    _trains_left: int = _TRAINS_MAX
    _all_blocks: bytes | None = None

    @classmethod
    def read(cls, path: str, header_limit: int) -> MapFile:
        """Read the tables and entries of a map."""
        with opened(path) as (fd, st):
            size, crc = header_size(read_at(fd, PRELUDE.size, 0))
            if size > min(st.st_size, header_limit):
                raise ValueError("its header is larger than the map of such a run can be")
            tables, entries = unpack_header(read_at(fd, size, PRELUDE.size), crc)
        state = (st.st_ino, st.st_size, st.st_mtime_ns)
        return cls(path, entries, tables, state, PRELUDE.size + size)

    def identity(self, filename: str) -> FileIdentity:
        """Give size and time of change that an entry is about; the rest is unknown, 0."""
        entry = _object(self.entries[filename])
        size, mtime_ns = _number(_field(entry, "size")), _number(_field(entry, "mtime_ns"))
        return FileIdentity(0, 0, size, mtime_ns, 0)

    def matches(self, filename: str, identity: FileIdentity) -> bool:
        """Whether there is an entry for a file in this state."""
        entry = self.entries.get(filename)
        return (
            type(entry) is dict
            and entry.get("size") == identity.size
            and entry.get("mtime_ns") == identity.mtime_ns
        )

    def summary(self, filename: str) -> FileSummary:
        """Give trains and sources of a file that has an entry."""
        entry = _object(self.entries[filename])
        ids = self._train_ids(_field(entry, "trains"))
        suspect = _positions(_field(entry, "suspect"), len(ids))
        return FileSummary(
            train_ids=ids,
            suspect_indices=suspect,
            control_sources=self._source_names(_field(entry, "control")),
            instrument_sources=self._source_names(_field(entry, "instrument")),
            legacy_sources=_legacy(_field(entry, "legacy")),
            reduction_sources=self._optional_names(_field(entry, "reduction")),
            errata_sources=self._optional_names(_field(entry, "errata")),
            shared_table=None if len(suspect) else self._clean_table(entry["trains"], ids),
        )

    def arrays(self, filename: str) -> Arrays:
        """Read the arrays of a file that has an entry; empty if it has none."""
        place = self.place(filename)
        if place is None:
            return {}
        block = self._block(place)
        if zlib.crc32(block) != place[2]:
            raise ValueError("the checksum is wrong")
        return unpack_block(block)

    def place(self, filename: str) -> tuple[int, int, int] | None:
        """Give offset, size and CRC of a file's block; None if it has none."""
        stored = _object(self.entries[filename]).get("arrays")
        if stored is None:
            return None
        offset, size, crc = _numbers(stored, length=3)
        if size > BLOCK_MAX or self._blocks_start + offset + size > self._state[1]:
            raise ValueError("a block is cut short or too large")
        return offset, size, crc

    @contextmanager
    def blocks(self) -> Iterator[int]:
        """Lend a descriptor to read blocks from.

        Raises
        ------
        MapReplacedError
            If the map was replaced since it was read: offsets mean nothing then.
        """
        with opened(self.path) as (fd, st):
            if (st.st_ino, st.st_size, st.st_mtime_ns) != self._state:
                raise MapReplacedError(f"{self.path} was replaced")
            yield fd

    def read_block(self, fd: int, place: tuple[int, int, int]) -> bytes:
        """Read the bytes of a block."""
        offset, size, _crc = place
        block = read_at(fd, size, self._blocks_start + offset)
        if len(block) != size:
            raise OSError(f"{self.path} was cut while it was read")
        return block

    def _block(self, place: tuple[int, int, int]) -> bytes:
        """Read one block, or at the first time all of them, if they are small."""
        size = self._state[1] - self._blocks_start
        if size > _READ_AT_ONCE:
            with self.blocks() as fd:
                return self.read_block(fd, place)
        if self._all_blocks is None:
            with self.blocks() as fd:
                self._all_blocks = self.read_block(fd, (0, size, 0))
        return self._all_blocks[place[0] : place[0] + place[1]]

    def _clean_table(self, position: int, ids: NDArray[np.uint64]) -> TrainTable | None:
        """Give the table of trains with which nothing is wrong; None for others."""
        if position not in self._tables_of_trains:
            valid = ~rogue_ids(ids)
            valid.flags.writeable = False
            table = inspected(TrainTable(ids, valid, np.arange(len(ids))), "")
            self._tables_of_trains[position] = None if table.problems else table
        return self._tables_of_trains[position]

    def _train_ids(self, stored: object) -> NDArray[np.uint64]:
        position = _number(stored)
        if position not in self._trains:
            ids = decode_ranges(_item(self._tables.trains, position), self._trains_left)
            self._trains_left -= len(ids)
            # Shared by all files that have these trains.
            ids.flags.writeable = False
            self._trains[position] = ids
        return self._trains[position]

    def _source_names(self, stored: object) -> frozenset[str]:
        position = _number(stored)
        if position not in self._sources:
            listed = _numbers(_item(self._tables.sources, position))
            names = [_item(self._tables.names, number) for number in listed]
            if not all(map(is_source_name, names)):
                raise ValueError("something is no name of a source")
            self._sources[position] = frozenset(names)
        return self._sources[position]

    def _optional_names(self, stored: object) -> frozenset[str] | None:
        return None if stored is None else self._source_names(stored)


def _object(entry: object) -> Entry:
    if type(entry) is not dict:
        raise ValueError("an entry is not an object")
    return entry


def _field(entry: Entry, name: str) -> object:
    try:
        return entry[name]
    except KeyError:
        raise ValueError(f"an entry lacks {name!r}") from None


def _item(table: list[Any], position: int) -> Any:
    if position >= len(table):
        raise ValueError("an entry names a list that is not there")
    return table[position]


def _numbers(stored: object, length: int | None = None) -> list[int]:
    """Check that something is a list of integers from 0, of 64 bits at most."""
    if type(stored) is not list or (length is not None and len(stored) != length):
        raise ValueError("a list of numbers is missing")
    for number in stored:
        _number(number)
    return stored


def _number(stored: object) -> int:
    if type(stored) is not int or not 0 <= stored < 2**63:
        raise ValueError("something is no number, or a senseless one")
    return stored


def _positions(stored: object, length: int) -> NDArray[np.int64]:
    # Nearly always empty: all such files can have the same array.
    if stored == []:
        return _NO_POSITIONS
    positions = np.array(_numbers(stored), dtype=np.int64)
    if positions.max(initial=-1) >= length:
        raise ValueError("a suspect train is none of the file's")
    return positions


def _legacy(stored: object) -> dict[str, str]:
    if type(stored) is not dict or not all(map(is_source_name, (*stored, *stored.values()))):
        raise ValueError("a legacy source has no name")
    return dict(stored)
