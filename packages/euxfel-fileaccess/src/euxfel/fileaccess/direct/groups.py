"""The members of a group, as files of the earliest HDF5 format list them.

Source: HDF5 file format specification, version 3.0, sections III.B, III.C and III.D.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from .file_bytes import FileBytes
from .headers import SYMBOL_TABLE, read_messages
from .trees import OF_GROUP, read_tree
from .unfamiliar import UnfamiliarError

_PLACES = Struct("<QQ")
_HEAP = Struct("<4sB3xQQQ")
_KEY_AND_CHILD = Struct("<QQ")
_NODE = Struct("<4sBxH")
_ENTRY = Struct("<QQIIQQ")

# An object, a group with a copy of its places, a soft link.
_KINDS = (0, _IS_GROUP := 1, _IS_LINK := 2)
_LOW = 0xFFFFFFFF
# A group with more members is left to the library, which looks only for one of them.
_LEAVES_MAX, _HEAP_MAX = 1 << 10, 1 << 20


class Group(NamedTuple):
    """Where a group's header, the tree of its members, and their names are."""

    header: int
    tree: int
    heap: int


# A group, the header of something else, or where a soft link leads.
Member = Group | int | bytes


def header_of(member: Member) -> int:
    """Give the address of an object's header.

    Raises
    ------
    UnfamiliarError
        For a soft link: it is for the library to follow.
    """
    if isinstance(member, bytes):
        raise UnfamiliarError
    return member.header if isinstance(member, Group) else member


def group_at(data: FileBytes, header: int) -> Group:
    """Give the group that has its header at an address.

    Raises
    ------
    UnfamiliarError
        If there is something else, or a group of another form.
    """
    message = read_messages(data, header).get(SYMBOL_TABLE)
    if message is None:
        raise UnfamiliarError
    tree, heap = message.unpack(_PLACES)
    return Group(header, tree, heap)


def read_members(data: FileBytes, member: Member) -> dict[bytes, Member]:
    """Give the members of a group.

    Raises
    ------
    UnfamiliarError
        If it is something else, or a group of another form.
    """
    if not isinstance(member, Group):
        member = group_at(data, header_of(member))
    names = _heap(data, member.heap)
    members: dict[bytes, Member] = {}
    last = b""
    for _, leaf in read_tree(data, member.tree, OF_GROUP, _KEY_AND_CHILD, _LEAVES_MAX):
        for name_at, header, kind, _zero, tree, heap in _entries(data, leaf):
            name = _text(names, name_at)
            # The library searches by halves: what stands out of order it does not find.
            if name <= last or kind not in _KINDS:
                raise UnfamiliarError
            last = name
            if kind == _IS_GROUP:
                members[name] = Group(header, tree, heap)
            else:
                members[name] = _text(names, tree & _LOW) if kind == _IS_LINK else header
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
