"""The messages in an object's header: what kind of object it is, and where its parts are.

Source: HDF5 file format specification, version 3.0, section IV.A.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from .file_bytes import FileBytes
from .unfamiliar import UnfamiliarError

DATASPACE, DATATYPE, FILL_VALUE, LAYOUT = 0x01, 0x03, 0x05, 0x08
FILTERS, SYMBOL_TABLE = 0x0B, 0x11
_CONTINUATION = 0x10
# Padding, old fill value, comment, times, attributes, number of links to the object.
_OF_NO_CONCERN = {0x00, 0x04, 0x0C, 0x0D, 0x0E, 0x12, 0x15, 0x16}
_SHARED = 2
_VERSION = 1

_PREFIX = Struct("<BxHII4x")
_HEAD = Struct("<HHB3x")
_PLACE = Struct("<QQ")
# Headers with more than this are not those of small datasets.
_BLOCKS_MAX, _BYTES_MAX = 64, 1 << 20


class Message(NamedTuple):
    """Where the data of one message lie in a buffer."""

    buffer: bytes
    start: int
    size: int

    def unpack(self, form: Struct, skip: int = 0) -> tuple[int, ...]:
        """Read numbers from the message."""
        if skip + form.size > self.size:
            raise UnfamiliarError
        return form.unpack_from(self.buffer, self.start + skip)


def read_messages(data: FileBytes, address: int) -> dict[int, Message]:
    """Give the messages of an object by their kind.

    Raises
    ------
    UnfamiliarError
        If the header has another version, or a message that changes how data are stored.
    """
    version, count, _links, size = _PREFIX.unpack_from(*data.at(address, _PREFIX.size))
    if version != _VERSION:
        raise UnfamiliarError
    found: dict[int, Message] = {}
    blocks = [(address + _PREFIX.size, size)]
    # Grows as continuations are met.
    for start, length in blocks:
        if length > _BYTES_MAX or len(blocks) > _BLOCKS_MAX:
            raise UnfamiliarError
        count -= _read_block(data, start, length, found, blocks)
    if count:
        raise UnfamiliarError
    return found


def _read_block(
    data: FileBytes,
    start: int,
    length: int,
    found: dict[int, Message],
    blocks: list[tuple[int, int]],
) -> int:
    """Enter the messages of one block; their number."""
    buffer, at = data.at(start, length)
    stop = at + length
    number = 0
    while at + _HEAD.size <= stop:
        kind, size, flags = _HEAD.unpack_from(buffer, at)
        start = at + _HEAD.size
        at = start + size
        number += 1
        if at > stop:
            raise UnfamiliarError
        if kind == _CONTINUATION:
            blocks.append(Message(buffer, start, size).unpack(_PLACE))  # type: ignore[arg-type]
        elif kind not in _OF_NO_CONCERN:
            if kind in found or flags & _SHARED:
                raise UnfamiliarError
            found[kind] = Message(buffer, start, size)
    return number
