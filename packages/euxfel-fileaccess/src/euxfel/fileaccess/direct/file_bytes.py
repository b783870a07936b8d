"""The bytes of one open file, in blocks that are read once."""

from __future__ import annotations

import os

from .unfamiliar import UnfamiliarError

# What describes a dataset lies close together: a block serves many looks.
BLOCK = 1 << 14
_INSIDE = BLOCK - 1
# 4 MB: what describes many thousands of datasets need not stay in memory.
BLOCKS_MAX = 256


class FileBytes:
    """The bytes of an open file.

    Parameters
    ----------
    fd : int
        Descriptor; stays the caller's.
    size : int
        Length of the file.
    """

    __slots__ = ("_blocks", "_fd", "size")

    def __init__(self, fd: int, size: int) -> None:
        self._fd = fd
        self.size = size
        self._blocks: dict[int, bytes] = {}

    def at(self, address: int, length: int) -> tuple[bytes, int]:
        """Give a buffer, and where in it these bytes begin.

        Raises
        ------
        UnfamiliarError
            If the file has no such bytes.
        """
        if address + length > self.size:
            raise UnfamiliarError
        offset = address & _INSIDE
        if offset + length > BLOCK:
            return self._read(address, length), 0
        start = address - offset
        block = self._blocks.get(start)
        if block is None:
            if len(self._blocks) == BLOCKS_MAX:
                self._blocks.clear()
            block = self._blocks[start] = self._read(start, min(BLOCK, self.size - start))
        return block, offset

    def take(self, address: int, length: int) -> bytes:
        """Give just these bytes.

        Raises
        ------
        UnfamiliarError
            If the file has no such bytes.
        """
        offset = address & _INSIDE
        block = self._blocks.get(address - offset)
        if block is None or offset + length > len(block):
            block, offset = self.at(address, length)
        return block[offset : offset + length]

    def _read(self, address: int, length: int) -> bytes:
        found = os.pread(self._fd, length, address)
        if len(found) != length:
            raise UnfamiliarError
        return found
