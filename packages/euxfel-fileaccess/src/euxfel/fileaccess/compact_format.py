"""The bytes of a compact map: tables shared by files in JSON, arrays of each file in one block.

::

    magic (8 bytes) | size of header u8 | CRC-32 of header u4 | header (JSON) | blocks

    header  {"names": [source, ...],
             "sources": [[position in names, ...], ...],
             "trains": [[first ID, number of IDs, first ID, number, ...], ...],
             "files": {file name: {...: position in "sources" or "trains"}}}
    block   size of table u4 | table (JSON) {array: [dtype, shape, offset]} | arrays

The modules of a detector have their trains in common, and the sequence files of an aggregator
their sources: each list is stored once. Numbers are little-endian.
"""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"EUXMAP\x00\x01"
PRELUDE = struct.Struct("<8sQI")
BLOCK_MAX = 128 << 20

_TABLE_SIZE = struct.Struct("<I")
_DTYPE = re.compile(r"\|b1|\|[iu]1|[<>][iuf][248]")
_ALIGNMENT = 8
_DIMENSIONS_MAX = 8

Arrays = dict[str, NDArray[Any]]


@dataclass(slots=True)
class Interned:
    """Lists that several files share, each stored once and named by its position."""

    names: list[str] = field(default_factory=list)
    sources: list[list[int]] = field(default_factory=list)
    trains: list[list[int]] = field(default_factory=list)
    _positions: dict[object, int] = field(default_factory=dict)

    def add_sources(self, names: frozenset[str]) -> int:
        """Give the position of a list of sources, added if it is new."""
        known = self._positions.get(names)
        if known is not None:
            return known
        ids = [self._position(name, self.names, name) for name in sorted(names)]
        return self._position(names, self.sources, ids)

    def add_trains(self, ids: NDArray[np.uint64]) -> int:
        """Give the position of a list of train IDs, added if it is new."""
        key = ids.tobytes()
        known = self._positions.get(key)
        return self._position(key, self.trains, encode_ranges(ids)) if known is None else known

    def _position(self, key: object, table: list[Any], value: object) -> int:
        position = self._positions.setdefault(key, len(table))
        if position == len(table):
            table.append(value)
        return position


def encode_ranges(ids: NDArray[np.uint64]) -> list[int]:
    """Give train IDs as first ID and number of IDs of each row of consecutive ones.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.fileaccess.compact_format import encode_ranges
    >>> encode_ranges(np.array([10, 11, 12, 20, 5, 6], dtype=np.uint64))
    [10, 3, 20, 1, 5, 2]
    """
    breaks = np.flatnonzero(ids[1:] != ids[:-1] + np.uint64(1)) + 1
    starts = np.concatenate([[0], breaks]) if len(ids) else breaks
    counts = np.diff(starts, append=len(ids))
    pairs = zip(ids[starts].tolist(), counts.tolist(), strict=True)
    return [number for pair in pairs for number in pair]


def decode_ranges(ranges: object, limit: int) -> NDArray[np.uint64]:
    """Give the train IDs of ranges.

    Raises
    ------
    ValueError
        If these are no ranges, or stand for more than `limit` train IDs.
    """
    if type(ranges) is not list or len(ranges) % 2 or not set(map(type, ranges)) <= {int}:
        raise ValueError("train IDs are not given as ranges")
    firsts, counts = ranges[0::2], ranges[1::2]
    pairs = zip(firsts, counts, strict=True)
    if not all(count > 0 and 0 < first <= 2**64 - count for first, count in pairs):
        raise ValueError("a range of train IDs is out of bounds")
    total = sum(counts)
    if total > limit:
        raise ValueError(f"{total} train IDs are more than it may stand for")
    sizes = np.array(counts, dtype=np.int64)
    # Each range starts where the ranges before it end in the result.
    offsets = np.array(firsts, dtype=np.uint64) - (np.cumsum(sizes) - sizes).astype(np.uint64)
    ids = np.repeat(offsets, sizes)
    ids += np.arange(total, dtype=np.uint64)
    return ids


