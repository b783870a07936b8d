"""Which file this is: enough to notice that it was rewritten, replaced or grown."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from .errors import FileChangedError, FileStructureError


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """The state of one file on disk.

    Attributes
    ----------
    device, inode : int
        Which file the path led to; only comparable on one machine.
    size : int
        Bytes.
    mtime_ns, ctime_ns : int
        Times of the last change of content and of content or attributes, in nanoseconds.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def from_stat(cls, st: os.stat_result) -> FileIdentity:
        """Identity from the answer of :func:`os.stat`."""
        return cls(st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> FileIdentity:
        """Identity of the regular file at a path.

        Raises
        ------
        FileNotFoundError, PermissionError
            From the operating system.
        FileStructureError
            If the path is not a regular file: opening a FIFO would wait for ever.
        """
        st = os.stat(path)
        if not stat.S_ISREG(st.st_mode):
            name = os.fspath(path)
            raise FileStructureError(f"{name} is not a regular file", file=name)
        return cls.from_stat(st)

    def same_content(self, other: FileIdentity) -> bool:
        """Whether two identities, possibly seen on two machines, mean the same bytes.

        Device and inode numbers are left out: they differ between the nodes of a cluster.
        """
        return (self.size, self.mtime_ns, self.ctime_ns) == (
            other.size,
            other.mtime_ns,
            other.ctime_ns,
        )


def file_changed(path: str) -> FileChangedError:
    """Make the error for a file that is no longer the one opened before."""
    return FileChangedError(
        f"{path} was changed or replaced since it was opened; open the run again", file=path
    )
