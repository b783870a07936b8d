"""From the parts of a message to the data of a train. What comes is not trusted.

Nothing in a message makes code run, and sizes that it names are checked against the bytes that
came before anything is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgpack
import numpy as np

from . import old_decoding
from .errors import BadMessageError
from .message import BEYOND, Part, Place, Train
from .received_arrays import array_of, checked_dtype, shape_of

_TEXT = {str}


def decode(parts: Sequence[Part]) -> Train:
    """Give the train of a message in version 2.2 or 1.0.

    Parameters
    ----------
    parts : sequence of bytes or memoryview
        The arrays of the result are views of them.

    Raises
    ------
    BadMessageError
        The message is not a train, or names shapes and types that its bytes contradict.

    Examples
    --------
    >>> from euxfel.export.decoding import decode
    >>> from euxfel.export.encoding import encode
    >>> decode(encode({"motor": {"position": 2.5}}).parts).data
    {'motor': {'position': 2.5}}
    """
    if len(parts) == 1:
        return old_decoding.decode(parts[0])
    if not parts or len(parts) % 2:
        raise BadMessageError(f"a train has headers and contents in turn, not {len(parts)} parts")
    train = Train({}, {})
    places = [
        _take(train, _header(header), content)
        for header, content in zip(parts[::2], parts[1::2], strict=True)
    ]
    return Train(train.data, train.metadata, places[0])


def _header(part: Part) -> dict[str, Any]:
    header = _unpacked(part)
    if not isinstance(header.get("source"), str):
        raise BadMessageError("a header does not name a source")
    return header


def _unpacked(part: Part) -> dict[str, Any]:
    try:
        found = msgpack.unpackb(part, raw=False)
    # Of its errors, some are only Exception or ValueError; RecursionError is its own too.
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise BadMessageError(f"a part is not msgpack: {error}") from error
    if not isinstance(found, dict) or not set(map(type, found)) <= _TEXT:
        raise BadMessageError("a part is not a dictionary with text as keys")
    return found


def _take(train: Train, header: dict[str, Any], content: Part) -> Place | None:
    """Add what a header and its content say to a train."""
    source, said = header["source"], _dictionary(header.get(BEYOND, {}))
    match header.get("content"):
        case "msgpack":
            train.data[source] = _body(_unpacked(content), said)
            train.metadata[source] = _dictionary(header.get("metadata", {}))
        case "array":
            key = header.get("path")
            if source not in train.data or not isinstance(key, str):
                raise BadMessageError(f"an array of {source!r} comes before its source")
            train.data[source][key] = array_of(header, said, content)
        case other:
            raise BadMessageError(f"content of unknown kind {other!r}", source=source)
    return _place(said)


def _dictionary(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise BadMessageError("a header holds something else where a dictionary is due")
    return found


def _place(said: dict[str, Any]) -> Place | None:
    sequence = said.get("sequence")
    return Place(sequence, said.get("last") is True) if isinstance(sequence, int) else None


def _body(values: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    for key, note in _dictionary(said.get("types", {})).items():
        if key in values:
            values[key] = _typed(values[key], note)
    return values


def _typed(value: Any, note: Any) -> Any:
    """Give the NumPy scalar or array of text that was sent."""
    if isinstance(note, list):
        array = np.empty(shape_of(note, _count(value)), dtype=object)
        array.ravel()[:] = list(_flat(value))
        return array
    dtype = _scalar_dtype(note) if isinstance(note, str) else checked_dtype(note)
    if not isinstance(value, bool | int | float) or dtype.kind not in "biuf":
        raise BadMessageError(f"{type(value).__name__} is no value of type {dtype}")
    try:
        return dtype.type(value)
    except (OverflowError, ValueError) as error:
        raise BadMessageError(f"{value} is no value of type {dtype}") from error


# Slow data has thousands of numbers in a train, of few types.
@lru_cache(maxsize=64)
def _scalar_dtype(note: str) -> np.dtype[Any]:
    return checked_dtype(note)


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _count(value: Any) -> int:
    return sum(1 for _ in _flat(value))
