"""What can be remembered of a file beside its summary: row counts and keys, as arrays.

Layouts of datasets are remembered by the engine, in its `book`.

An index is kept as one array of row counts wherever the rows follow from them, which is the
rule: a kilobyte then stands for a detector module's trains. Only an index without any finding
is kept. What comes back was on disk between, and is checked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .index import GroupIndex, build_index
from .names import is_valid_path
from .trains import TrainTable

if TYPE_CHECKING:
    from .file import FileAccess

Arrays = dict[str, NDArray[Any]]
# Called when what was learned is saved: nobody waits then. None if it is not worth keeping.
Pack = Callable[[], NDArray[Any] | None]

_KEYS_MAX = 1 << 20
# No train has more rows; larger counts are damage.
_COUNT_MAX = 2**31


class Memory(Protocol):
    """Where files look up what was learned about them earlier, and leave what they learn."""

    def arrays_of(self, file: FileAccess) -> Arrays:
        """Give what is remembered of a file."""

    def learn(self, file: FileAccess, name: str, pack: Pack) -> None:
        """Take what was read from a file, as a function that gives it as an array."""


def pack_index(index: GroupIndex) -> NDArray[Any] | None:
    """Give an index as an array to be kept; None if it should be read again instead.

    Returns
    -------
    ndarray or None
        One count for all trains, shape (1,); one count per train, shape (trains,); or first
        rows and counts, shape (2, trains).

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.fileaccess.index import GroupIndex
    >>> from euxfel.fileaccess.memory import pack_index
    >>> first, count = np.array([0, 64, 128]), np.array([64, 64, 64])
    >>> pack_index(GroupIndex(first, count, np.zeros(3, dtype=bool)))
    array([64], dtype=uint8)
    """
    if index.findings or index.bad.any() or not len(index.count):
        return None
    if not np.array_equal(index.first, _firsts(index.count)):
        return np.stack([index.first, index.count])
    narrow = index.count.astype(np.min_scalar_type(int(index.count.max())))
    return narrow[:1] if (narrow == narrow[0]).all() else narrow


def unpack_index(array: NDArray[Any], trains: TrainTable) -> GroupIndex | None:
    """Give the index that an array was made of; None if it is none for these trains."""
    n = len(trains)
    if array.shape == (2, n) and array.dtype == np.int64:
        # As many entries as trains, whatever else the file's own index holds.
        dense = TrainTable(trains.ids, trains.valid, np.arange(n))
        index = build_index(array[0], array[1], dense, "")
        return None if index.findings else index
    if array.dtype.kind != "u" or array.shape not in ((1,), (n,)) or not n:
        return None
    if array.max() > _COUNT_MAX:
        return None
    if array.shape == (1,):
        return _constant(int(array[0]), n)
    count = array.astype(np.int64)
    return GroupIndex(_firsts(count), count, np.zeros(n, dtype=np.bool_))


# The modules of a detector have a few indexes in common.
@lru_cache(maxsize=64)
def _constant(count: int, n: int) -> GroupIndex:
    counts = np.full(n, count, dtype=np.int64)
    parts = (_firsts(counts), counts, np.zeros(n, dtype=np.bool_))
    for part in parts:
        part.flags.writeable = False
    return GroupIndex(*parts)


def _firsts(count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give first rows where all rows follow each other, 0 for trains without any."""
    return np.where(count > 0, np.cumsum(count) - count, 0)


def pack_keys(keys: frozenset[str]) -> NDArray[np.uint8] | None:
    """Give names of keys as an array of compressed bytes; None if there are none."""
    if not keys:
        return None
    return np.frombuffer(zlib.compress("\n".join(sorted(keys)).encode(), 1), dtype=np.uint8)


def unpack_keys(array: NDArray[Any]) -> frozenset[str] | None:
    """Give the names of keys that an array was made of; None if they are none.

    Examples
    --------
    >>> from euxfel.fileaccess.memory import pack_keys, unpack_keys
    >>> unpack_keys(pack_keys(frozenset({"image.data"})))
    frozenset({'image.data'})
    """
    if array.dtype != np.uint8 or array.ndim != 1 or not 0 < len(array) <= _KEYS_MAX:
        return None
    return _keys(array.tobytes())


@lru_cache(maxsize=4096)
def _keys(stored: bytes) -> frozenset[str] | None:
    inflater = zlib.decompressobj()
    try:
        names = frozenset(inflater.decompress(stored, _KEYS_MAX).decode().split("\n"))
    except (zlib.error, UnicodeDecodeError):
        return None
    if not inflater.eof:
        return None
    return names if all(map(is_valid_path, names)) else None
