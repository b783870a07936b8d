"""From a path in a file to what is there."""

from __future__ import annotations

from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .datasets import DirectDataset, described_at
from .file_bytes import FileBytes
from .groups import Member, header_of, read_members
from .survey import Leaf, Survey
from .texts import read_texts
from .unfamiliar import UnfamiliarError

# Signature; versions of superblock, free space, root entry and shared messages; 8-byte numbers.
_START = b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8, 0])
# Skipped: sizes of nodes, flags; free space; the root group's name.
_PLACES = Struct("<8xQ8xQQ8xQ")
_ABSENT = 0xFFFFFFFFFFFFFFFF


class DirectFile:
    """What is read from one open file for a moment.

    Parameters
    ----------
    data : FileBytes
        Its bytes.

    Raises
    ------
    UnfamiliarError
        If it is no HDF5 file of the earliest format, or is cut short.
    """

    def __init__(self, data: FileBytes) -> None:
        self._data = data
        self._root = _root_of(data)
        self._groups: dict[str, dict[bytes, Member] | None] = {}

    def read_integers(self, path: str) -> NDArray[Any] | None:
        """Read a list of integers; None if there is nothing at the path."""
        found = self._dataset(path)
        if found is None:
            return None
        if found.dtype.kind not in "iu":
            raise UnfamiliarError
        return self.elements(found)

    def read_texts(self, path: str) -> list[bytes] | None:
        """Read a list of texts; None if there is nothing at the path."""
        found = self._dataset(path)
        if found is None:
            return None
        if found.is_text:
            texts = read_texts(self._data, self.elements(found))
        elif found.dtype.kind == "S":
            texts = self.elements(found).tolist()
        else:
            raise UnfamiliarError
        return [text.partition(b"\0")[0] for text in texts]

    def link_target(self, path: str) -> bytes | None:
        """Where the soft link at a path leads; None if there is no such link."""
        member = self._member(path)
        return member if isinstance(member, bytes) else None

    def has(self, path: str) -> bool:
        """Whether there is a member of that name, be it a link that leads nowhere."""
        return self._member(path) is not None

    def _dataset(self, path: str) -> DirectDataset | None:
        member = self._member(path)
        return None if member is None else described_at(self._data, header_of(member))

    def survey(self) -> list[Leaf]:
        """Give all paths that have nothing below them, in order, with the datasets' messages.

        Raises
        ------
        UnfamiliarError
            If they cannot all be listed.
        """
        survey = Survey(self._data)
        survey.walk(self._root)
        return survey.leaves

    def elements(self, found: DirectDataset) -> NDArray[Any]:
        """Read all elements of a short list."""
        return np.frombuffer(bytearray(found.raw(self._data)), found.dtype)

    def _member(self, path: str) -> Member | None:
        parent, _, name = path.rpartition("/")
        members = self._members(parent)
        return None if members is None else members.get(name.encode())

    def _members(self, path: str) -> dict[bytes, Member] | None:
        """Give the members of a group, each group looked at once; None if it is not there."""
        if path not in self._groups:
            group = self._member(path) if path else self._root
            found = None if group is None else read_members(self._data, header_of(group))
            self._groups[path] = found
        return self._groups[path]


def _root_of(data: FileBytes) -> int:
    """Find the root group, and see that the file is whole."""
    buffer, at = data.at(0, len(_START) + _PLACES.size)
    base, end, driver, header = _PLACES.unpack_from(buffer, at + len(_START))
    if not buffer.startswith(_START) or base != 0 or driver != _ABSENT or end > data.size:
        raise UnfamiliarError
    return int(header)
