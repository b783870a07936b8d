"""Version 1.0 of the protocol, as it comes: never trusted, and never a pickle."""

from __future__ import annotations

from typing import Any

import msgpack

from .errors import BadMessageError
from .message import Part, Train
from .received_arrays import checked_dtype, of_bytes


def decode(part: Part) -> Train:
    """Give the train of the one part of a message."""
    try:
        found = msgpack.unpackb(part, raw=False, object_hook=_decoded)
    except BadMessageError:
        raise
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise BadMessageError(f"a message is not msgpack: {error}") from error
    if not isinstance(found, dict) or not all(_is_source(*item) for item in found.items()):
        raise BadMessageError("a message is not a dictionary of sources")
    return Train(found, {s: _metadata(values) for s, values in found.items()})


def _is_source(name: Any, values: Any) -> bool:
    return isinstance(name, str) and isinstance(values, dict)


def _metadata(values: dict[str, Any]) -> dict[str, Any]:
    found = values.get("metadata", {})
    if not isinstance(found, dict):
        raise BadMessageError("metadata is not a dictionary")
    return found


def _decoded(found: dict[Any, Any]) -> Any:
    """Give the array, scalar or complex number that a dictionary stands for."""
    if b"complex" in found:
        return _complex(found.get(b"data"))
    if b"nd" not in found:
        return found
    if found.get(b"kind") == b"O":
        raise BadMessageError("an array of objects would come as a pickle: it is not taken")
    content = found.get(b"data")
    if not isinstance(content, bytes):
        raise BadMessageError("an array has no bytes")
    dtype = checked_dtype(_text(found.get(b"type")))
    if found[b"nd"] is True:
        return of_bytes(dtype, found.get(b"shape"), content)
    return of_bytes(dtype, [], content)[()]


def _text(found: Any) -> Any:
    """Give a description of a dtype with text where other servers send bytes."""
    if isinstance(found, bytes):
        return found.decode("ascii", "replace")
    return [_text(part) for part in found] if isinstance(found, list) else found


def _complex(text: Any) -> complex:
    try:
        return complex(text)
    except (TypeError, ValueError) as error:
        raise BadMessageError(f"{text!r} is no complex number") from error
