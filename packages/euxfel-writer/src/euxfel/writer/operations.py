"""The calls that change the disk, in one place: where tests let the k-th of them fail."""

from __future__ import annotations

import os

Bytes = bytes | bytearray | memoryview


class Operations:
    """System calls of a writer. Every output goes through `SYSTEM`, the only instance in use."""

    def create(self, path: str) -> int:
        """Open a new file for reading and writing; the umask decides who may read it."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)

    def make_folder(self, path: str) -> None:
        """Make a new folder."""
        os.mkdir(path)

    def allocate(self, fd: int, size: int) -> None:
        """Reserve room, so that a full disk shows before anything is written."""
        os.posix_fallocate(fd, 0, size)

    def write(self, fd: int, data: Bytes, offset: int) -> int:
        """Write some of the bytes, and tell how many."""
        return os.pwrite(fd, data, offset)

    def truncate(self, fd: int, size: int) -> None:
        """Set the length of a file."""
        os.ftruncate(fd, size)

    def fsync(self, fd: int) -> None:
        """Wait until a file is on the disk."""
        os.fsync(fd)

    def rename(self, source: str, target: str) -> None:
        """Give a file its final name, in place of what has it."""
        os.replace(source, target)

    def fsync_folder(self, path: str) -> None:
        """Wait until the names in a folder are on the disk."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


SYSTEM = Operations()
