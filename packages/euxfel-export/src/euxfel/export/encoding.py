"""From the data of a train to the parts of a message, in version 2.2 of the protocol.

For each source a header and a msgpack body; after it, for each array, a header and the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgpack
import numpy as np
from numpy.lib.format import dtype_to_descr
from numpy.typing import NDArray

from . import old_encoding
from .errors import NotStreamableError
from .message import BEYOND, VERSIONS, Message, Part, Place, TrainData, Values, Version, train_id_of
from .timestamps import now
from .values import SCALAR_NOTES, body_value, is_array, packed_by_default, raw_bytes, type_note

Metadata = TrainData


def encode(
    data: TrainData,
    metadata: Metadata | None = None,
    version: Version = "2.2",
    *,
    dummy_timestamps: bool = False,
    place: Place | None = None,
) -> Message:
    """Give the message for a train.

    Parameters
    ----------
    data : dict
        Values by source and key.
    metadata : dict, optional
        Metadata by source. By default the entry ``metadata`` of each source.
    version : str
        ``"2.2"``, or ``"1.0"``, which old clients know.
    dummy_timestamps : bool
        True to give sources without a time the present one.
    place : Place, optional
        Where the train is in its stream. Version 1.0 has no room for it.

    Raises
    ------
    NotStreamableError
        A value has no form in the protocol; source and key are named.
    ValueError
        There is no such version.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.export.encoding import encode
    >>> message = encode({"camera": {"image": np.ones((2, 3)), "gain": 4}})
    >>> [len(part) for part in message.parts][-1]
    48
    """
    if version not in VERSIONS:
        raise ValueError(f"there is no version {version!r} of the protocol: choose 2.2 or 1.0")
    meta = _metadata(data, metadata, dummy_timestamps)
    if version == "1.0":
        parts: list[Part] = [old_encoding.encode(data, meta)]
    else:
        parts = list(_parts(data, meta, place))
    return Message(train_id_of(meta), parts)


def _metadata(
    data: TrainData, metadata: Metadata | None, dummy_timestamps: bool
) -> dict[str, dict[str, Any]]:
    given = metadata or {}
    found = {s: dict(given.get(s) or data[s].get("metadata") or {}) for s in data}
    if dummy_timestamps:
        present = now()
        for values in found.values():
            if "timestamp" not in values:
                values.update(present)
    return found


def _parts(data: TrainData, metadata: Metadata, place: Place | None) -> Iterator[Part]:
    pack = msgpack.Packer(default=packed_by_default).pack
    beyond = {} if place is None else {"sequence": place.sequence, "last": place.last}
    for source in sorted(data):
        yield from _source_parts(source, data[source], metadata[source], beyond, pack)
        beyond = {}


def _source_parts(
    source: str, values: Values, metadata: Values, beyond: Values, pack: Callable[[Any], bytes]
) -> Iterator[Part]:
    arrays, body, types = _sorted_out(source, values)
    said = {**beyond, "types": types} if types else beyond
    header = {"source": source, "content": "msgpack", "metadata": metadata}
    yield _packed(pack, {**header, BEYOND: said} if said else header, source)
    yield _packed(pack, body, source)
    for key, array in arrays.items():
        yield pack(_array_header(source, key, array))
        yield raw_bytes(np.asarray(array))


def _sorted_out(
    source: str, values: Values
) -> tuple[dict[str, NDArray[Any] | np.generic], dict[str, Any], dict[str, Any]]:
    """Give the arrays, what goes into the body, and notes on types of the latter."""
    arrays, body, types = {}, {}, {}
    for key, value in values.items():
        if (note := SCALAR_NOTES.get(type(value))) is not None:
            body[key] = value.item()
            types[key] = note
        elif is_array(value):
            arrays[key] = value
        else:
            body[key] = body_value(value, source, key)
            if (note := type_note(value)) is not None:
                types[key] = note
    return arrays, body, types


def _packed(pack: Callable[[Any], bytes], content: Values, source: str) -> bytes:
    try:
        return pack(content)
    except (TypeError, ValueError, OverflowError) as error:
        key = next((k for k, v in content.items() if not _can_pack(v)), "metadata")
        raise NotStreamableError(
            f"{source} {key} cannot be streamed: {error}", source=source, key=key
        ) from error


def _can_pack(value: Any) -> bool:
    try:
        msgpack.packb(value, default=packed_by_default)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _array_header(source: str, key: str, array: NDArray[Any] | np.generic) -> dict[str, Any]:
    dtype = array.dtype
    header = {
        "source": source,
        "content": "array",
        "path": key,
        "dtype": f"V{dtype.itemsize}" if dtype.names else str(dtype),
        "shape": list(array.shape),
    }
    beyond: dict[str, Any] = {}
    if dtype.names:
        beyond["fields"] = dtype_to_descr(dtype)
    if isinstance(array, np.generic):
        beyond["scalar"] = True
    return {**header, BEYOND: beyond} if beyond else header
