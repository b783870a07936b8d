"""From entries to arrays: the requests that the read engine gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import DataError, ReadRequest, engine, name_trains

from .allocation import allocated
from .entries import EntryTable
from .region import Basic, Region
from .source_files import SourceFiles


def requests(
    stored: SourceFiles, key: str, entries: EntryTable, roi: Basic, out: NDArray[Any]
) -> Iterator[ReadRequest]:
    """Give what to read for some entries of a key, and where in ``out`` it goes."""
    path = stored.section.data_path(stored.source, key)
    for rows in entries.pieces:
        handle = stored.files[rows.file].handle
        yield ReadRequest(handle, path, rows.ranges, out[rows.start : rows.stop], roi)


def read_rows(
    stored: SourceFiles, key: str, entries: EntryTable, region: Region, out: NDArray[Any]
) -> None:
    """Read the rows of some entries into an array.

    Raises
    ------
    DataError
        If the index contradicts the data, or data cannot be decoded; it names dataset, file
        and trains.
    """
    stored.check_rows(key, entries)
    into = out
    if region.picked:
        what = f"{stored.source} {key}"
        into = allocated((entries.n_rows, *region.read_shape), out.dtype, what)
    wanted = requests(stored, key, entries, region.basic, into)
    execute(wanted, stored.source, key, entries.train_ids)
    if region.picked:
        out[...] = region.pick(into)


def execute(
    wanted: Iterable[ReadRequest], source: str, key: str, train_ids: NDArray[np.uint64]
) -> None:
    """Run requests, adding source and trains to what goes wrong."""
    try:
        engine.read(list(wanted))
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
