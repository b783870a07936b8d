"""Every inflate that may be installed behaves the same; unshuffle is the inverse of shuffle."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess.engine import codecs
from euxfel.fileaccess.engine.codecs import U8, DecodeError, Inflate

CONTENT = bytes(range(1, 251)) * 40
STORED = zlib.compress(CONTENT, 1)


LIBRARIES = ["deflate", "isal", "zlib"]


@pytest.fixture(params=[name for name in LIBRARIES if find_spec(name)])
def inflate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inflate]:
    """The inflate chosen when one library is the best that is installed."""
    for name in LIBRARIES[: LIBRARIES.index(request.param)]:
        monkeypatch.setitem(sys.modules, name, None)
    codecs.inflater.cache_clear()
    yield codecs.inflater()
    codecs.inflater.cache_clear()


def test_inflate_gives_the_bytes(inflate: Inflate) -> None:
    """Any buffer can be inflated."""
    assert bytes(inflate(memoryview(STORED), len(CONTENT))) == CONTENT


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 1])
def test_another_size_is_an_error(inflate: Inflate, size: int) -> None:
    """Too much and too little are errors: neither is cut or filled up."""
    with pytest.raises(DecodeError):
        inflate(STORED, size)


@pytest.mark.parametrize("cut", [1, 4, 5, len(STORED) // 2])
def test_a_cut_stream_is_an_error(inflate: Inflate, cut: int) -> None:
    """Also if only the checksum at the end is missing."""
    with pytest.raises(DecodeError):
        inflate(STORED[:-cut], len(CONTENT))


@pytest.mark.parametrize("at", [0, len(STORED) // 2, len(STORED) - 1])
def test_a_flipped_byte_is_an_error(inflate: Inflate, at: int) -> None:
    """Header, content and checksum are all checked."""
    damaged = bytearray(STORED)
    damaged[at] ^= 0x55
    with pytest.raises(DecodeError):
        inflate(bytes(damaged), len(CONTENT))


def unshuffled_by_numpy(shuffled: U8, itemsize: int) -> U8:
    target = np.full_like(shuffled, 99)
    codecs.unshuffle(shuffled, target, itemsize)
    return target


def unshuffled_by_library(shuffled: U8, itemsize: int) -> U8:
    """As units do it: chunk by chunk, where the library knows the size of the elements."""
    restore = codecs.library_unshuffle(itemsize)
    if restore is None:
        return unshuffled_by_numpy(shuffled, itemsize)
    target = np.full_like(shuffled, 99)
    for chunk, place in zip(shuffled, target, strict=True):
        restore(chunk.tobytes(), place.data, itemsize)
    return target


@pytest.mark.parametrize("unshuffled", [unshuffled_by_numpy, unshuffled_by_library])
@given(
    st.integers(1, 4),
    st.integers(1, 60),
    st.sampled_from([1, 2, 3, 4, 8, 16]),
    st.integers(1, 16),
    st.integers(0, 2**32),
)
def test_unshuffle(
    unshuffled: Callable[[U8, int], U8],
    chunks: int,
    items: int,
    itemsize: int,
    used: int,
    seed: int,
) -> None:
    """For every element size, also when the upper bytes of all elements are zero."""
    rng = np.random.default_rng(seed)
    elements = rng.integers(0, 256, (chunks, items, itemsize), np.uint8)
    elements[:, :, used:] = 0
    shuffled = np.ascontiguousarray(elements.transpose(0, 2, 1)).reshape(chunks, -1)
    found = unshuffled(shuffled, itemsize)
    np.testing.assert_array_equal(found, elements.reshape(chunks, -1))


@pytest.mark.parametrize("installed", [None, ModuleType("zlib_into")])
def test_without_a_library_there_is_no_unshuffle_of_it(
    monkeypatch: pytest.MonkeyPatch, installed: ModuleType | None
) -> None:
    """Not installed, or so old that it has no unshuffle: NumPy does it."""
    monkeypatch.setitem(sys.modules, "zlib_into", installed)
    codecs.library_unshuffle.cache_clear()
    assert codecs.library_unshuffle(4) is None
    codecs.library_unshuffle.cache_clear()
