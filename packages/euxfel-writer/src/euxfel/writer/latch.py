"""A file for the HDF5 library that never fails under it.

An error that the library sees while it closes a file ends the process: it cannot give up what it
could not write. So the first error is kept, all later writes go to memory, where the library finds
them again, and the error is raised when the file is closed.
"""

from __future__ import annotations

import os

from .operations import SYSTEM, Bytes


class LatchingFile:
    """What h5py writes to in place of a file.

    Parameters
    ----------
    fd : int
        Descriptor of an empty file, open for reading and writing. It is not closed here.

    Attributes
    ----------
    error : OSError or None
        The first error, which made everything after it in vain.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._at = 0
        self._end = 0
        self._kept: list[tuple[int, bytes]] = []
        self.error: OSError | None = None

    def __len__(self) -> int:
        return self._end

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; from the end, the length of what was written counts."""
        self._at = self._end + offset if whence == os.SEEK_END else offset
        return self._at

    def tell(self) -> int:
        """Tell the place."""
        return self._at

    def write(self, data: Bytes) -> int:
        """Write all bytes, or keep them in memory after an error."""
        view = memoryview(data).cast("B")
        if self.error is None:
            try:
                write_all(self._fd, view, self._at)
            except OSError as exc:
                self.error = exc
        if self.error is not None:
            self._kept.append((self._at, bytes(view)))
        self._at += len(view)
        self._end = max(self._end, self._at)
        return len(view)

    def readinto(self, out: memoryview) -> int:
        """Read bytes back, those that were only kept included."""
        view = memoryview(out).cast("B")
        found = self._stored(len(view))
        view[: len(found)] = found
        view[len(found) :] = bytes(len(view) - len(found))
        for offset, data in self._kept:
            _overlay(view, self._at, data, offset)
        self._at += len(view)
        return len(view)

    def _stored(self, size: int) -> bytes:
        try:
            return os.pread(self._fd, size, self._at)
        except OSError as exc:
            self.error = self.error or exc
            return b""

    def truncate(self, size: int) -> int:
        """Set the length."""
        if self.error is None:
            try:
                SYSTEM.truncate(self._fd, size)
            except OSError as exc:
                self.error = exc
        self._end = size
        return size

    def flush(self) -> None:
        """Do nothing: what is written is with the system already."""


def write_all(fd: int, data: memoryview, offset: int) -> None:
    """Write all bytes at a place of a file."""
    while data:
        done = SYSTEM.write(fd, data, offset)
        data, offset = data[done:], offset + done


def _overlay(view: memoryview, at: int, data: bytes, offset: int) -> None:
    """Put bytes that belong at an offset into a view of the bytes at a place."""
    low, high = max(at, offset), min(at + len(view), offset + len(data))
    if low < high:
        view[low - at : high - at] = data[low - offset : high - offset]