def pack_header(interned: Interned, files: Mapping[str, dict[str, Any]]) -> bytes:
    """Give what stands before the blocks of arrays."""
    header = {
        "names": interned.names,
        "sources": interned.sources,
        "trains": interned.trains,
        "files": files,
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    return PRELUDE.pack(MAGIC, len(text), zlib.crc32(text)) + text


def header_size(prelude: bytes) -> tuple[int, int]:
    """Give size and CRC of the header, from the first bytes of a map.

    Raises
    ------
    ValueError
        If this is no compact map.
    """
    if len(prelude) < PRELUDE.size:
        raise ValueError("it is cut short")
    magic, size, crc = PRELUDE.unpack(prelude)
    if magic != MAGIC:
        raise ValueError("it is not a map of this version")
    return size, crc


def unpack_header(text: bytes, crc: int) -> tuple[Interned, dict[str, dict[str, Any]]]:
    """Give the tables of a header; what stands in them is not checked yet.

    Raises
    ------
    ValueError
        If the header is damaged.
    """
    if zlib.crc32(text) != crc:
        raise ValueError("its checksum is wrong")
    header = json.loads(text)
    if type(header) is not dict:
        raise ValueError("its header is not an object")
    tables = [header.get(name) for name in ("names", "sources", "trains")]
    files = header.get("files")
    if type(files) is not dict or not all(type(table) is list for table in tables):
        raise ValueError("its header lacks a table")
    return Interned(*tables), files  # type: ignore[arg-type]


def storable(array: NDArray[Any]) -> bool:
    """Whether a map can hold an array: plain numbers or booleans."""
    return _DTYPE.fullmatch(array.dtype.str) is not None and array.ndim <= _DIMENSIONS_MAX


def pack_block(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Give the block of one file's arrays."""
    table: dict[str, list[Any]] = {}
    parts: list[bytes] = []
    size = 0
    for name, array in arrays.items():
        table[name] = [array.dtype.str, list(array.shape), size]
        content = array.tobytes()
        parts.append(content.ljust(_aligned(len(content)), b"\0"))
        size += len(parts[-1])
    text = json.dumps(table, separators=(",", ":")).encode()
    text = text.ljust(_aligned(_TABLE_SIZE.size + len(text)) - _TABLE_SIZE.size)
    return b"".join([_TABLE_SIZE.pack(len(text)), text, *parts])


def unpack_block(block: bytes) -> Arrays:
    """Give the arrays of a block, read-only and without copying.

    Raises
    ------
    ValueError
        If the block is damaged.
    """
    if len(block) < _TABLE_SIZE.size:
        raise ValueError("a block is cut short")
    start = _TABLE_SIZE.size + _TABLE_SIZE.unpack_from(block)[0]
    if start > len(block):
        raise ValueError("a block is cut short")
    table = json.loads(block[_TABLE_SIZE.size : start])
    if type(table) is not dict:
        raise ValueError("a block has no table")
    return {name: _array(block, start, place) for name, place in table.items()}


def _array(block: bytes, start: int, place: object) -> NDArray[Any]:
    if type(place) is not list or len(place) != 3:
        raise ValueError("a block does not say where an array is")
    dtype, shape, offset = place
    if type(dtype) is not str or _DTYPE.fullmatch(dtype) is None:
        raise ValueError("an array is not made of numbers")
    if type(shape) is not list or len(shape) > _DIMENSIONS_MAX:
        raise ValueError("an array has no shape")
    if not all(type(n) is int and 0 <= n <= len(block) for n in (offset, *shape)):
        raise ValueError("an array has a senseless shape or offset")
    kind = np.dtype(dtype)
    if start + offset + math.prod(shape) * kind.itemsize > len(block):
        raise ValueError("an array ends beyond its block")
    return np.ndarray(tuple(shape), kind, buffer=block, offset=start + offset)


def _aligned(size: int) -> int:
    return -size % _ALIGNMENT + size
