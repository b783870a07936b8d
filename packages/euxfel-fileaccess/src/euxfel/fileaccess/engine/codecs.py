"""Filters undone: inflate with the fastest library there is, and byte unshuffle in NumPy."""

from __future__ import annotations

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
T = TypeVar("T", bytes, bytearray)


class DecodeError(ValueError):
    """Compressed bytes do not decode to what they have to be."""


@cache
def inflater(shuffled: bool) -> Inflate:
    """Choose the inflate for shuffled or plain data, from what is installed.

    libdeflate is fastest on shuffled data, ISA-L on plain noisy frames; both are several times
    faster than zlib, which is always there. All of them check the stream's checksum.
    """
    order = (_libdeflate, _isal) if shuffled else (_isal, _libdeflate)
    for make in order:
        try:
            return make()
        except ImportError:
            continue
    return _stdlib()


def _stdlib() -> Inflate:
    return _streaming(zlib.decompressobj, zlib.error)


def _isal() -> Inflate:
    from isal import igzip_lib  # noqa: PLC0415

    def begin() -> Any:
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)

    return _streaming(begin, igzip_lib.IsalError)


def _libdeflate() -> Inflate:
    import deflate  # noqa: PLC0415

    def inflate(data: Buffer, size: int) -> bytearray:
        try:
            # The library refuses to write beyond the size.
            found: bytearray = deflate.zlib_decompress(data, size)
        except deflate.DeflateError as exc:
            raise DecodeError(str(exc)) from exc
        return _measured(found, size)

    return inflate


def _streaming(begin: Callable[[], Any], error: type[Exception]) -> Inflate:
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


def unshuffle(source: U8, target: U8, itemsize: int) -> None:
    """Undo byte shuffle for several chunks at once.

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
    planes = source[:, : items * itemsize].reshape(chunks, itemsize, items)
    elements = target[:, : items * itemsize].reshape(chunks, items, itemsize)
    for i in range(itemsize):
        elements[:, :, i] = planes[:, i]
    target[:, items * itemsize :] = source[:, items * itemsize :]
