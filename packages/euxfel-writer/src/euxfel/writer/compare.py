"""A new file compared with what it was made of, dataset by dataset."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import DataError, FileHandle, ReadRequest, read

from .stream import blocks, read_block
from .write_plan import KeyPlan, SourcePlan


def compare(path: str, plans: Sequence[SourcePlan]) -> None:
    """Compare a checksum of every block of every dataset with the source.

    Raises
    ------
    DataError
        If one differs.
    """
    handle = FileHandle(path)
    try:
        for plan in plans:
            for key in plan.keys:
                _compare_key(handle, key)
    finally:
        # The file gets another name next.
        handle.close()


def _compare_key(handle: FileHandle, key: KeyPlan) -> None:
    for low, high in blocks(key, (0, key.rows.total), 1):
        out = np.empty((high - low, *key.shape[1:]), key.dtype)
        read([ReadRequest(handle, key.path, np.array([[low, high]]), out)])
        if _checksum(out) != _checksum(read_block(key, low, high)):
            raise DataError(
                f"{key.path}: rows {low} to {high} of the new file differ from "
                f"{key.stored_path}; nothing was kept, write it again",
                file=handle.path,
                source=key.stored.source,
                key=key.key,
            )


def _checksum(values: NDArray[Any]) -> int:
    if values.dtype.hasobject:
        return zlib.crc32(repr(values.tolist()).encode())
    return zlib.crc32(np.ascontiguousarray(values).view(np.uint8).reshape(-1).data)
