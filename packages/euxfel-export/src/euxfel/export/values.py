"""In which form a value goes over the wire: in the msgpack body of its source, or as an array.

========================================  =========================================================
value                                     form
========================================  =========================================================
bool, int, float, str, bytes, None        in the body
lists, tuples, dictionaries of those      in the body
NumPy scalars of the above                in the body; our client gives the NumPy type again
arrays of numbers, bool, fixed text       array, also big-endian, empty, or without axes
arrays of ``str`` objects                 list in the body; our client makes an array of it again
datetime64, timedelta64, complex, ...     array; scalars as an array without axes
structured arrays                         array of raw bytes; our client gives the fields again
``datetime``, ``date``                    ISO 8601 text in the body
========================================  =========================================================
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import NotStreamableError

# The dtype of each type of NumPy numbers that msgpack can hold. Nearly all values of slow data
# are such numbers.
SCALAR_NOTES: dict[type, str] = {
    np.dtype(code).type: np.dtype(code).str for code in "?bBhHiIlLqQefd"
}


def is_array(value: Any) -> bool:
    """Whether a value has a message part of its own."""
    if isinstance(value, np.ndarray):
        return not value.dtype.hasobject
    return isinstance(value, np.generic) and not _is_plain(value.dtype)


def _is_plain(dtype: np.dtype[Any]) -> bool:
    """Whether msgpack can hold a scalar without loss."""
    return dtype.kind in "bSU" or (dtype.kind in "iuf" and dtype.itemsize <= 8)


def body_value(value: Any, source: str, key: str) -> Any:
    """Give what msgpack can hold for a value that is no array.

    Raises
    ------
    NotStreamableError
        There is no form for it.
    """
    if isinstance(value, np.ndarray):
        return _texts(value, source, key)
    return value.item() if isinstance(value, np.generic) else value


def type_note(value: Any) -> Any:
    """Give what our client needs to make the same value of what the body holds; None if nothing.

    The shape for an array of text, the dtype for a NumPy scalar.
    """
    if isinstance(value, np.ndarray):
        return list(value.shape)
    return SCALAR_NOTES.get(type(value))


def _texts(array: NDArray[Any], source: str, key: str) -> Any:
    flat = array.ravel().tolist() if array.dtype == object else [None]
    if not all(isinstance(text, str | bytes) for text in flat):
        raise NotStreamableError(
            f"{source} {key}: an array of {array.dtype} that holds other objects than text cannot "
            "be streamed; leave the key out",
            source=source,
            key=key,
        )
    return array.tolist()


def packed_by_default(value: Any) -> Any:
    """Give what msgpack can hold for values inside of lists and dictionaries."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be streamed")


def raw_bytes(array: NDArray[Any]) -> memoryview:
    """Give the bytes of an array in C order, without a copy if they are in that order already."""
    if array.size == 0:
        return memoryview(b"")
    # Buffers do not know every dtype, such as datetime64; all know bytes.
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
