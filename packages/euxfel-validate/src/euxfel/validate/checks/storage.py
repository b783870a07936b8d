"""Checks that read everything: whether all data can be decoded."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from euxfel.fileaccess import (
    DataError,
    EuxfelError,
    FileHandle,
    ProblemKind,
    ReadRequest,
    dataset_layout,
    read,
)
from euxfel.fileaccess.engine.known import chunk_index
from euxfel.fileaccess.engine.layout import DatasetLayout

from ..file_contents import FileContents, Stored
from ..finding import Finding, Severity
from ..registry import file_check

BLOCK_BYTES = 32 << 20


@file_check(Severity.ERROR, deep=True)
def data_readable(contents: FileContents) -> Iterator[Finding]:
    """Stored data cannot be read or decoded.

    Chunks are damaged, or lie behind the end of the file. Reading their trains raises an error.
    Copy the file again from the archive.
    """
    for datasets in contents.survey.stored.values():
        for dataset in datasets:
            yield from _unreadable(contents.file.handle, dataset)


def _unreadable(handle: FileHandle, dataset: Stored) -> Iterator[Finding]:
    faults = list(_faults(handle, dataset.path))
    if faults:
        more = f" (and {len(faults) - 1} more blocks)" if len(faults) > 1 else ""
        yield Finding(
            ProblemKind.DAMAGED_DATA, faults[0] + more, dataset=dataset.path, source=dataset.source
        )


def _faults(handle: FileHandle, path: str) -> Iterator[str]:
    try:
        layout = dataset_layout(handle, path)
        blocks = _blocks(handle, path, layout)
    except EuxfelError as exc:
        yield str(exc)
        return
    for start, stop in blocks:
        try:
            _read(handle, path, layout, start, stop)
        except (EuxfelError, MemoryError) as exc:
            yield str(exc)


def _blocks(handle: FileHandle, path: str, layout: DatasetLayout) -> list[tuple[int, int]]:
    """Give ranges of rows to be read at once: whole chunks, never-written ones left out."""
    if not layout.rows or not prod(layout.entry_shape):
        return []
    row_bytes = max(1, prod(layout.entry_shape) * layout.dtype.itemsize)
    most = max(1, BLOCK_BYTES // row_bytes)
    step = layout.chunks[0] if layout.chunks else most
    starts = np.arange(0, layout.rows, step)
    index = chunk_index(handle, path)
    if index is not None and layout.chunks:
        starts = starts[(index.address >= 0).reshape(len(starts), -1).any(axis=1)]
    return _joined(starts.tolist(), step, layout.rows, most)


def _joined(starts: list[int], step: int, rows: int, most: int) -> list[tuple[int, int]]:
    """Put neighbouring chunks together, up to so many rows."""
    joined: list[tuple[int, int]] = []
    for start in starts:
        stop = min(start + step, rows)
        if joined and joined[-1][1] == start and stop - joined[-1][0] <= most:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined


def _read(handle: FileHandle, path: str, layout: DatasetLayout, start: int, stop: int) -> None:
    shape = (stop - start, *layout.entry_shape)
    if prod(shape) * layout.dtype.itemsize > 64 * BLOCK_BYTES:
        message = f"a chunk of {path} claims {prod(shape) * layout.dtype.itemsize} bytes"
        raise DataError(message, file=handle.path)
    rows = np.array([[start, stop]], np.int64)
    read([ReadRequest(handle, path, rows, np.empty(shape, layout.dtype))])
