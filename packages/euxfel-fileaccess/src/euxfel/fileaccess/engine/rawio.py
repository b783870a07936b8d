"""Bytes from a file to memory, and the memory that they go to."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .codecs import U8
from .request import I64

# Bytes between two wanted stretches that are read along rather than skipped with a second call.
BRIDGE = 16 << 10

# What a thread keeps between units; more is given back at once.
KEPT_SCRATCH = 4 << 20

# The most buffers that one system call takes.
IOV_MAX = 1024

_local = threading.local()


class CutOffError(Exception):
    """The file ends before the bytes do."""


def scratch(name: str, nbytes: int) -> U8:
    """Lend this thread's buffer of a name, at least as long as needed."""
    buffer: U8 | None = getattr(_local, name, None)
    if buffer is None or len(buffer) < nbytes:
        buffer = np.empty(nbytes, np.uint8)
        if nbytes <= KEPT_SCRATCH:
            setattr(_local, name, buffer)
    return buffer[:nbytes]


def read_exactly(fd: int, buffers: list[memoryview], offset: int) -> None:
    """Fill buffers from consecutive bytes of a file."""
    for i in range(0, len(buffers), IOV_MAX):
        some = buffers[i : i + IOV_MAX]
        wanted = sum(map(len, some))
        if (got := os.preadv(fd, some, offset)) != wanted:
            _read_rest(fd, some, offset, got)
        offset += wanted


def read_pieces(fd: int, memory: memoryview, address: I64, size: I64, place: I64) -> None:
    """Read stretches of a file to their places in memory, one call for each.

    There can be thousands of them: what is done for each is little.
    """
    preadv = os.preadv
    stop = (place + size).tolist()
    for at, first, last in zip(address.tolist(), place.tolist(), stop, strict=True):
        piece = memory[first:last]
        if (got := preadv(fd, (piece,), at)) != last - first:
            _read_rest(fd, [piece], at, got)


def _read_rest(fd: int, buffers: list[memoryview], offset: int, got: int) -> None:
    # The system may stop anywhere: after a signal, or at its own limit for one call.
    for buffer in buffers:
        while got < len(buffer):
            more = os.preadv(fd, [buffer[got:]], offset + got)
            if not more:
                raise CutOffError
            got += more
        got -= len(buffer)
        offset += len(buffer)


def flat_memory(out: NDArray[Any]) -> tuple[U8, int]:
    """All memory that an array spans, as bytes, and where its first element is in it."""
    if out.flags.c_contiguous:
        return out.reshape(-1).view(np.uint8), 0
    forward = out[tuple(slice(None, None, -1 if s < 0 else 1) for s in out.strides)]
    corner = forward[tuple(slice(0, 1) for _ in out.shape)].reshape(-1).view(np.uint8)
    low, high = np.lib.array_utils.byte_bounds(out)
    flat = np.lib.stride_tricks.as_strided(corner, shape=(high - low,), strides=(1,))
    return flat, out.__array_interface__["data"][0] - low
