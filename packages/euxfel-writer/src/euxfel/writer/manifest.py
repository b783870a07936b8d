"""Digests of a file, kept behind its last byte: any byte that changes later is noticed.

HDF5 does not look beyond the end of its data, so the file is read as any other.
"""

from __future__ import annotations

import json
import os
from hashlib import blake2b

from euxfel.fileaccess.errors import DataError, FileStructureError
from euxfel.fileaccess.identity import FileIdentity

from .refusal import AnyPath
from .target import AtomicTarget

_MARK = b"euxfel manifest 1\n"
_LENGTH = 8
BLOCK = 16 << 20


def append_manifest(target: AtomicTarget) -> None:
    """Add the digests of what was written to a target so far."""
    size = target.size
    target.append(_manifest(_digests(target.fileno(), size), size))


def verify(path: AnyPath) -> None:
    """Compare a file with the digests that were kept when it was written.

    Parameters
    ----------
    path : str or path-like
        A file written with ``manifest=True``.

    Raises
    ------
    DataError
        If any byte has changed; it names the place.
    FileStructureError
        If the file has no digests.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> from euxfel.writer import verify
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.h5")
    ...     RunDirectory(small_run().write(folder).path).write(path, manifest=True)
    ...     verify(path)
    """
    name = os.path.abspath(path)
    FileIdentity.of(name)
    fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _verify(fd, name)
    finally:
        os.close(fd)


def _verify(fd: int, name: str) -> None:
    whole = os.fstat(fd).st_size
    tail = os.pread(fd, _LENGTH + len(_MARK), max(0, whole - _LENGTH - len(_MARK)))
    if tail[_LENGTH:] != _MARK:
        raise FileStructureError(
            f"{name} has no digests to compare with: it was written without manifest=True, "
            "was changed since, or is cut short",
            file=name,
        )
    length = int.from_bytes(tail[:_LENGTH], "little")
    start = whole - len(_MARK) - _LENGTH - length
    text = os.pread(fd, length, start) if 0 <= start < whole else b""
    size, digests = _parsed(text, name)
    if start != size or _manifest(digests, size) != text + tail:
        raise _changed(name, "its digests")
    for number, digest in enumerate(_digests(fd, size)):
        if digest != digests[number]:
            low = number * BLOCK
            raise _changed(name, f"bytes {low} to {min(low + BLOCK, size)}")


def _parsed(text: bytes, name: str) -> tuple[int, list[str]]:
    try:
        seal, body = text[:32].decode(), text[32:]
        found = json.loads(body)
        if seal != _digest(body):
            raise ValueError("the seal is not that of the text")
        return int(found["size"]), list(found["blake2b"])
    except (ValueError, KeyError, TypeError):
        raise _changed(name, "its digests") from None


def _manifest(digests: list[str], size: int) -> bytes:
    body = json.dumps({"size": size, "block": BLOCK, "blake2b": digests}).encode()
    text = _digest(body).encode() + body
    return text + len(text).to_bytes(_LENGTH, "little") + _MARK


def _digests(fd: int, size: int) -> list[str]:
    return [_digest(os.pread(fd, min(BLOCK, size - at), at)) for at in range(0, size, BLOCK)]


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _changed(name: str, what: str) -> DataError:
    return DataError(
        f"{name}: {what} are not what was written; the file was changed or is damaged, write or "
        "copy it again",
        file=name,
    )
