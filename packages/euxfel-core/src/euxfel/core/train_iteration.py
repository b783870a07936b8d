"""Going through data train by train, without paying for each train.

Trains are read in blocks, all keys of a block in one go of the read engine, and the next
block is read in the background while the present one is handed out. There is one
implementation: a single key is a table with one column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import ReadRequest

from .allocation import allocated
from .entries import EntryTable
from .reading import decode_strings, execute, requests
from .selection import Scope, SelectedSource
from .source_files import KeyLayout

if TYPE_CHECKING:
    from .keydata import KeyData

# Two blocks are in memory at a time; a train larger than this is a block of its own.
BLOCK_BYTES = 64 * 2**20
BLOCK_TRAINS = 256

METADATA = "metadata"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One key to go through.

    Attributes
    ----------
    selected : SelectedSource
        The source.
    key : str
        Full name of the key.
    entries : EntryTable
        Rows of the selected trains.
    layout : KeyLayout
        Type and shape of a row.
    """

    selected: SelectedSource
    key: str
    entries: EntryTable
    layout: KeyLayout

    @classmethod
    def of(cls, selected: SelectedSource, key: str, scope: Scope) -> Column:
        """Look up rows and layout of a key, and refuse what cannot be read."""
        entries = selected.entries(selected.section.index_group(key), scope)
        selected.stored.check_rows(key, entries)
        return cls(selected, key, entries, selected.layout(key, entries))

    @property
    def row_bytes(self) -> int:
        """Size of one row in memory."""
        return self.layout.dtype.itemsize * int(np.prod(self.layout.entry_shape, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Data of one key for a block of trains, and where each train's rows are."""

    data: NDArray[Any]
    start: NDArray[np.int64]
    count: NDArray[np.int64]

    def train(self, i: int, keep_dims: bool) -> Any:
        """Give the data of the i-th train of the block."""
        start, count = int(self.start[i]), int(self.count[i])
        if count == 1 and not keep_dims:
            return self.data[start]
        return self.data[start : start + count]


def iterate_key(kd: KeyData, keep_dims: bool, include_empty: bool) -> Iterator[tuple[int, Any]]:
    """Go through the trains of one key."""
    scope = kd._scope
    column = Column.of(kd._selected, kd.key, scope)
    for train_ids, (part,) in blocks([column], scope.train_ids):
        for i, tid in enumerate(train_ids):
            if part.count[i]:
                yield tid, part.train(i, keep_dims)
            elif include_empty:
                yield tid, part.train(i, keep_dims=True)


def iterate_trains(
    columns: Sequence[Column],
    sources: Sequence[str],
    train_ids: NDArray[np.uint64],
    require_all: bool,
    flat_keys: bool,
    keep_dims: bool,
    old_names: Mapping[str, str],
) -> Iterator[tuple[int, dict[Any, Any]]]:
    """Go through the trains of several keys.

    Parameters
    ----------
    columns : sequence of Column
        The keys.
    sources : sequence of str
        Names of all sources, also those without keys.
    train_ids : ndarray of uint64
        The trains.
    require_all, flat_keys, keep_dims : bool
        As for `DataCollection.trains`.
    old_names : mapping of str to str
        Other names by which the data of some sources is given too.

    Yields
    ------
    train_id : int
    data : dict
        Per source a dictionary of values by key; or values by (source, key).
    """
    for block_ids, parts in blocks(columns, train_ids):
        for i, tid in enumerate(block_ids):
            present = [part.count[i] > 0 for part in parts]
            if require_all and not all(present):
                continue
            found = [
                (column.selected.name, column.key, part.train(i, keep_dims))
                for column, part, has_data in zip(columns, parts, present, strict=True)
                if has_data
            ]
            if flat_keys:
                yield tid, _flat(found, old_names)
            else:
                yield tid, _nested(found, sources, tid, old_names)


class KeyedValues(dict[Any, Any]):
    """Values of one train, found also by the key without ``.value``."""

    def __missing__(self, key: Any) -> Any:
        full = _with_value(key)
        if full is not None and dict.__contains__(self, full):
            return self[full]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or dict.__contains__(self, _with_value(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """Give the value of a key, or the default if the train has none."""
        try:
            return self[key]
        except KeyError:
            return default


def _with_value(key: Any) -> Any:
    if isinstance(key, str):
        return f"{key}.value"
    if isinstance(key, tuple) and len(key) == 2:
        return key[0], f"{key[1]}.value"
    return None


def _flat(found: Sequence[tuple[str, str, Any]], old_names: Mapping[str, str]) -> KeyedValues:
    data = KeyedValues({(source, key): value for source, key, value in found})
    for old, new in old_names.items():
        data.update({(old, key): value for source, key, value in found if source == new})
    return data


def _nested(
    found: Sequence[tuple[str, str, Any]],
    sources: Sequence[str],
    tid: int,
    old_names: Mapping[str, str],
) -> dict[str, KeyedValues]:
    data = {source: _of_source(source, tid) for source in sources}
    for source, key, value in found:
        data[source][key] = value
    for old, new in old_names.items():
        data[old] = KeyedValues({**data[new], **_of_source(old, tid)})
    return data


def _of_source(source: str, tid: int) -> KeyedValues:
    return KeyedValues({METADATA: {"source": source, "timestamp.tid": tid}})


def blocks(
    columns: Sequence[Column], train_ids: NDArray[np.uint64]
) -> Iterator[tuple[list[int], list[Part]]]:
    """Read blocks of trains in order, the next one ahead in the background."""
    spans = iter(_spans(columns, train_ids))
    with ThreadPoolExecutor(1, thread_name_prefix="euxfel-read-ahead") as ahead:
        pending = _submit(ahead, columns, train_ids, spans)
        while pending is not None:
            ids, future = pending
            parts = future.result()
            pending = _submit(ahead, columns, train_ids, spans)
            yield list(ids), parts


def _submit(
    ahead: ThreadPoolExecutor,
    columns: Sequence[Column],
    train_ids: NDArray[np.uint64],
    spans: Iterator[slice],
) -> tuple[NDArray[np.uint64], Future[list[Part]]] | None:
    span = next(spans, None)
    if span is None:
        return None
    ids = train_ids[span]
    return ids, ahead.submit(read_block, columns, ids)


def _spans(columns: Sequence[Column], train_ids: NDArray[np.uint64]) -> list[slice]:
    """Cut the trains into blocks of bounded size."""
    size = np.zeros(len(train_ids), dtype=np.int64)
    for column in columns:
        size += column.entries.counts_for(train_ids) * column.row_bytes
    total = np.concatenate([[0], np.cumsum(size)])
    cuts = [0]
    while cuts[-1] < len(train_ids):
        low = cuts[-1]
        by_size = int(np.searchsorted(total, total[low] + BLOCK_BYTES, side="right")) - 1
        cuts.append(min(max(by_size, low + 1), low + BLOCK_TRAINS, len(train_ids)))
    return [slice(low, high) for low, high in pairwise(cuts)]


def read_block(columns: Sequence[Column], train_ids: NDArray[np.uint64]) -> list[Part]:
    """Read all keys for some trains in one go of the engine."""
    wanted: list[ReadRequest] = []
    arrays = []
    for column in columns:
        entries = column.entries.select(train_ids)
        what = f"{column.selected.name} {column.key}"
        data = allocated((entries.n_rows, *column.layout.entry_shape), column.layout.dtype, what)
        wanted += requests(column.selected.stored, column.key, entries, (), data)
        counts = entries.counts_for(train_ids)
        arrays.append((data, counts))
    names = sorted({c.selected.name for c in columns})
    execute(wanted, ", ".join(names[:3]), "", train_ids)
    return [
        Part(decode_strings(data), np.cumsum(counts) - counts, counts) for data, counts in arrays
    ]
