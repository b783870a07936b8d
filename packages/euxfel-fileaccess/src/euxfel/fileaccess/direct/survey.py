"""All that a file holds, found without the library."""

from __future__ import annotations

from .file_bytes import FileBytes
from .groups import members_of
from .headers import LAYOUT, Message, read_messages
from .unfamiliar import UnfamiliarError

_DEPTH_MAX = 64
# A path, and the messages of the dataset there.
Leaf = tuple[str, dict[int, Message] | None]


class Survey:
    """A walk through all groups of a file, in the order of names.

    Parameters
    ----------
    data : FileBytes
        The file.

    Attributes
    ----------
    leaves : list of tuple
        The paths that have nothing below them, with the messages in the header of a dataset.
        Links and empty groups have None, and so has a group that was met before under another
        name.
    """

    def __init__(self, data: FileBytes) -> None:
        self._data = data
        self._seen: set[int] = set()
        self.leaves: list[Leaf] = []

    def walk(self, header: int) -> None:
        """Go through the group with its header at an address.

        Raises
        ------
        UnfamiliarError
            If an object is not familiar, so that nobody knows what is below it.
        """
        self._enter("", header, read_messages(self._data, header), 0)

    def _enter(self, path: str, header: int, messages: dict[int, Message], depth: int) -> None:
        if depth > _DEPTH_MAX:
            raise UnfamiliarError
        self._seen.add(header)
        members = members_of(self._data, messages)
        if not members and path:
            self.leaves.append((path[:-1], None))
        for name, member in members.items():
            where = path + name.decode("utf-8", "surrogateescape")
            if isinstance(member, bytes) or member in self._seen:
                self.leaves.append((where, None))
                continue
            below = read_messages(self._data, member)
            if LAYOUT in below:
                self.leaves.append((where, below))
            else:
                self._enter(f"{where}/", member, below, depth + 1)
