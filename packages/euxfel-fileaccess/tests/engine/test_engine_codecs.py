"""Every inflate that may be installed behaves the same; unshuffle is the inverse of shuffle."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess.engine import codecs
from euxfel.fileaccess.engine.codecs import DecodeError, Inflate

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


@given(
    st.integers(1, 4),
    st.integers(1, 60),
    st.sampled_from([1, 2, 3, 4, 8, 16]),
    st.integers(1, 16),
    st.integers(0, 2**32),
)
def test_unshuffle(chunks: int, items: int, itemsize: int, used: int, seed: int) -> None:
    """For every element size, also when the upper bytes of all elements are zero."""
    rng = np.random.default_rng(seed)
    elements = rng.integers(0, 256, (chunks, items, itemsize), np.uint8)
    elements[:, :, used:] = 0
    shuffled = np.ascontiguousarray(elements.transpose(0, 2, 1)).reshape(chunks, -1)
    target = np.full_like(shuffled, 99)
    codecs.unshuffle(shuffled, target, itemsize)
    np.testing.assert_array_equal(target, elements.reshape(chunks, -1))
