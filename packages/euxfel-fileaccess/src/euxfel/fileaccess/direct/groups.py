"""The members of a group, as files of the earliest HDF5 format list them.

Source: HDF5 file format specification, version 3.0, sections III.B, III.C and III.D.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from .file_bytes import FileBytes
from .headers import SYMBOL_TABLE, Message, read_messages
from .trees import OF_GROUP, read_tree
from .unfamiliar import UnfamiliarError

_PLACES = Struct("<QQ")
_HEAP = Struct("<4sB3xQQQ")
_KEY_AND_CHILD = Struct("<QQ")
_NODE = Struct("<4sBxH")
_ENTRY = Struct("<QQIIQQ")

# An object, a group with a copy of its places, a soft link.
_KINDS = (0, 1, _IS_LINK := 2)
_LOW = 0xFFFFFFFF
# A group with more members is left to the library, which looks only for one of them.
_LEAVES_MAX, _HEAP_MAX = 1 << 10, 1 << 20

# The header of an object, or where a soft link leads.
Member = int | bytes


def header_of(member: Member) -> int:
    """Give the address of an object's header.

    Raises
    ------
    UnfamiliarError
        For a soft link: it is for the library to follow.
    """
    if isinstance(member, bytes):
        raise UnfamiliarError
    return member


def read_members(data: FileBytes, header: int) -> dict[bytes, Member]:
    """Give the members of the group that has its header at an address.

    Raises
    ------
    UnfamiliarError
        If there is something else, or a group of another form.
    """
    return members_of(data, read_messages(data, header))


def members_of(data: FileBytes, messages: dict[int, Message]) -> dict[bytes, Member]:
    """Give the members of the group that has these messages in its header."""
    if SYMBOL_TABLE not in messages:
        raise UnfamiliarError
    # The entry of a group in its parent holds the same two places. They are out of date once
    # the group was turned into one of another form.
    tree, heap = messages[SYMBOL_TABLE].unpack(_PLACES)
    names = _heap(data, heap)
    members: dict[bytes, Member] = {}
    last = b""
    for _, leaf in read_tree(data, tree, OF_GROUP, _KEY_AND_CHILD, _LEAVES_MAX):
        for name_at, address, kind, _zero, scratch, _more in _entries(data, leaf):
            name = _text(names, name_at)
            # The library searches by halves: what stands out of order it does not find.
            if name <= last or kind not in _KINDS:
                raise UnfamiliarError
            last = name
            members[name] = _text(names, scratch & _LOW) if kind == _IS_LINK else address
    return members


def _heap(data: FileBytes, address: int) -> bytes:
    mark, version, size, _free, start = _HEAP.unpack_from(*data.at(address, _HEAP.size))
    if mark != b"HEAP" or version != 0 or size > _HEAP_MAX:
        raise UnfamiliarError
    return data.take(start, size)


def _text(heap: bytes, start: int) -> bytes:
    stop = heap.find(b"\0", start)
    if stop < 0:
        raise UnfamiliarError
    return heap[start:stop]


def _entries(data: FileBytes, address: int) -> Iterator[tuple[int, ...]]:
    mark, version, used = _NODE.unpack_from(*data.at(address, _NODE.size))
    if mark != b"SNOD" or version != 1:
        raise UnfamiliarError
    return _ENTRY.iter_unpack(data.take(address + _NODE.size, used * _ENTRY.size))
