"""A small dataset: its type, its length, and its bytes.

Source: HDF5 file format specification, version 3.0, sections IV.A.2.b, IV.A.2.d and IV.A.2.i.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Any

import numpy as np

from .file_bytes import FileBytes
from .headers import DATASPACE, DATATYPE, LAYOUT, Message, read_messages
from .trees import OF_CHUNKS, read_tree
from .unfamiliar import UnfamiliarError

_SPACE = Struct("<BBBB")
_SPACE_1, _SPACE_2 = 8, 4
_LENGTH = Struct("<Q")
_TYPE = Struct("<BB2xI")
_BITS = Struct("<HH")
_LAYOUT = Struct("<BB")
_CONTIGUOUS = Struct("<QQ")
_CHUNKED = Struct("<BQII")
# Size, filters left out, first element, 0; address.
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
BYTES_MAX, CHUNKS_MAX = 16 << 20, 1 << 16

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

    def raw(self, data: FileBytes) -> bytes:
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

    def _chunked(self, data: FileBytes, size: int) -> bytes:
        axes, tree, chunk, width = self.layout.unpack(_CHUNKED, 2)
        if axes != 2 or not chunk or width != self.dtype.itemsize:
            raise UnfamiliarError
        whole = chunk * width
        if whole > BYTES_MAX or self.length > CHUNKS_MAX * chunk:
            raise UnfamiliarError
        expected = [(whole, 0, offset, 0) for offset in range(0, self.length, chunk)]
        found = read_tree(data, tree, OF_CHUNKS, _CHUNK, limit=len(expected))
        addresses = [address for *_, address in found]
        # Gaps, repeats and strays show.
        if [entry[:4] for entry in found] != expected or not _apart(addresses, whole):
            raise UnfamiliarError
        return b"".join([data.take(address, whole) for address in addresses])[:size]


def _apart(addresses: list[int], whole: int) -> bool:
    """Whether chunks lie in places of their own."""
    return all(after - before >= whole for before, after in pairwise(sorted(addresses)))


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
