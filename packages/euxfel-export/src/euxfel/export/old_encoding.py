"""Version 1.0 of the protocol: one msgpack dictionary, arrays as dictionaries of their bytes."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgpack
import numpy as np
from numpy.lib.format import dtype_to_descr
from numpy.typing import NDArray

from .errors import NotStreamableError
from .message import TrainData
from .values import body_value, raw_bytes


def encode(data: TrainData, metadata: TrainData) -> bytes:
    """Give the one part of a message."""
    content = {
        source: {k: _value(source, k, v) for k, v in values.items()}
        | {"metadata": metadata[source]}
        for source, values in data.items()
    }
    try:
        return _pack(content)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotStreamableError(f"a value cannot be streamed: {error}") from error


def _pack(content: Any) -> bytes:
    packed: bytes = msgpack.packb(content, default=_packed_by_default)
    return packed


def _value(source: str, key: str, value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return body_value(value, source, key)
    if isinstance(value, np.str_ | np.bytes_):
        return value.item()
    if isinstance(value, np.datetime64 | np.timedelta64 | np.void):
        return _array(np.asarray(value))
    return value


def _packed_by_default(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return {b"nd": False, b"type": value.dtype.str, b"data": value.tobytes()}
    if isinstance(value, complex):
        return {b"complex": True, b"data": repr(value)}
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be streamed")


def _array(array: NDArray[Any]) -> dict[bytes, Any]:
    is_structured = array.dtype.names is not None
    return {
        b"nd": True,
        b"type": dtype_to_descr(array.dtype) if is_structured else array.dtype.str,
        b"kind": b"V" if is_structured else b"",
        b"shape": array.shape,
        b"data": raw_bytes(array),
    }
