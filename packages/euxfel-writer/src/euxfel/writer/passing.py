"""Chunks that go to a new dataset as the bytes they are: not decoded, not encoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import h5py
import numpy as np
from h5py import h5d
from numpy.typing import NDArray

from euxfel.fileaccess import DataError, FileHandle
from euxfel.fileaccess.engine import ChunkIndex
from euxfel.fileaccess.engine.chunks import chunks_of
from euxfel.fileaccess.engine.examine import examined, opened
from euxfel.fileaccess.engine.rawio import CutOffError, read_exactly

from .rows import I64
from .storage import Storage
from .write_plan import KeyPlan

# Bytes that are read from a file together.
BATCH_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, eq=False)
class PassingChunks:
    """Which rows of chunks of a new dataset are rows of chunks of a file.

    Attributes
    ----------
    file : ndarray of int64, shape (rows of chunks,)
        Position of the file; -1 where the data has to be decoded and encoded.
    row : ndarray of int64
        Row of chunks in that file.
    inner : int
        Chunks that one row of chunks is made of.
    index : dict of int to ChunkIndex
        Where the chunks lie, by position of the file.
    """

    file: I64
    row: I64
    inner: int
    index: dict[int, ChunkIndex]

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Give stretches of rows of chunks that come from one file, or are to be encoded."""
        if not len(self.file):
            return
        cuts = np.flatnonzero(np.diff(self.file)) + 1
        for low, high in pairwise([0, *cuts.tolist(), len(self.file)]):
            yield int(self.file[low]), low, high


def passing_chunks(plan: KeyPlan, storage: Storage) -> PassingChunks:
    """Find the chunks that can be passed on."""
    chunks = storage.chunks or (max(1, plan.rows.total), *plan.shape[1:])
    file, first = plan.rows.chunks(chunks[0])
    inner = prod(-(-n // c) for n, c in zip(plan.shape[1:], chunks[1:], strict=True))
    if storage.chunks is None or not plan.is_whole:
        return PassingChunks(np.full_like(file, -1), first, inner, {})
    passable: dict[int, ChunkIndex] = {}
    for number in plan.rows.files:
        rows, index = _passable(plan, number, storage)
        here = file == number
        if index is None:
            file[here] = -1
        else:
            passable[number] = index
            file[here & ~_aligned(first, plan.rows.total, chunks[0], rows)] = -1
    return PassingChunks(file, first // chunks[0], inner, passable)


def passed_bytes(passing: PassingChunks) -> int:
    """Give the bytes of all chunks that are passed on: the new file has at least these."""
    total = 0
    for number, low, high in passing.runs():
        if number >= 0:
            sizes = passing.index[number].size.reshape(-1, passing.inner).sum(axis=1)
            total += int(sizes[passing.row[low:high]].sum())
    return total


def _passable(plan: KeyPlan, number: int, storage: Storage) -> tuple[int, ChunkIndex | None]:
    """Give rows and chunks in one file, if these are like those to be written."""
    # What a map of the run remembers is good enough to read, where chunks are decoded and so
    # checked. A copy that is kept goes by what the file itself says.
    handle = plan.stored.files[number].handle
    with opened(handle, plan.stored_path) as (file, dataset):
        layout = examined(file, dataset)
        alike = layout.chunks == storage.chunks and layout.filters == storage.filters
        if not alike or file.userblock_size or not _same(layout.fill_value, storage.fill_value):
            return layout.rows, None
        return layout.rows, chunks_of(layout, dataset)


def _same(one: Any, other: Any) -> bool:
    # NaN is a common fill value.
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


def _aligned(first: I64, total: int, length: int, stored_rows: int) -> NDArray[np.bool_]:
    """Tell where a chunk's rows are a whole chunk of the file, nothing more and nothing less."""
    low = np.arange(len(first)) * length
    rows = np.minimum(low + length, total) - low
    # What a last chunk holds beyond its rows must be padding there too, not data left out here.
    ends: NDArray[np.bool_] = (rows == length) | (first + rows == stored_rows)
    ends &= first % length == 0
    return ends


def pass_chunks(
    plan: KeyPlan, passing: PassingChunks, run: tuple[int, int, int], made: h5py.Dataset
) -> Iterator[int]:
    """Copy stretches of chunks, some megabytes at a time.

    Yields
    ------
    int
        Rows of chunks that are done.
    """
    number, low, high = run
    handle = plan.stored.files[number].handle
    index, inner = passing.index[number], passing.inner
    source = (passing.row[low:high, None] * inner + np.arange(inner)).reshape(-1)
    target = (np.arange(low, high)[:, None] * inner + np.arange(inner)).reshape(-1)
    writer = _ChunkWriter(made)
    handle.check()
    for begin, end in _batches(index.size[source]):
        some = source[begin:end]
        with handle.fd() as fd:
            buffer = _stored_bytes(fd, handle, plan, index, some)
        writer.write(target[begin:end], index, some, buffer)
        yield end // inner - begin // inner
    handle.check()


def _batches(sizes: I64) -> Iterator[tuple[int, int]]:
    """Cut a list of chunks where their bytes make up a batch."""
    ends = np.cumsum(sizes)
    begin = 0
    while begin < len(sizes):
        before = int(ends[begin - 1]) if begin else 0
        end = int(np.searchsorted(ends, before + BATCH_BYTES, side="right"))
        end = max(end, begin + 1)
        yield begin, end
        begin = end


def _stored_bytes(
    fd: int, handle: FileHandle, plan: KeyPlan, index: ChunkIndex, chunks: I64
) -> memoryview:
    """Read chunks one after the other, neighbours in the file together."""
    address, size = index.address[chunks], index.size[chunks]
    buffer = np.empty(int(size.sum()), np.uint8).data
    apart = np.flatnonzero(address[1:] != address[:-1] + size[:-1]) + 1
    place = np.concatenate([[0], np.cumsum(size)])
    for low, high in pairwise([0, *apart.tolist(), len(chunks)]):
        start, stop = int(place[low]), int(place[high])
        if start == stop:
            continue
        try:
            read_exactly(fd, [buffer[start:stop]], int(address[low]))
        except (CutOffError, OSError) as exc:
            reason = "the file ends before the data does" if isinstance(exc, CutOffError) else exc
            raise DataError(
                f"{handle.path}: {plan.stored_path} cannot be read: {reason}",
                file=handle.path,
                source=plan.stored.source,
                key=plan.key,
            ) from exc
    return buffer


class _ChunkWriter:
    """Puts stored chunks into a dataset."""

    def __init__(self, made: h5py.Dataset) -> None:
        self._id: h5d.DatasetID = made.id
        self._chunks = made.chunks
        self._grid = tuple(-(-n // c) for n, c in zip(made.shape, made.chunks, strict=True))

    def write(self, target: I64, index: ChunkIndex, source: I64, buffer: memoryview) -> None:
        """Write chunks that follow each other in a buffer; those never written stay so."""
        places = np.stack(np.unravel_index(target, self._grid), axis=1) * self._chunks
        size, mask = index.size[source].tolist(), index.mask[source].tolist()
        written = (index.address[source] >= 0).tolist()
        at = 0
        for i, place in enumerate(places.tolist()):
            if written[i]:
                self._id.write_direct_chunk(tuple(place), buffer[at : at + size[i]], mask[i])
                at += size[i]
