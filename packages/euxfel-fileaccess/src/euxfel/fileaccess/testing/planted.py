"""Planted values: each follows from source, key, sequence file, row and element, and is never 0.

A wrong row, a neighbouring file, a shifted region or a fill of zeros then shows as a wrong value.
The formula is simple on purpose, so that a test can state what it expects without a reader:

1. ``h(row) = mix(seed + row)``, where ``seed`` is a digest of ``source``, ``key`` and ``sequence``
   and ``mix`` is the finaliser of splitmix64;
2. element ``e`` of a row (in C order) has the bits ``h(row) + e * STEP``, modulo 2^64;
3. the lowest bits, as many as the dtype stores exactly, plus 1, make the value.

Booleans are all True and text is spelled out, as :func:`planted_text` shows.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

STEP = 0x9E3779B97F4A7C15
"""Odd, so that neighbouring elements differ and a row repeats only after all bits were used."""

# Bits that survive in each type, and what one unit is worth. Half of an unsigned range is left
# free because of the final + 1; 63 bits of u8 show any detour through floating point.
_BITS: dict[str, tuple[int, float]] = {
    "u1": (7, 1), "u2": (15, 1), "u4": (31, 1), "u8": (63, 1),
    "i1": (6, 1), "i2": (14, 1), "i4": (30, 1), "i8": (62, 1),
    "f2": (10, 1), "f4": (22, 0.25), "f8": (51, 2.0**-20),
}  # fmt: skip


def planted(
    source: str,
    key: str,
    sequence: int,
    rows: ArrayLike,
    entry_shape: tuple[int, ...] = (),
    dtype: DTypeLike = "f8",
) -> NDArray[Any]:
    """Values planted in some rows of one dataset, shape ``(len(rows), *entry_shape)``.

    Parameters
    ----------
    source, key : str
        Full names, for instance ``"SPB_XTD9_XGM/DOOCS/MAIN:output"`` and ``"data.intensityTD"``.
    sequence : int
        Number of the sequence file.
    rows : array_like of int
        Rows of the dataset, counted from its start.
    entry_shape : tuple of int
        Shape of one row.
    dtype : dtype_like
        A number type, bool, or ``str`` (the result then holds str objects).

    Examples
    --------
    >>> planted("A/B/C", "pressure.value", 0, [0, 1], dtype="u2")
    array([18868, 16527], dtype=uint16)
    >>> planted("A/B/C", "state.value", 0, [5], dtype=str)
    array(['state.value of sequence 0 row 5'], dtype=object)
    """
    row_numbers = np.asarray(rows, dtype=np.uint64)
    if is_text(dtype):
        return planted_text(key, sequence, row_numbers, entry_shape)
    kind = np.dtype(dtype)
    if kind == np.bool_:
        return np.ones((len(row_numbers), *entry_shape), dtype=bool)
    return _numbers(_bits(source, key, sequence, row_numbers, entry_shape, kind), kind)


def planted_text(
    key: str, sequence: int, rows: ArrayLike, entry_shape: tuple[int, ...] = ()
) -> NDArray[Any]:
    """Texts planted in some rows: key, sequence, row and, in arrays, the element's number.

    Examples
    --------
    >>> planted_text("a.value", 1, [3], (2,)).tolist()
    [['a.value of sequence 1 row 3 element 0', 'a.value of sequence 1 row 3 element 1']]
    """
    row_numbers = np.asarray(rows).tolist()
    size = math.prod(entry_shape)
    texts = np.empty((len(row_numbers), size), dtype=object)
    for i, row in enumerate(row_numbers):
        for e in range(size):
            element = f" element {e}" if entry_shape else ""
            texts[i, e] = f"{key} of sequence {sequence} row {row}{element}"
    return texts.reshape(len(row_numbers), *entry_shape)


def is_text(dtype: DTypeLike) -> bool:
    """Say whether a key of this type holds text of variable length."""
    return dtype is str or np.dtype(dtype).kind in "OU"


def _bits(
    source: str,
    key: str,
    sequence: int,
    rows: NDArray[np.uint64],
    entry_shape: tuple[int, ...],
    kind: np.dtype[Any],
) -> NDArray[Any]:
    # 32 bits are enough for the narrow types, and take half the time.
    word = np.dtype("u4" if _BITS[_code(kind)][0] < 32 else "u8")
    start = _mix(rows + np.uint64(_seed(source, key, sequence))).astype(word)
    # An entry without dimensions is one element.
    steps = np.arange(math.prod(entry_shape), dtype=word)
    steps *= word.type(STEP % 2 ** (8 * word.itemsize))
    bits: NDArray[Any] = start[:, np.newaxis] + steps
    return bits.reshape(len(rows), *entry_shape)


def _numbers(bits: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    width, unit = _BITS[_code(kind)]
    word = bits.dtype.type
    bits &= word((1 << width) - 1)
    bits += word(1)
    values: NDArray[Any] = bits.astype(kind)
    return values * kind.type(unit) if kind.kind == "f" else values


def _code(kind: np.dtype[Any]) -> str:
    return f"{kind.kind}{kind.itemsize}"


def _seed(source: str, key: str, sequence: int) -> int:
    name = f"{source}\0{key}\0{sequence}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little")


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
