"""The trees in which files of the earliest format list a group's members or a dataset's chunks.

Source: HDF5 file format specification, version 3.0, section III.A.1.
"""

from __future__ import annotations

from struct import Struct

from .file_bytes import FileBytes
from .unfamiliar import UnfamiliarError

OF_GROUP, OF_CHUNKS = 0, 1
_NODE = Struct("<4sBBHQQ")
_DEPTH_MAX = 4


def read_tree(
    data: FileBytes, address: int, kind: int, entry: Struct, limit: int
) -> list[tuple[int, ...]]:
    """Give the entries of a tree's lowest level, in order; the last number is the child's place.

    Parameters
    ----------
    kind : int
        `OF_GROUP` or `OF_CHUNKS`.
    entry : Struct
        A key and the place of the child that follows it.
    limit : int
        Number of entries that are believed.

    Raises
    ------
    UnfamiliarError
        If there is something else, or more.
    """
    level, entries = _read_node(data, address, kind, entry)
    if level > _DEPTH_MAX:
        raise UnfamiliarError
    for below in range(level - 1, -1, -1):
        nodes = [_read_node(data, child, kind, entry) for *_, child in entries]
        if any(found != below for found, _ in nodes):
            raise UnfamiliarError
        entries = [listed for _, node in nodes for listed in node]
        # Each leads to one more at least: no level is longer than the lowest.
        if len(entries) > limit:
            raise UnfamiliarError
    return entries


def _read_node(
    data: FileBytes, address: int, kind: int, entry: Struct
) -> tuple[int, list[tuple[int, ...]]]:
    """Give level and entries of one node."""
    mark, of, level, used, _left, _right = _NODE.unpack_from(*data.at(address, _NODE.size))
    if mark != b"TREE" or of != kind:
        raise UnfamiliarError
    listed = data.take(address + _NODE.size, used * entry.size)
    return level, list(entry.iter_unpack(listed))
