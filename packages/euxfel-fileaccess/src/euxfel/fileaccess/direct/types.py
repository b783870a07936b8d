"""The types of elements that data files have.

Source: HDF5 file format specification, version 3.0, section IV.A.2.d.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

import numpy as np

from .headers import Message
from .unfamiliar import UnfamiliarError

_TYPE = Struct("<B3BI")
_BITS = Struct("<HH")
_FLOAT = Struct("<HHBBBBI")

_INTEGER, _FLOATING, _STRING, _VARIABLE = 0, 1, 3, 9
_IS_TEXT = 1

# How an element that is text of any length is stored: length, heap collection, number in it.
REFERENCE = np.dtype([("length", "<u4"), ("collection", "<u8"), ("number", "<u4")])

# By byte order, sign and size.
_INTEGERS = {
    (big, signed, size): np.dtype(f"{'>' if big else '<'}{'i' if signed else 'u'}{size}")
    for big in (0, 1)
    for signed in (0, 8)
    for size in (1, 2, 4, 8)
}
# By size: place of the sign; first bit and bits in all, places and sizes of exponent and
# mantissa, and what is added to the exponent.
_FLOATS = {
    2: (15, (0, 16, 10, 5, 0, 10, 15)),
    4: (31, (0, 32, 23, 8, 0, 23, 127)),
    8: (63, (0, 64, 52, 11, 0, 52, 1023)),
}
_HIGHEST_BIT_IMPLIED = 0x20


def dtype_of(message: Message) -> np.dtype[Any]:
    """Give the type that a message describes; `REFERENCE` for text of any length.

    Raises
    ------
    UnfamiliarError
        If it is none of integers, IEEE floating point numbers and text.
    """
    first, bits, more, most, size = message.unpack(_TYPE)
    kind = first & 15
    if kind == _INTEGER:
        return _integer(message, bits, size)
    if kind == _FLOATING and not most:
        return _floating(message, bits, more, size)
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


def _floating(message: Message, bits: int, sign: int, size: int) -> np.dtype[Any]:
    known = (sign, message.unpack(_FLOAT, _TYPE.size))
    if bits & ~1 != _HIGHEST_BIT_IMPLIED or _FLOATS.get(size) != known:
        raise UnfamiliarError
    return np.dtype(f"{'>' if bits & 1 else '<'}f{size}")
