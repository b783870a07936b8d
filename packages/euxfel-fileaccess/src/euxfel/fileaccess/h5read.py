"""Small datasets, read with the fewest library calls.

Opening a run reads a handful of small datasets from each of hundreds of files, and h5py's
high-level objects cost more than the reading. Everything here takes h5py's low-level file
and gives plain arrays; of a file that is open only for a moment, `direct` reads what it can.
"""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import Any, Protocol

import h5py
import numpy as np
from h5py import h5d, h5f, h5g, h5l, h5o, h5s, h5t
from numpy.typing import NDArray

from .brief import BriefFile
from .chunk_records import records_in
from .direct import DirectFile, UnfamiliarError

# The largest dataset that is read whole as metadata: 40 million trains are 4 months.
MAX_BYTES = 320_000_000
# Soft links that lead to each other: more than any file has, short of a loop.
LINKS_MAX = 8


class OpenFile(Protocol):
    """An open file: what :class:`h5py.File` has, and all that is needed here."""

    @property
    def id(self) -> h5f.FileID:
        """The library's own identifier."""

    @property
    def filename(self) -> str:
        """Path of the file."""


def has_member(file: OpenFile, path: str) -> bool:
    """Whether the group that a path leads through, which has to be there, has that member."""
    if direct := _direct(file):
        with suppress(UnfamiliarError):
            return direct.has(path)
    found: bool = file.id.links.exists(path.encode())
    return found


def link_target(file: OpenFile, path: str) -> str | None:
    """Where the soft link at a path leads; None if there is no such link."""
    if direct := _direct(file):
        with suppress(UnfamiliarError):
            target = direct.link_target(path)
            return None if target is None else decode(target)
    name = path.encode()
    try:
        if file.id.links.get_info(name).type != h5l.TYPE_SOFT:
            return None
        return decode(file.id.links.get_val(name))
    except (KeyError, RuntimeError):
        # Nothing is there; damage shows when the data is asked for.
        return None


def _direct(file: OpenFile) -> DirectFile | None:
    """The file's bytes, if small datasets may be read from them."""
    return file.direct if isinstance(file, BriefFile) else None


def has_dataset(file: OpenFile, path: str) -> bool:
    """Whether there is a dataset at a path, soft links included."""
    return _open_dataset(file, path) is not None


def read_small(file: OpenFile, path: str) -> NDArray[Any] | None:
    """Read a small dataset whole; None if there is no dataset at the path.

    Raises
    ------
    ValueError
        If the dataset claims more than 320 MB: a damaged header must not fill the memory.
    """
    if direct := _direct(file):
        with suppress(UnfamiliarError):
            return direct.read_integers(path)
    dataset = _open_dataset(file, path)
    return None if dataset is None else read_whole(dataset, path)


def read_whole(dataset: h5d.DatasetID, path: str) -> NDArray[Any]:
    """Read a small dataset that is open.

    Raises
    ------
    ValueError
        If it claims more than 320 MB.
    """
    shape = dataset.shape
    dtype = known_type(dataset.dtype)
    if prod(shape) * dtype.itemsize > MAX_BYTES:
        raise ValueError(f"dataset {path} has {shape} elements")
    out = np.zeros(shape, dtype=dtype)
    if out.size:
        dataset.read(h5s.ALL, h5s.ALL, out)
        _check_empty(dataset, out)
    return out


def _check_empty(dataset: h5d.DatasetID, values: NDArray[Any]) -> None:
    """Raise ValueError if values are empty because their chunks were not found."""
    if np.count_nonzero(values) == values.size:
        return
    created = dataset.get_create_plist()
    if created.get_layout() == h5d.CHUNKED:
        records_in(dataset, values.shape, created.get_chunk())


def known_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give a type as it is, if it is one that data files have.

    Raises
    ------
    ValueError
        For lists of variable length and references. A type of text that is damaged looks like
        one, and reading it crashes the HDF5 library.
    """
    if dtype.kind == "O" and h5py.check_string_dtype(dtype) is None:
        raise ValueError("values are of a type that data files do not have")
    return dtype


def _open_dataset(file: OpenFile, path: str) -> h5d.DatasetID | None:
    found = _open(file, path)
    return found if isinstance(found, h5d.DatasetID) else None


def _open(file: OpenFile, path: str) -> Any | None:
    """Open what is at a path; None if there is nothing, an exception if it is damaged."""
    try:
        return h5o.open(file.id, path.encode())
    except KeyError:
        # The same exception stands for an object that is there and cannot be opened.
        if _is_absent(file, path):
            return None
        raise


def _is_absent(file: OpenFile, path: str, depth: int = 0) -> bool:
    """Whether a path leads nowhere; raises where it leads to something damaged."""
    here = h5o.open(file.id, b"/")
    parts = path.strip("/").split("/")
    for n, part in enumerate(parts, start=1):
        name = part.encode()
        if not isinstance(here, h5g.GroupID) or not here.links.exists(name):
            return True
        if here.links.get_info(name).type == h5l.TYPE_SOFT and depth < LINKS_MAX:
            target = decode(here.links.get_val(name))
            start = "/" if target.startswith("/") else "/".join(parts[: n - 1])
            return _is_absent(file, "/".join([start, target, *parts[n:]]), depth + 1)
        here = h5o.open(here, name)
    return False


def read_strings(file: OpenFile, path: str) -> list[str] | None:
    """Read a dataset of names, padding left out; None if there is none."""
    if direct := _direct(file):
        with suppress(UnfamiliarError):
            texts = direct.read_texts(path)
            return None if texts is None else [decode(text) for text in texts if text]
    dataset = _open_dataset(file, path)
    if dataset is None or dataset.get_type().get_class() != h5t.STRING:
        return None
    return [decode(v) for v in read_whole(dataset, path).ravel().tolist() if v]


def decode(value: bytes | str) -> str:
    """Decode text as it is stored: UTF-8, with bytes that are not kept visible."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return value


def dataset_paths(file: OpenFile, path: str) -> list[str]:
    """List the datasets anywhere below a group, as paths relative to it."""
    group = _open(file, path)
    if group is None:
        return []
    found: list[str] = []

    def visit(name: bytes, info: Any) -> None:
        if info.type == h5o.TYPE_DATASET:
            found.append(decode(name))

    h5o.visit(group, visit, info=True)
    return found
