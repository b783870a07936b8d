"""A small dataset: its type, its length, and its bytes.

Source: HDF5 file format specification, version 3.0, sections IV.A.2.b, IV.A.2.d, IV.A.2.i
and III.A.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Any

import numpy as np

from .file_bytes import FileBytes
from .headers import DATASPACE, DATATYPE, LAYOUT, Message, read_messages
from .unfamiliar import UnfamiliarError

_SPACE = Struct("<BBBB")
_SPACE_1, _SPACE_2 = 8, 4
_LENGTH = Struct("<Q")
_TYPE = Struct("<BB2xI")
_BITS = Struct("<HH")
_LAYOUT = Struct("<BB")
_CONTIGUOUS = Struct("<QQ")
_CHUNKED = Struct("<BQII")
_TREE = Struct("<4sBBHQQ")
_CHUNK = Struct("<IIQQQ")

_INTEGER, _STRING, _VARIABLE = 0, 3, 9
_IS_TEXT = 1
# By byte order, sign and size.
_INTEGERS = {
    (big, signed, size): np.dtype(f"{'>' if big else '<'}{'i' if signed else 'u'}{size}")
    for big in (0, 1)
    for signed in (0, 8)
    for size in (1, 2, 4, 8)
}
_DEPTH_MAX = 4
BYTES_MAX = 16 << 20

# How an element that is text of any length is stored: length, heap collection, number in it.
REFERENCE = np.dtype([("length", "<u4"), ("collection", "<u8"), ("number", "<u4")])


@dataclass(frozen=True, slots=True)
class SmallDataset:
    """Type, length and bytes of a dataset with one axis.

    Attributes
    ----------
    dtype : numpy.dtype
        Integers, text of a fixed length, or `REFERENCE` for text of any length.
    length : int
        Number of elements.
    """

    dtype: np.dtype[Any]
    length: int
    layout: Message

    def raw(self, data: FileBytes) -> bytes | bytearray:
        """Read all elements."""
        size = self.length * self.dtype.itemsize
        if size > BYTES_MAX:
            raise UnfamiliarError
        version, kind = self.layout.unpack(_LAYOUT)
        if version != 3 or kind not in (1, 2):
            raise UnfamiliarError
        if not size:
            return b""
        return self._contiguous(data, size) if kind == 1 else self._chunked(data, size)

    def _contiguous(self, data: FileBytes, size: int) -> bytes:
        address, stored = self.layout.unpack(_CONTIGUOUS, 2)
        if stored != size:
            raise UnfamiliarError
        return data.take(address, size)

    def _chunked(self, data: FileBytes, size: int) -> bytearray:
        axes, tree, chunk, width = self.layout.unpack(_CHUNKED, 2)
        if axes != 2 or not chunk or width != self.dtype.itemsize:
            raise UnfamiliarError
        whole = chunk * width
        if whole > BYTES_MAX:
            raise UnfamiliarError
        # In the order of their place in the dataset; gaps, repeats and strays show.
        out = bytearray()
        seen = set()
        for n, (offset, address, stored) in enumerate(_chunks(data, tree)):
            if offset != n * chunk or stored != whole or len(out) >= size:
                raise UnfamiliarError
            seen.add(address)
            out += data.take(address, whole)
        if len(out) < size or not _apart(seen, whole, len(out)):
            raise UnfamiliarError
        del out[size:]
        return out


def _apart(addresses: set[int], whole: int, total: int) -> bool:
    """Whether as many chunks as were read lie in places of their own."""
    if len(addresses) * whole != total:
        return False
    ordered = sorted(addresses)
    return all(b - a >= whole for a, b in pairwise(ordered))


def _chunks(
    data: FileBytes, address: int, level: int | None = None
) -> Iterator[tuple[int, int, int]]:
    """Give first element, address and size of each chunk, in the order of the tree."""
    mark, of, own_level, used, _left, _right = _TREE.unpack_from(*data.at(address, _TREE.size))
    wrong_level = own_level > _DEPTH_MAX if level is None else own_level != level
    if mark != b"TREE" or of != 1 or wrong_level:
        raise UnfamiliarError
    listed = data.take(address + _TREE.size, used * _CHUNK.size)
    for stored, _mask, offset, inside, child in _CHUNK.iter_unpack(listed):
        if inside:
            raise UnfamiliarError
        if own_level:
            yield from _chunks(data, child, own_level - 1)
        else:
            yield offset, child, stored


def describe(data: FileBytes, address: int) -> SmallDataset:
    """Look at the header of a dataset.

    Raises
    ------
    UnfamiliarError
        If there is something else, or a dataset with filters, of several axes or another type.
    """
    messages = read_messages(data, address)
    if messages.keys() != {DATASPACE, DATATYPE, LAYOUT}:
        raise UnfamiliarError
    return SmallDataset(
        dtype=_dtype(messages[DATATYPE]),
        length=_length(messages[DATASPACE]),
        layout=messages[LAYOUT],
    )


def _length(space: Message) -> int:
    version, axes, _flags, kind = space.unpack(_SPACE)
    if axes != 1:
        raise UnfamiliarError
    if version == 1:
        return space.unpack(_LENGTH, _SPACE_1)[0]
    if version == 2 and kind == 1:
        return space.unpack(_LENGTH, _SPACE_2)[0]
    raise UnfamiliarError


def _dtype(message: Message) -> np.dtype[Any]:
    first, bits, size = message.unpack(_TYPE)
    kind = first & 15
    if kind == _INTEGER:
        return _integer(message, bits, size)
    if kind == _VARIABLE and bits & 15 == _IS_TEXT and size == REFERENCE.itemsize:
        return REFERENCE
    # Text that ends with a zero or is padded with zeros, but not with blanks.
    if kind == _STRING and bits & 15 in (0, 1) and size:
        return np.dtype(f"S{size}")
    raise UnfamiliarError


def _integer(message: Message, bits: int, size: int) -> np.dtype[Any]:
    dtype = _INTEGERS.get((bits & 1, bits & 8, size))
    if dtype is None or message.unpack(_BITS, _TYPE.size) != (0, 8 * size):
        raise UnfamiliarError
    return dtype
