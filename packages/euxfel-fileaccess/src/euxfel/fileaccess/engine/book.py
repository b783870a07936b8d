"""Layouts and chunk tables of many datasets as a few arrays, to be kept beside a run.

The first look at a dataset takes several calls of the HDF5 library; a run has tens of thousands
of them. What was seen once is written down for later openings and other processes. What comes
back was on disk between: it is checked before it counts, and plans check every address again.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chunk_table import GRID_MAX, NOWHERE, ChunkIndex
from .layout import KNOWN_FILTERS, DatasetLayout, LayoutKind

Arrays = Mapping[str, NDArray[Any]]

# Types whose name says all about them.
_PLAIN = "biuf"
_PLAIN_NAME = re.compile(rf"[<>|][{_PLAIN}][0-9]{{1,2}}")
_KINDS = (LayoutKind.CONTIGUOUS, LayoutKind.CHUNKED)
_FILTERS = tuple(KNOWN_FILTERS)
_AXES_MAX = 8
_NAMES_MAX = 256 << 20
# Chunks of one dataset, and of all datasets of a file: a larger table is made again in less time.
_CHUNKS_MAX, _CHUNKS_OF_FILE_MAX = 1 << 16, 1 << 19
_PARTS = ("names", "dtypes", "numbers", "dims", "fills", "chunks")


@dataclass(frozen=True, slots=True, eq=False)
class LayoutBook:
    """Layouts of a file's datasets, and where their chunks lie, looked up by path.

    Attributes
    ----------
    rows : dict of str to int
        Position of a dataset in the arrays.
    dtypes : tuple of numpy.dtype
        The types that occur.
    numbers : ndarray of int64, shape (datasets, 5)
        Positions of type, kind and filters in their tables; axes; chunks.
    dims, dims_start : ndarray of int64
        Shapes, and for chunked datasets the shape of a chunk, one after the other; where the
        numbers of each dataset start.
    fills, fills_start : ndarray
        Fill values as bytes, and where that of each dataset starts.
    address, size, chunks_start : ndarray of int64
        Where chunks lie, and where the chunks of each dataset start.
    """

    rows: dict[str, int]
    dtypes: tuple[np.dtype[Any], ...]
    numbers: NDArray[np.int64]
    dims: NDArray[np.int64]
    dims_start: NDArray[np.int64]
    fills: NDArray[np.uint8]
    fills_start: NDArray[np.int64]
    address: NDArray[np.int64]
    size: NDArray[np.int64]
    chunks_start: NDArray[np.int64]

    def find(self, dataset: str) -> tuple[DatasetLayout, ChunkIndex] | None:
        """Give layout and chunks of a dataset; None if they are not in the book."""
        row = self.rows.get(dataset)
        if row is None:
            return None
        dtype_no, kind_no, axes, filter_no, chunks = self.numbers[row].tolist()
        start = int(self.dims_start[row])
        dims = self.dims[start : start + axes * (1 + kind_no)].tolist()
        dtype, kind = self.dtypes[dtype_no], _KINDS[kind_no]
        shape = tuple(dims[:axes])
        fill_start = int(self.fills_start[row])
        fill = self.fills[fill_start : fill_start + dtype.itemsize].view(dtype)[0]
        layout = DatasetLayout(
            shape=shape,
            dtype=dtype,
            entry_shape=shape[1:],
            kind=kind,
            chunks=tuple(dims[axes:]) or None,
            filters=_FILTERS[filter_no],
            fill_value=fill,
            direct=True,
        )
        here = slice(int(self.chunks_start[row]), int(self.chunks_start[row]) + chunks)
        index = ChunkIndex(self.address[here], self.size[here], np.zeros(chunks, np.uint32))
        return layout, index


def pack_layouts(known: Iterable[tuple[str, DatasetLayout, ChunkIndex]]) -> dict[str, NDArray[Any]]:
    """Give layouts and chunk tables as arrays that a map can keep.

    Left out is what a later opening had better look up again: types that are more than a
    number, skipped filters, tables that are too large. Empty if nothing is left.
    """
    kept = list(keepable(known))
    if not kept:
        return {}
    dtypes = list(dict.fromkeys(layout.dtype.str for _, layout, _ in kept))
    numbers = [
        (
            dtypes.index(layout.dtype.str),
            _KINDS.index(layout.kind),
            len(layout.shape),
            _FILTERS.index(layout.filters),
            len(index.address),
        )
        for _, layout, index in kept
    ]
    dims = [n for _, layout, _ in kept for n in (*layout.shape, *(layout.chunks or ()))]
    fills = [np.asarray(layout.fill_value, layout.dtype).tobytes() for _, layout, _ in kept]
    # Chunks mostly follow each other: the gaps between them take next to nothing.
    gaps = [np.diff(i.address, prepend=0) - np.append(0, i.size[:-1]) for *_, i in kept]
    chunks = np.concatenate([*gaps, *(index.size for *_, index in kept)])
    found: dict[str, NDArray[Any]] = {
        "names": _squeezed("\n".join(path for path, _, _ in kept).encode()),
        "dtypes": np.frombuffer("\n".join(dtypes).encode(), np.uint8),
        "numbers": np.array(numbers, np.int64),
        "dims": np.array(dims, np.int64),
        "fills": np.frombuffer(b"".join(fills), np.uint8),
        "chunks": _squeezed(chunks.astype("<i8").tobytes()),
    }
    return {f"layouts/{name}": array for name, array in found.items()}


def unpack_layouts(arrays: Arrays) -> LayoutBook | None:
    """Give the book that arrays were made of; None if they are none, or make no sense."""
    try:
        parts = [arrays[f"layouts/{name}"] for name in _PARTS]
    except KeyError:
        return None
    try:
        return _read_book(*parts)
    except (ValueError, TypeError, OverflowError, zlib.error):
        return None


def keepable(
    known: Iterable[tuple[str, DatasetLayout, ChunkIndex]],
) -> Iterator[tuple[str, DatasetLayout, ChunkIndex]]:
    """Leave out what a book does not hold."""
    left = _CHUNKS_OF_FILE_MAX
    for path, layout, index in known:
        n = len(index.address)
        plain = layout.direct and layout.dtype.kind in _PLAIN and layout.dtype.metadata is None
        if not plain or "\n" in path or len(layout.shape) > _AXES_MAX or not 0 < n <= _CHUNKS_MAX:
            continue
        if index.mask.any() or (index.address < 0).any():
            continue
        left -= n
        if left >= 0:
            yield path, layout, index


def _read_book(
    names: NDArray[Any],
    dtypes: NDArray[Any],
    numbers: NDArray[Any],
    dims: NDArray[Any],
    fills: NDArray[Any],
    chunks: NDArray[Any],
) -> LayoutBook:
    paths = _stretched(names, _NAMES_MAX).decode().split("\n")
    types = tuple(_dtype(text) for text in dtypes.tobytes().decode().split("\n"))
    if numbers.dtype != np.int64 or numbers.shape != (len(paths), 5) or fills.dtype != np.uint8:
        raise ValueError("a book of layouts does not fit together")
    limits = (len(types), len(_KINDS), _AXES_MAX + 1, len(_FILTERS), _CHUNKS_MAX + 1)
    if (numbers < (0, 0, 1, 0, 1)).any() or (numbers >= limits).any():
        raise ValueError("a number in a book of layouts is out of bounds")
    n_dims = numbers[:, 2] * (1 + numbers[:, 1])
    itemsize = np.array([dtype.itemsize for dtype in types])[numbers[:, 0]]
    _check_dims(dims, numbers, n_dims)
    if fills.shape != (itemsize.sum(),):
        raise ValueError("a book of layouts lacks fill values")
    total = int(numbers[:, 4].sum())
    table = np.frombuffer(_stretched(chunks, 16 * total), "<i8").astype(np.int64, copy=False)
    if len(table) != 2 * total:
        raise ValueError("a book of layouts lacks chunks")
    gaps, size = table[:total], table[total:]
    address = _addresses(gaps, size, numbers[:, 4])
    if (address < 0).any() or (size < 0).any() or (size > NOWHERE).any():
        raise ValueError("a chunk in a book of layouts lies nowhere")
    rows = {path: i for i, path in enumerate(paths)}
    return LayoutBook(
        rows, types, numbers, dims, _starts(n_dims), fills, _starts(itemsize),
        address, size, _starts(numbers[:, 4]),
    )  # fmt: skip


def _check_dims(dims: NDArray[Any], numbers: NDArray[np.int64], n_dims: NDArray[np.int64]) -> None:
    if dims.dtype != np.int64 or dims.shape != (n_dims.sum(),) or (dims < 0).any():
        raise ValueError("a shape in a book of layouts makes no sense")
    flat = dims.tolist()
    for start, axes, kind, chunks in zip(
        _starts(n_dims).tolist(), *numbers[:, [2, 1, 4]].T.tolist(), strict=True
    ):
        shape = flat[start : start + axes]
        lengths = flat[start + axes : start + axes * (1 + kind)] if kind else shape
        if (kind and 0 in lengths) or prod(shape) > NOWHERE:
            raise ValueError("a shape in a book of layouts makes no sense")
        grid = prod(-(-n // c) for n, c in zip(shape, lengths, strict=True)) if kind else 1
        if grid != chunks or grid > GRID_MAX:
            raise ValueError("a dataset in a book of layouts has another number of chunks")


def _addresses(
    gaps: NDArray[np.int64], size: NDArray[np.int64], chunks: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Undo the differences, which start anew with each dataset."""
    first = _starts(chunks)
    step = gaps.copy()
    step[1:] += size[:-1]
    step[first] = gaps[first]
    total = np.cumsum(step)
    before = np.repeat(total[first] - gaps[first], chunks)
    addresses: NDArray[np.int64] = total - before
    return addresses


def _starts(counts: NDArray[Any]) -> NDArray[np.int64]:
    ends: NDArray[np.int64] = np.cumsum(counts, dtype=np.int64)
    return ends - counts.astype(np.int64)


def _dtype(text: str) -> np.dtype[Any]:
    # NumPy takes much else for a type, and raises what it likes for the rest.
    if _PLAIN_NAME.fullmatch(text):
        dtype = np.dtype(text)
        if dtype.str == text:
            return dtype
    raise ValueError("a type in a book of layouts is no plain number")


def _squeezed(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(zlib.compress(content, 1), np.uint8)


def _stretched(stored: NDArray[Any], limit: int) -> bytes:
    if stored.dtype != np.uint8:
        raise ValueError("a part of a book of layouts is not bytes")
    inflater = zlib.decompressobj()
    content = inflater.decompress(stored.tobytes(), limit)
    if not inflater.eof:
        raise ValueError("a part of a book of layouts is cut short or too large")
    return content
