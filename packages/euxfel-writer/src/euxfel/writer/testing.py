"""For tests of whatever writes: let the k-th system call fail, for every k."""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .operations import SYSTEM, Operations

#: Full disk, broken disk, used-up quota, file too large.
DISK_ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)
_NAMES = tuple(name for name in vars(Operations) if not name.startswith("_"))


@dataclass(slots=True)
class Fault:
    """One system call that fails, and whether it came to it.

    Attributes
    ----------
    at : int
        The call that fails, counted from 0; a negative one lets all work.
    code : int
        What it fails with.
    calls : list of str
        Names of the calls made so far, the failing one included.
    """

    at: int
    code: int
    calls: list[str]

    @property
    def happened(self) -> bool:
        """Whether the call was made."""
        return 0 <= self.at < len(self.calls)

    def pass_or_fail(self, name: str) -> None:
        """Count a call; raise if it is the one."""
        self.calls.append(name)
        if len(self.calls) == self.at + 1:
            raise OSError(self.code, os.strerror(self.code))


@contextmanager
def failing(at: int, code: int = errno.EIO) -> Iterator[Fault]:
    """Let one system call of the writers fail in the block.

    Examples
    --------
    >>> import errno, os, tempfile
    >>> from euxfel.writer.target import AtomicTarget
    >>> from euxfel.writer.testing import failing
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with failing(1, errno.ENOSPC):
    ...         with AtomicTarget(os.path.join(folder, "new")) as target, target.open() as file:
    ...             file.write(b"some bytes")
    Traceback (most recent call last):
    ...
    euxfel.fileaccess.errors.WriteError: ... was not written: No space left on device; ...
    """
    fault = Fault(at, code, [])
    for name in _NAMES:
        setattr(SYSTEM, name, _counted(getattr(SYSTEM, name), name, fault))
    try:
        yield fault
    finally:
        for name in _NAMES:
            delattr(SYSTEM, name)


def _counted(call: Callable[..., Any], name: str, fault: Fault) -> Callable[..., Any]:
    @functools.wraps(call)
    def counted(*args: Any) -> Any:
        fault.pass_or_fail(name)
        return call(*args)

    return counted


def each_fault(
    make: Callable[[], object], codes: tuple[int, ...] = DISK_ERRORS, writes: int | None = None
) -> Iterator[tuple[Fault, OSError | None]]:
    """Make something again and again, with another system call failing each time.

    Parameters
    ----------
    make : callable
        Writes something.
    codes : tuple of int
        What the calls fail with, in turn.
    writes : int, optional
        How many of the writes fail, spread evenly; all by default. All other calls always do.

    Yields
    ------
    fault : Fault
        What failed; nothing in the first one, where all works and calls are counted.
    error : OSError or None
        What was raised.
    """
    with failing(-1) as counted:
        make()
    yield counted, None
    for n, at in enumerate(_chosen(counted.calls, writes)):
        error: OSError | None = None
        with failing(at, codes[n % len(codes)]) as fault:
            try:
                make()
            except OSError as exc:
                error = exc
        yield fault, error


def _chosen(calls: list[str], writes: int | None) -> list[int]:
    of_writes = [at for at, name in enumerate(calls) if name == "write"]
    if writes is not None and len(of_writes) > writes:
        kept = set(of_writes[:: -(-len(of_writes) // writes)]) | {of_writes[-1]}
    else:
        kept = set(of_writes)
    return [at for at, name in enumerate(calls) if name != "write" or at in kept]
