"""A reader made of h5py alone: what is written is judged by nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray


def _rows_of_each_train(h5: h5py.File, index_path: str) -> list[range]:
    index = h5[index_path]
    first = [int(n) for n in index["first"][:]]
    if "count" in index:
        counts = [int(n) for n in index["count"][:]]
    else:
        last = [int(n) for n in index["last"][:]]
        status = [int(n) for n in index["status"][:]]
        counts = [(b - a + 1) * s for a, b, s in zip(first, last, status, strict=True)]
    return [range(a, a + n) for a, n in zip(first, counts, strict=True)]


def _read(path: Path, index_path: str, dataset_path: str) -> dict[int, NDArray[Any]]:
    with h5py.File(path) as h5:
        train_ids = [int(t) for t in h5["INDEX/trainId"][:]]
        dataset = h5[dataset_path]
        text = h5py.check_string_dtype(dataset.dtype)
        values = dataset.asstr()[:] if text else dataset[:]
        ranges = _rows_of_each_train(h5, index_path)
    return {
        t: values[np.array(rows, dtype=int)] for t, rows in zip(train_ids, ranges, strict=True) if t
    }


@pytest.fixture
def read_by_train() -> Callable[[Path, str, str], dict[int, NDArray[Any]]]:
    """Function (file, index path, dataset path) -> the rows of each train."""
    return _read
