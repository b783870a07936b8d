"""Errors of the system as errors that name the target and say what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from euxfel.fileaccess.errors import EuxfelError, WriteError


@contextmanager
def reported(path: str) -> Iterator[None]:
    """Turn the system's errors in the block into WriteError naming the target."""
    try:
        yield
    except EuxfelError:
        raise
    except OSError as exc:
        raise write_error(path, exc) from exc


_ADVICE = {
    errno.ENOSPC: "free some space, or write elsewhere",
    errno.EDQUOT: "your quota is used up: free some space, or write elsewhere",
    errno.EACCES: "write to a folder of your own",
    errno.EPERM: "write to a folder of your own",
    errno.EROFS: "write to a folder of your own",
    errno.ENOENT: "make the folder first",
    errno.EFBIG: "the file system or a limit of yours does not allow files of that size",
    errno.ENAMETOOLONG: "use a shorter name",
}


def write_error(path: str, exc: OSError) -> WriteError:
    """Say that a target could not be written, why, and what to do."""
    number = exc.errno or errno.EIO
    advice = _ADVICE.get(number)
    message = f"{path} was not written: {os.strerror(number)}"
    return WriteError(f"{message}; {advice}" if advice else message, errno=number, file=path)
