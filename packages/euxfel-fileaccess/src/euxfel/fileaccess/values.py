"""Single values in METADATA, RUN and attributes, as plain Python and NumPy objects."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from .h5read import dataset_paths, decode, read_small
from .names import path_to_key
from .sections import run_path


def as_text(value: Any) -> Any:
    """Turn bytes, also inside object and fixed-length string arrays, into ``str``."""
    if isinstance(value, bytes):
        return decode(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "OS":
        text = np.empty(value.shape, dtype=object)
        text.ravel()[:] = [decode(v) for v in value.ravel().tolist()]
        return text
    return value


def file_metadata(file: h5py.File) -> dict[str, Any]:
    """Read the one-element datasets of METADATA: creation date, proposal, run and so on."""
    found = {}
    for name in dataset_paths(file, "METADATA"):
        values = None if "/" in name else read_small(file, f"METADATA/{name}")
        if values is not None and values.shape == (1,):
            found[name] = as_text(values[0])
    return found


def run_keys(file: h5py.File, source: str) -> list[str]:
    """List the keys of a source's RUN snapshot."""
    return [path_to_key(path) for path in dataset_paths(file, run_path(source))]


def run_value(file: h5py.File, source: str, key: str) -> Any | None:
    """Read one value of the RUN snapshot; None if there is no such key."""
    values = read_small(file, run_path(source, key))
    if values is None or not values.size:
        return None
    return as_text(values[0] if values.ndim else values[()])


def read_attributes(file: h5py.File, path: str) -> dict[str, Any]:
    """Read the Karabo attributes of an object; one that cannot be read is left out."""
    found = {}
    attrs = file[path].attrs
    for name in attrs:
        try:
            found[name] = as_text(attrs[name])
        except (OSError, TypeError, ValueError, RuntimeError):
            # Data must never fail because of its metadata.
            continue
    return found
