"""The limit of row 4: the same bytes with plain preadv, into one array."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from makers import agipd

THREADS = 2
LARGEST_READ = 16 << 20

# Where a run of neighbouring chunks begins in the file and in the result, and its length.
Run = tuple[int, int, int]


def read_images(folder: Path) -> Callable[[], NDArray[Any]]:
    """Prepare to read the unfiltered pixels of all the modules."""
    files = sorted(folder.glob("RAW-*-AGIPD*.h5"))
    shapes, dtypes, runs = zip(*map(_layout, files, range(len(files))), strict=True)

    def work() -> NDArray[Any]:
        result = np.empty((len(files), *shapes[0]), dtypes[0])
        modules = [memoryview(module.reshape(-1).view(np.uint8)) for module in result]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(_read_file, files, modules, runs))
        return result

    return work


def _layout(path: Path, module: int) -> tuple[tuple[int, ...], np.dtype[Any], list[Run]]:
    with h5py.File(path, "r") as file:
        dataset = file[f"INSTRUMENT/{agipd.source_name(module)}/image/data"]
        return dataset.shape, dataset.dtype, list(_merged(dataset))


def _merged(dataset: h5py.Dataset) -> Iterator[Run]:
    """Runs of chunks that are neighbours in the file and in the result."""
    stored: list[Any] = []
    dataset.id.chunk_iter(stored.append)
    stored.sort(key=lambda chunk: chunk.chunk_offset[0])
    start = end = target = 0
    for number, chunk in enumerate(stored):
        if chunk.byte_offset != end or end - start >= LARGEST_READ:
            if end > start:
                yield start, target, end - start
            start, target = chunk.byte_offset, number * chunk.size
            end = start
        end += chunk.size
    yield start, target, end - start


def _read_file(path: Path, module: memoryview, runs: list[Run]) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        for offset, target, length in runs:
            done = 0
            while done < length:
                view = module[target + done : target + length]
                done += os.preadv(descriptor, [view], offset + done)
    finally:
        os.close(descriptor)
