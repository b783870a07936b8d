"""Small datasets, read with the fewest library calls.

Opening a run reads a handful of small datasets from each of hundreds of files, and h5py's
high-level objects cost more than the reading. Everything here takes h5py's low-level file
and gives plain arrays.
"""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5o, h5s, h5t
from numpy.typing import NDArray

# The largest dataset that is read whole as metadata: 40 million trains are 4 months.
MAX_BYTES = 320_000_000


def exists(file: h5py.File, path: str) -> bool:
    """Whether there is an object at a path, soft links included."""
    return file.get(path, getclass=True) is not None


def has_dataset(file: h5py.File, path: str) -> bool:
    """Whether there is a dataset at a path, soft links included."""
    return _open_dataset(file, path) is not None


def read_small(file: h5py.File, path: str) -> NDArray[Any] | None:
    """Read a small dataset whole; None if there is no dataset at the path.

    Raises
    ------
    ValueError
        If the dataset claims more than 320 MB: a damaged header must not fill the memory.
    """
    dataset = _open_dataset(file, path)
    if dataset is None:
        return None
    space = dataset.get_space()
    dtype = dataset.dtype
    if space.get_simple_extent_npoints() * dtype.itemsize > MAX_BYTES:
        raise ValueError(f"dataset {path} has {space.get_simple_extent_dims()} elements")
    out = np.zeros(space.get_simple_extent_dims(), dtype=dtype)
    if out.size:
        dataset.read(h5s.ALL, h5s.ALL, out)
    return out


def _open_dataset(file: h5py.File, path: str) -> h5d.DatasetID | None:
    try:
        found = h5o.open(file.id, path.encode())
    except KeyError:
        return None
    return found if isinstance(found, h5d.DatasetID) else None


def read_strings(file: h5py.File, path: str) -> list[str]:
    """Read a dataset of names, padding left out; empty if there is none."""
    dataset = _open_dataset(file, path)
    if dataset is None or dataset.get_type().get_class() != h5t.STRING:
        return []
    values = read_small(file, path)
    assert values is not None
    return [decode(v) for v in values.ravel().tolist() if v]


def decode(value: bytes | str) -> str:
    """Decode text as it is stored: UTF-8, with bytes that are not kept visible."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return value


def dataset_paths(file: h5py.File, path: str) -> list[str]:
    """List the datasets anywhere below a group, as paths relative to it."""
    try:
        group = h5o.open(file.id, path.encode())
    except KeyError:
        return []
    found: list[str] = []

    def visit(name: bytes, info: Any) -> None:
        if info.type == h5o.TYPE_DATASET:
            found.append(decode(name))

    h5o.visit(group, visit, info=True)
    return found
