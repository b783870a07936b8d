"""One file to be written: at every moment it is absent, the old one, or complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import h5py

from euxfel.fileaccess.foreign import translated
from euxfel.fileaccess.leftovers import sweep, temp_path

from .interrupts import Interrupt, kept_out_of
from .latch import LatchingFile, write_all
from .operations import SYSTEM, Bytes
from .refusal import AnyPath, refuse
from .reported import reported, write_error

# File systems that cannot reserve room say so in one of these ways.
_CANNOT_RESERVE = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENODEV})


class AtomicTarget:
    """A file that appears under its name when it is complete, and on the disk.

    Everything is written to a file beside it. Whatever fails, the old file is intact and nothing
    else is left. What is left by a process that was killed is removed when the same file is
    written again.

    Parameters
    ----------
    path : str or path-like
        The file to write. A link in its place is replaced, not followed.
    inputs : iterable of str or path-like
        Files that are read meanwhile: none of them may be the target, by whatever name.
    overwrite : bool
        Whether to replace a file that exists.

    Raises
    ------
    TargetExistsError
        If the target exists, and may not be overwritten.
    WriteError
        If it is one of the inputs, or cannot be written. Raised before anything is touched where
        that can be known.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.writer.target import AtomicTarget
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "new.h5")
    ...     with AtomicTarget(path) as target:
    ...         with target.h5file(libver=("v110", "v110")) as file:
    ...             file["x"] = [1, 2, 3]
    ...         before = os.path.exists(path)
    ...     before, os.path.exists(path)
    (False, True)
    """

    def __init__(
        self, path: AnyPath, *, inputs: Iterable[AnyPath] = (), overwrite: bool = False
    ) -> None:
        self.path = os.path.abspath(path)
        self._inputs = tuple(inputs)
        self._overwrite = overwrite
        self._temp: str | None = None
        self._fd = -1
        self._latch: LatchingFile | None = None
        self._interrupt = Interrupt()

    def __repr__(self) -> str:
        return f"AtomicTarget({self.path!r})"

    def __enter__(self) -> Self:
        refuse(self.path, self._inputs, self._overwrite)
        with reported(self.path):
            sweep(self.path)
            self._temp = temp_path(self.path)
            self._fd = SYSTEM.create(self._temp)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            self._give_up()

    @contextmanager
    def h5file(
        self,
        *,
        expected_size: int = 0,
        check: Callable[[h5py.File], object] | None = None,
        **options: Any,
    ) -> Iterator[h5py.File]:
        """Lend the target as an empty HDF5 file; it is closed and looked at after the block.

        Parameters
        ----------
        expected_size : int
            Bytes that it will have at least. The room is reserved, so that a full disk shows now.
        check : callable, optional
            Called with the file opened again for reading; raises if something is wrong with it.
        **options
            Further arguments of :class:`h5py.File`, such as `libver`.

        Raises
        ------
        WriteError
            If any byte could not be written.
        """
        self._reserve(expected_size)
        self._latch = LatchingFile(self._fd)
        with kept_out_of(LatchingFile) as self._interrupt:
            with self._interrupt.held():
                file = h5py.File(self.path, "w", driver="fileobj", fileobj=self._latch, **options)
            try:
                yield file
            except Exception:
                # What the library says about a write that failed tells less than the failure.
                self.check()
                raise
            finally:
                with self._interrupt.held():
                    file.close()
        self.check()
        self._reopen(check)

    @contextmanager
    def open(self, *, expected_size: int = 0) -> Iterator[PlainFile]:
        """Lend the target as an empty file to append bytes to."""
        self._reserve(expected_size)
        file = PlainFile(self._fd, self.path)
        yield file
        with reported(self.path):
            SYSTEM.truncate(self._fd, file.size)

    @property
    def size(self) -> int:
        """Bytes that were written so far."""
        return os.fstat(self._fd).st_size

    def fileno(self) -> int:
        """Give the descriptor of the file that is being written, to read from."""
        return self._fd

    def append(self, data: Bytes) -> None:
        """Add bytes behind what was written; HDF5 does not look beyond the end of its own."""
        with reported(self.path):
            write_all(self._fd, memoryview(data).cast("B"), self.size)

    def check(self) -> None:
        """Raise what went wrong so far, or Ctrl-C; to be called after each block that is written.

        Raises
        ------
        WriteError
            If a byte could not be written: going on is in vain.
        KeyboardInterrupt
            If Ctrl-C was pressed.
        """
        if self._latch is not None and self._latch.error is not None:
            error = self._latch.error
            raise write_error(self.path, error) from error
        self._interrupt.check()

    def _reserve(self, size: int) -> None:
        if size <= 0:
            return
        with reported(self.path):
            try:
                SYSTEM.allocate(self._fd, size)
            except OSError as exc:
                if exc.errno not in _CANNOT_RESERVE:
                    raise

    def _reopen(self, check: Callable[[h5py.File], object] | None) -> None:
        temp = str(self._temp)
        with (
            translated(temp, f"was written for {self.path} and cannot be read back"),
            h5py.File(temp, "r") as file,
        ):
            list(file)
            if check is not None:
                check(file)

    def _commit(self) -> None:
        with reported(self.path):
            SYSTEM.fsync(self._fd)
            fd, self._fd = self._fd, -1
            os.close(fd)
            # Somebody else may have finished first.
            refuse(self.path, self._inputs, self._overwrite)
            SYSTEM.rename(str(self._temp), self.path)
            self._temp = None
        with suppress(OSError):
            # After a loss of power, the old file might come back; both are complete.
            SYSTEM.fsync_folder(os.path.dirname(self.path))

    def _give_up(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._temp is not None:
            with suppress(OSError):
                os.unlink(self._temp)
            self._temp = None


class PlainFile:
    """A file that grows by what is written to it."""

    def __init__(self, fd: int, path: str) -> None:
        self._fd = fd
        self._path = path
        self.size = 0

    def write(self, data: Bytes) -> int:
        """Append bytes."""
        view = memoryview(data).cast("B")
        with reported(self._path):
            write_all(self._fd, view, self.size)
        self.size += len(view)
        return len(view)
