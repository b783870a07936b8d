"""Text of any length, which is stored in collections apart from the dataset.

Source: HDF5 file format specification, version 3.0, section III.E.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from numpy.typing import NDArray

from .file_bytes import FileBytes
from .unfamiliar import UnfamiliarError

_COLLECTION = Struct("<4sB3xQ")
_OBJECT = Struct("<HH4xQ")
_COLLECTION_MAX = 16 << 20


def read_texts(data: FileBytes, references: NDArray[Any]) -> list[bytes]:
    """Give the texts that the elements of a dataset refer to.

    Raises
    ------
    UnfamiliarError
        If one of them is not there.
    """
    collections: dict[int, dict[int, bytes]] = {}
    texts = []
    for length, address, number in references.tolist():
        if not length:
            texts.append(b"")
            continue
        if address not in collections:
            collections[address] = _read_collection(data, address)
        text = collections[address].get(number)
        # The library believes the collection where the two differ.
        if text is None or len(text) != length:
            raise UnfamiliarError
        texts.append(text)
    return texts


def _read_collection(data: FileBytes, address: int) -> dict[int, bytes]:
    mark, version, size = _COLLECTION.unpack_from(*data.at(address, _COLLECTION.size))
    if mark != b"GCOL" or version != 1 or size > _COLLECTION_MAX:
        raise UnfamiliarError
    buffer, start = data.at(address, size)
    at, stop = start + _COLLECTION.size, start + size
    found: dict[int, bytes] = {}
    while at + _OBJECT.size <= stop:
        number, _links, length = _OBJECT.unpack_from(buffer, at)
        # Number 0 is the space that is left.
        if number == 0:
            break
        at += _OBJECT.size
        if at + length > stop or number in found:
            raise UnfamiliarError
        found[number] = buffer[at : at + length]
        at += (length + 7) & ~7
    return found
