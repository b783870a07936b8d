"""A short text that two results share only if they are the same."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def digest(result: Any) -> str:
    """A checksum of arrays, data frames, numbers, text, and collections of them."""
    if hasattr(result, "columns"):
        # The order of the columns of a data frame says nothing.
        result = result.sort_index(axis=1)
        result = [list(result.columns), result.index.to_numpy(), result.to_numpy()]
    if isinstance(result, np.ndarray) and not result.dtype.hasobject:
        return _of_array(result)
    if isinstance(result, Mapping):
        result = [[str(name), result[name]] for name in sorted(result, key=str)]
    if isinstance(result, Sequence | np.ndarray) and not isinstance(result, str | bytes):
        return _of_text("/".join(digest(part) for part in result))
    # A NumPy scalar and the Python number it equals are the same answer.
    return _of_text(repr(result.item() if isinstance(result, np.generic) else result))


def _of_array(array: np.ndarray[Any, Any]) -> str:
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    # Fast, and it sees the order of the bytes: results are of gigabytes.
    return f"{array.dtype}{list(array.shape)}{zlib.adler32(data.data):08x}"


def _of_text(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:16]


def n_bytes(result: Any) -> int:
    """The size of an array; nothing for other results."""
    return int(getattr(result, "nbytes", 0)) if isinstance(result, np.ndarray) else 0
