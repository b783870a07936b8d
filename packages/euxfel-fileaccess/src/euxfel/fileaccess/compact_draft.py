"""A compact map that is going to be written: new files and those kept from the map before."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from .compact_file import Entry, MapFile
from .compact_format import BLOCK_MAX, Arrays, Interned, pack_block, pack_header
from .identity import FileIdentity
from .summary import FileSummary

# All arrays together; files beyond it are remembered without their arrays.
BLOCKS_MAX = 1 << 30


@dataclass(slots=True)
class Draft:
    """A map that is going to be written; kept blocks are copied only then."""

    tables: Interned = field(default_factory=Interned)
    entries: dict[str, Entry] = field(default_factory=dict)
    size: int = 0
    blocks: list[bytes | tuple[MapFile, int, tuple[int, int, int]]] = field(default_factory=list)

    def add_new(
        self, filename: str, identity: FileIdentity, summary: FileSummary, arrays: Arrays
    ) -> None:
        """Add a file with its arrays, left out if they are too large."""
        self.entries[filename] = _encode_entry(self.tables, identity, summary)
        if arrays:
            block = pack_block(arrays)
            if self._place(filename, len(block), zlib.crc32(block)):
                self.blocks.append(block)

    def add_kept(self, filename: str, file: MapFile, fd: int) -> None:
        """Add a file as another map has it, if that makes sense."""
        try:
            identity = file.identity(filename)
            place = file.place(filename)
            summary = file.summary(filename)
        except ValueError:
            return
        self.entries[filename] = _encode_entry(self.tables, identity, summary)
        if place is not None and self._place(filename, place[1], place[2]):
            self.blocks.append((file, fd, place))

    def parts(self) -> Iterator[bytes]:
        """Give the bytes of the map."""
        yield pack_header(self.tables, self.entries)
        for block in self.blocks:
            if isinstance(block, bytes):
                yield block
            else:
                file, fd, place = block
                yield file.read_block(fd, place)

    def _place(self, filename: str, size: int, crc: int) -> bool:
        if size > BLOCK_MAX or self.size + size > BLOCKS_MAX:
            return False
        self.entries[filename]["arrays"] = [self.size, size, crc]
        self.size += size
        return True


def _encode_entry(tables: Interned, identity: FileIdentity, summary: FileSummary) -> Entry:
    """Give what the header holds about a file, its arrays excepted."""
    optional = (summary.reduction_sources, summary.errata_sources)
    reduction, errata = (None if s is None else tables.add_sources(s) for s in optional)
    return {
        "size": identity.size,
        "mtime_ns": identity.mtime_ns,
        "trains": tables.add_trains(summary.train_ids),
        "suspect": summary.suspect_indices.tolist(),
        "control": tables.add_sources(summary.control_sources),
        "instrument": tables.add_sources(summary.instrument_sources),
        "legacy": summary.legacy_sources,
        "reduction": reduction,
        "errata": errata,
    }
