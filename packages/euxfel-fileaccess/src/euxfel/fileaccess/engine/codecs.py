"""Filters undone: inflate and byte unshuffle, each with the fastest library there is."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
Buffer = memoryview | bytes | bytearray
#: Compressed bytes and the exact size expected to the bytes they stand for.
Inflate = Callable[[Buffer, int], bytes | bytearray]
#: One chunk as stored, its place, and the bytes of one element.
Unshuffle = Callable[[Buffer, memoryview, int], object]
T = TypeVar("T", bytes, bytearray)

# Elements that zlib_into knows, in bytes.
LIBRARY_SIZES = (2, 4, 8)


class DecodeError(ValueError):
    """Compressed bytes do not decode to what they have to be."""


@cache
def inflater() -> Inflate:
    """Choose the fastest inflate that is installed: libdeflate, ISA-L, or zlib.

    On shuffled frames, masks and camera images libdeflate takes about 0.8 of ISA-L's time and
    half of zlib's; zlib is always there. All three check the stream's checksum.
    """
    for make in (_libdeflate, _isal):
        try:
            return make()
        except ImportError:
            continue
    return _stdlib()


def _stdlib() -> Inflate:
    return _streaming(zlib.decompressobj, zlib.error)


def _isal() -> Inflate:
    from isal import igzip_lib

    def begin() -> Any:
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)

    return _streaming(begin, igzip_lib.IsalError)


def _libdeflate() -> Inflate:
    import deflate

    def inflate(data: Buffer, size: int) -> bytearray:
        try:
            # The library refuses to write beyond the size.
            found: bytearray = deflate.zlib_decompress(data, size)
        except deflate.DeflateError as exc:
            raise DecodeError(str(exc)) from exc
        return _measured(found, size)

    return inflate


def _streaming(begin: Callable[[], Any], error: Any) -> Inflate:
    def inflate(data: Buffer, size: int) -> bytes:
        stream = begin()
        try:
            # One byte more than expected: room to notice too much, and to reach the checksum.
            found: bytes = stream.decompress(data, size + 1)
        except error as exc:
            raise DecodeError(str(exc)) from exc
        if len(found) == size and not stream.eof:
            raise DecodeError("the compressed data is cut off")
        return _measured(found, size)

    return inflate


def _measured(found: T, size: int) -> T:
    if len(found) != size:
        more = "at least " if len(found) > size else ""
        raise DecodeError(f"{more}{len(found)} bytes decoded where {size} are declared")
    return found


@cache
def library_unshuffle(itemsize: int) -> Unshuffle | None:
    """Unshuffle of one chunk in C; None if it is not installed, or not for this size.

    It is two to five times as fast as NumPy, and goes straight from the inflated bytes to their
    place.
    """
    try:
        from zlib_into import unshuffle as found
    except ImportError:
        return None
    return found if itemsize in LIBRARY_SIZES else None


def unshuffle(source: U8, target: U8, itemsize: int) -> None:
    """Undo byte shuffle for several chunks at once, with NumPy.

    Parameters
    ----------
    source : ndarray of uint8, shape (chunks, bytes)
        Chunks as stored: all first bytes of the elements, then all second bytes, ...
    target : ndarray of uint8, shape (chunks, bytes)
        Gets the elements. Contiguous; must not overlap the source.
    itemsize : int
        Bytes of one element.
    """
    chunks, size = source.shape
    items = size // itemsize
    planes = source.reshape(chunks, itemsize, items)
    if itemsize in _WORDS and sys.byteorder == "little":
        _assembled(planes, target.reshape(-1).view(_WORDS[itemsize]).reshape(chunks, items))
    else:
        elements = target.reshape(chunks, items, itemsize)
        for i in range(itemsize):
            elements[:, :, i] = planes[:, i]


# Unsigned integers by their size in bytes.
_WORDS: dict[int, np.dtype[Any]] = {
    1: np.dtype("u1"),
    2: np.dtype("u2"),
    4: np.dtype("u4"),
    8: np.dtype("u8"),
}


def _assembled(planes: U8, words: NDArray[Any]) -> None:
    """Put words together from their bytes, halves first: twice as fast as copying planes."""
    width = planes.shape[1]
    if not planes[:, width // 2 :].any():
        # Small numbers in wide words, as bad-pixel masks are: the upper half is known.
        width = max(1, width // 2)
    if width == 1:
        np.copyto(words, planes[:, 0])
        return
    half: NDArray[Any] = np.empty(words.shape, _WORDS[width // 2])
    _assembled(planes[:, width // 2 : width], half)
    np.copyto(words, half)
    words <<= 4 * width
    _assembled(planes[:, : width // 2], half)
    words |= half
