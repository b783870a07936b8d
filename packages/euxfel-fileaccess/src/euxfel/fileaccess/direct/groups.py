"""The members of a group, as files of the earliest HDF5 format list them.

Source: HDF5 file format specification, version 3.0, sections III.A.1, III.B, III.C and III.D.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from .file_bytes import FileBytes
from .headers import SYMBOL_TABLE, read_messages
from .unfamiliar import UnfamiliarError

_PLACES = Struct("<QQ")
_HEAP = Struct("<4sB3xQQQ")
_TREE = Struct("<4sBBHQQ")
_KEY_AND_CHILD = Struct("<QQ")
_NODE = Struct("<4sBxH")
_ENTRY = Struct("<QQIIQQ")

# An object, a group with a copy of its places, a soft link.
_KINDS = (0, 1, _IS_LINK := 2)
_LOW = 0xFFFFFFFF
# A group with more members is left to the library, which looks only for one of them.
_LEAVES_MAX, _HEAP_MAX, _DEPTH_MAX = 1 << 10, 1 << 20, 2

# Address of the object's header, or where a soft link leads.
Member = int | bytes


def read_members(data: FileBytes, address: int) -> dict[bytes, Member]:
    """Give the members of the group whose header is at an address.

    Raises
    ------
    UnfamiliarError
        If there is something else, or a group of another form.
    """
    message = read_messages(data, address).get(SYMBOL_TABLE)
    if message is None:
        raise UnfamiliarError
    tree, heap_address = message.unpack(_PLACES)
    heap = _heap(data, heap_address)
    members: dict[bytes, Member] = {}
    last = b""
    for leaf in _leaves(data, tree):
        for name_at, header, kind, _zero, scratch, _more in _entries(data, leaf):
            name = _text(heap, name_at)
            # The library searches by halves: what stands out of order it does not find.
            if name <= last or kind not in _KINDS:
                raise UnfamiliarError
            last = name
            members[name] = _text(heap, scratch & _LOW) if kind == _IS_LINK else header
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


def _leaves(data: FileBytes, address: int, level: int | None = None) -> list[int]:
    """Give the places of the lists of members, in order."""
    mark, of, own_level, used, _left, _right = _TREE.unpack_from(*data.at(address, _TREE.size))
    wrong_level = own_level > _DEPTH_MAX if level is None else own_level != level
    if mark != b"TREE" or of != 0 or wrong_level:
        raise UnfamiliarError
    listed = data.take(address + _TREE.size, used * _KEY_AND_CHILD.size)
    below = [child for _, child in _KEY_AND_CHILD.iter_unpack(listed)]
    if len(below) > _LEAVES_MAX:
        raise UnfamiliarError
    if own_level == 0:
        return below
    return [leaf for child in below for leaf in _leaves(data, child, own_level - 1)]


def _entries(data: FileBytes, address: int) -> Iterator[tuple[int, ...]]:
    mark, version, used = _NODE.unpack_from(*data.at(address, _NODE.size))
    if mark != b"SNOD" or version != 1:
        raise UnfamiliarError
    return _ENTRY.iter_unpack(data.take(address + _NODE.size, used * _ENTRY.size))
