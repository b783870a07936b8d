"""Errors of h5py and the operating system, translated once into the project's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import EuxfelError, FileStructureError

# What h5py raises for damaged files, beside OSError: a wrong address or type message can
# surface as any of these.
FOREIGN = (
    OSError,
    RuntimeError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    UnicodeError,
)


@contextmanager
def translated(path: str, what: str = "cannot be opened as HDF5") -> Iterator[None]:
    """Turn errors of libraries inside the block into FileStructureError naming the file.

    Parameters
    ----------
    path : str
        The file that is being read.
    what : str
        What does not work, to follow the file's name in the message.
    """
    try:
        yield
    except (EuxfelError, FileNotFoundError, PermissionError):
        raise
    except FOREIGN as exc:
        raise FileStructureError(f"{path} {what}: {exc}", file=path) from exc
