"""From entries to arrays: the requests that the read engine gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import DataError, ReadRequest, name_trains, read

from .entries import EntryTable
from .source_files import SourceFiles

Roi = tuple[Any, ...]


def normalised_roi(roi: Any) -> Roi:
    """Bring a region of interest into the form of a tuple of indexes for the inner axes."""
    value = getattr(roi, "value", roi)
    return value if isinstance(value, tuple) else (value,)


def roi_shape(entry_shape: tuple[int, ...], roi: Roi) -> tuple[int, ...]:
    """Give the shape of one row after a region of interest was cut out.

    Raises
    ------
    IndexError
        If the region has more axes than a row, or names a position outside of it.
    """
    # A view of one byte in every dimension: NumPy's own rules, without the memory.
    return np.broadcast_to(np.int8(0), entry_shape)[roi].shape


def requests(
    stored: SourceFiles, key: str, entries: EntryTable, roi: Roi, out: NDArray[Any]
) -> Iterator[ReadRequest]:
    """Give what to read for some entries of a key, and where in ``out`` it goes."""
    path = stored.section.data_path(stored.source, key)
    for rows in entries.by_file():
        handle = stored.files[rows.file].handle
        yield ReadRequest(handle, path, rows.ranges, out[rows.start : rows.stop], roi)


def read_rows(
    stored: SourceFiles, key: str, entries: EntryTable, roi: Roi, out: NDArray[Any]
) -> None:
    """Read the rows of some entries into an array.

    Raises
    ------
    DataError
        If the index contradicts the data, or data cannot be decoded; it names dataset, file
        and trains.
    """
    stored.check_rows(key, entries)
    execute(requests(stored, key, entries, roi, out), stored.source, key, entries.train_ids)


def execute(
    wanted: Iterable[ReadRequest], source: str, key: str, train_ids: NDArray[np.uint64]
) -> None:
    """Run requests, adding source and trains to what goes wrong."""
    try:
        read(list(wanted))
    except DataError as exc:
        if exc.trains:
            raise
        raise DataError(
            f"{exc.message}; while reading {source} {key}, {name_trains(train_ids)}",
            file=exc.file,
            source=source,
            key=key,
            trains=train_ids.tolist(),
        ) from exc


def decode_strings(values: NDArray[Any]) -> NDArray[Any]:
    """Turn stored bytes into ``str``; other data is returned as it is."""
    if values.dtype.kind not in "OS":
        return values
    text = np.empty(values.shape, dtype=object)
    flat = text.reshape(-1)
    flat[:] = [_decoded(v) for v in values.reshape(-1).tolist()]
    return text


def _decoded(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
