"""A dataset: its shape and type, and its bytes if they are few.

Source: HDF5 file format specification, version 3.0, sections IV.A.2.b, IV.A.2.f and IV.A.2.i.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Any

import numpy as np

from .file_bytes import FileBytes
from .headers import DATASPACE, DATATYPE, FILL_VALUE, FILTERS, LAYOUT, Message, read_messages
from .trees import OF_CHUNKS, read_tree
from .types import REFERENCE, dtype_of
from .unfamiliar import UnfamiliarError

_NEEDED = {DATASPACE, DATATYPE, LAYOUT}
_POSSIBLE = _NEEDED | {FILL_VALUE, FILTERS}

_SPACE = Struct("<BBBB")
# Where the lengths of the axes begin, in the two versions.
_SPACE_1, _SPACE_2 = 8, 4
_LENGTHS = [Struct(f"<{n}Q") for n in range(33)]
_FILL_VERSIONS = {(2,), (3,)}
_VERSION = Struct("<B")
_LAYOUT = Struct("<BB")
_COMPACT, _CONTIGUOUS, _CHUNKED = 0, 1, 2
_PLACE = Struct("<QQ")
_CHUNKS = Struct("<BQII")
# Size, filters left out, first element, 0; address.
_CHUNK = Struct("<IIQQQ")
BYTES_MAX, CHUNKS_MAX = 16 << 20, 1 << 16


@dataclass(frozen=True, slots=True)
class DirectDataset:
    """A dataset as its header describes it.

    Attributes
    ----------
    shape : tuple of int
        Length of each axis.
    dtype : numpy.dtype
        Type of an element, `REFERENCE` for text of any length.
    is_filtered : bool
        Whether its bytes are compressed, or changed in another way.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_filtered: bool
    _layout: Message

    @property
    def is_text(self) -> bool:
        """Whether its elements are text of any length."""
        return self.dtype is REFERENCE

    def raw(self, data: FileBytes) -> bytes:
        """Read all elements of a short list.

        Raises
        ------
        UnfamiliarError
            If it is something else, or not all of it was written.
        """
        if len(self.shape) != 1 or self.is_filtered:
            raise UnfamiliarError
        size = self.shape[0] * self.dtype.itemsize
        if size > BYTES_MAX:
            raise UnfamiliarError
        _version, kind = self._layout.unpack(_LAYOUT)
        if not size:
            return b""
        if kind == _CONTIGUOUS:
            return self._one_piece(data, size)
        if kind == _CHUNKED:
            return self._chunks(data)[:size]
        raise UnfamiliarError

    def _one_piece(self, data: FileBytes, size: int) -> bytes:
        address, stored = self._layout.unpack(_PLACE, _LAYOUT.size)
        if stored != size:
            raise UnfamiliarError
        return data.take(address, size)

    def _chunks(self, data: FileBytes) -> bytes:
        axes, tree, chunk, width = self._layout.unpack(_CHUNKS, _LAYOUT.size)
        if axes != 2 or not chunk or width != self.dtype.itemsize:
            raise UnfamiliarError
        length, whole = self.shape[0], chunk * width
        if whole > BYTES_MAX or length > CHUNKS_MAX * chunk:
            raise UnfamiliarError
        expected = [(whole, 0, offset, 0) for offset in range(0, length, chunk)]
        found = read_tree(data, tree, OF_CHUNKS, _CHUNK, limit=len(expected))
        addresses = [address for *_, address in found]
        # Gaps, repeats and strays show.
        if [entry[:4] for entry in found] != expected or not _apart(addresses, whole):
            raise UnfamiliarError
        return b"".join([data.take(address, whole) for address in addresses])


def _apart(addresses: list[int], whole: int) -> bool:
    """Whether chunks lie in places of their own."""
    return all(after - before >= whole for before, after in pairwise(sorted(addresses)))


def describe(messages: dict[int, Message]) -> DirectDataset:
    """Tell what a dataset is by the messages in its header.

    Raises
    ------
    UnfamiliarError
        If it is something else, or stored in a way that is not known here.
    """
    kinds = messages.keys()
    if not (kinds >= _NEEDED and kinds <= _POSSIBLE):
        raise UnfamiliarError
    if FILL_VALUE in kinds and messages[FILL_VALUE].unpack(_VERSION) not in _FILL_VERSIONS:
        raise UnfamiliarError
    version, kind = messages[LAYOUT].unpack(_LAYOUT)
    if version != 3 or kind not in (_COMPACT, _CONTIGUOUS, _CHUNKED):
        raise UnfamiliarError
    return DirectDataset(
        _shape(messages[DATASPACE]),
        dtype_of(messages[DATATYPE]),
        FILTERS in kinds,
        messages[LAYOUT],
    )


def described_at(data: FileBytes, address: int) -> DirectDataset:
    """Look at the dataset that has its header at an address."""
    return describe(read_messages(data, address))


def _shape(space: Message) -> tuple[int, ...]:
    version, axes, _flags, kind = space.unpack(_SPACE)
    if axes >= len(_LENGTHS):
        raise UnfamiliarError
    if version == 1:
        return space.unpack(_LENGTHS[axes], _SPACE_1)
    # The second version has a mark for no axes, and one for no elements at all.
    if version == 2 and kind < 2:
        return space.unpack(_LENGTHS[axes], _SPACE_2)
    raise UnfamiliarError
