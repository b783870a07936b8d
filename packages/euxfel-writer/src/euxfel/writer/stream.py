"""Data on its way to a new dataset, a few megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from euxfel.core.reading import execute
from euxfel.fileaccess import ReadRequest

from .encode import encoder
from .passing import PassingChunks, pass_chunks
from .storage import Storage
from .write_plan import KeyPlan

# Bytes of rows that are in memory at a time, as read; what they become takes as much again.
BLOCK_BYTES = 32 << 20


def stream(
    plan: KeyPlan,
    storage: Storage,
    passing: PassingChunks,
    made: h5py.Dataset,
    pool: ThreadPoolExecutor,
) -> Iterator[int]:
    """Write all rows of a key.

    Yields
    ------
    int
        Rows that are done since the last time.
    """
    length = storage.chunks[0] if storage.chunks else max(1, plan.rows.total)
    for number, low, high in passing.runs():
        if number >= 0:
            for done in pass_chunks(plan, passing, (number, low, high), made):
                yield done * length
        else:
            first, last = low * length, min(high * length, plan.rows.total)
            yield from _write_rows(plan, storage, (first, last), made, pool)


def _write_rows(
    plan: KeyPlan,
    storage: Storage,
    span: tuple[int, int],
    made: h5py.Dataset,
    pool: ThreadPoolExecutor,
) -> Iterator[int]:
    for low, high in blocks(plan, span, storage.chunks[0] if storage.chunks else 1):
        block = read_block(plan, low, high)
        if storage.is_encoded_here and not plan.dtype.hasobject:
            _write_encoded(block, storage, low, made, pool)
        elif block.size:
            made[low:high] = block
        yield high - low


def blocks(plan: KeyPlan, span: tuple[int, int], length: int) -> Iterator[tuple[int, int]]:
    """Cut rows into blocks of whole chunks that fit into memory."""
    low, last = span
    step = max(1, BLOCK_BYTES // max(1, plan.row_bytes) // length) * length
    while low < last:
        high = min(low + step, last)
        yield low, high
        low = high


def read_block(plan: KeyPlan, low: int, high: int) -> NDArray[Any]:
    """Read some of the rows of a key, as they are to be written."""
    out = np.empty((high - low, *plan.region.read_shape), plan.stored_dtype)
    requests = (
        ReadRequest(
            plan.stored.files[number].handle,
            plan.stored_path,
            ranges,
            out[start:stop],
            plan.region.basic,
        )
        for number, ranges, start, stop in plan.rows.between(low, high)
    )
    execute(requests, plan.stored.source, plan.key, np.zeros(0, np.uint64))
    found = plan.region.pick(out)
    if plan.decimals is not None:
        found = np.round(found, plan.decimals)
    return found.astype(plan.dtype, copy=False)


def _write_encoded(
    block: NDArray[Any], storage: Storage, low: int, made: h5py.Dataset, pool: ThreadPoolExecutor
) -> None:
    chunks = storage.chunks or block.shape
    encode = encoder(storage.filters, storage.level, block.dtype.itemsize)
    corners = list(product(*(range(0, n, c) for n, c in zip(block.shape, chunks, strict=True))))

    def encoded(corner: tuple[int, ...]) -> bytes:
        return encode(_chunk(block, corner, chunks, storage.fill_value))

    for corner, data in zip(corners, pool.map(encoded, corners), strict=True):
        made.id.write_direct_chunk((low + corner[0], *corner[1:]), data)


def _chunk(
    block: NDArray[Any], corner: tuple[int, ...], chunks: tuple[int, ...], fill: Any
) -> NDArray[np.uint8]:
    """Give the bytes of one chunk, filled up where it reaches beyond the data."""
    part = block[tuple(slice(a, a + c) for a, c in zip(corner, chunks, strict=True))]
    if part.shape != chunks:
        whole = np.full(chunks, fill, block.dtype)
        whole[tuple(slice(0, n) for n in part.shape)] = part
        part = whole
    return np.ascontiguousarray(part).reshape(-1).view(np.uint8)
