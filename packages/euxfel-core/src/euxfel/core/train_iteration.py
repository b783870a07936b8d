"""Going through data train by train, without paying for each train.

Trains are read in blocks, all keys of a block in one go of the read engine, and the next
block is read in the background while the present one is handed out. There is one
implementation: a single key is a table with one column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .block_reading import Column, Part, read_block
from .train_values import flat_values, held_by_source, nested_values

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

# Two blocks are in memory at a time; a train larger than this is a block of its own. Larger
# blocks read no faster, and memory of this size is used again by the next block but one, while
# more is given back to the system and has to be cleared by it each time.
BLOCK_BYTES = 16 * 2**20
BLOCK_TRAINS = 256


def iterate_key(
    column: Column, train_ids: NDArray[np.uint64], keep_dims: bool, include_empty: bool
) -> Iterator[tuple[int, Any]]:
    """Go through the trains of one key."""
    for block_ids, (part,) in blocks([column], train_ids):
        values = part.by_train(keep_dims)
        for tid, has_data, value in zip(block_ids, part.rows.present, values, strict=True):
            if has_data:
                yield tid, value
            elif include_empty:
                yield tid, value if keep_dims else None


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
    held = held_by_source([(column.selected.name, column.key) for column in columns])
    keep = [keep_dims and column.is_grouped for column in columns]
    in_form = flat_values if flat_keys else nested_values
    for block_ids, parts in blocks(columns, train_ids):
        for tid, present, values in _by_train(block_ids, parts, keep):
            if require_all and not all(present):
                continue
            yield tid, in_form(held, values, present, sources, tid, old_names)


def _by_train(
    train_ids: Sequence[int], parts: Sequence[Part], keep_dims: Sequence[bool]
) -> Iterator[tuple[int, tuple[bool, ...], tuple[Any, ...]]]:
    """Turn a block around: for each train, which keys have data, and the data of all keys."""
    # Without any key there is still a row of nothing for each train.
    nothing: list[tuple[()]] = [()] * len(train_ids)
    present = [part.rows.present for part in parts]
    values = [part.by_train(keep) for part, keep in zip(parts, keep_dims, strict=True)]
    return zip(
        train_ids,
        zip(*present, strict=True) if parts else nothing,
        zip(*values, strict=True) if parts else nothing,
        strict=True,
    )


def blocks(
    columns: Sequence[Column], train_ids: NDArray[np.uint64]
) -> Iterator[tuple[list[int], list[Part]]]:
    """Read blocks of trains in order, the next one ahead in the background."""
    all_spans = _spans(columns, train_ids)
    if len(all_spans) == 1:
        yield train_ids.tolist(), read_block(columns, train_ids)
        return
    # Imported here: opening a run and reading arrays needs no pool.
    from concurrent.futures import ThreadPoolExecutor

    spans = iter(all_spans)
    with ThreadPoolExecutor(1, thread_name_prefix="euxfel-read-ahead") as ahead:
        pending = _submit(ahead, columns, train_ids, spans)
        while pending is not None:
            ids, future = pending
            parts = future.result()
            pending = _submit(ahead, columns, train_ids, spans)
            yield ids.tolist(), parts


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
    row_bytes: dict[int, int] = {}
    for column in columns:
        table = id(column.entries)
        row_bytes[table] = row_bytes.get(table, 0) + column.row_bytes
    size = np.zeros(len(train_ids), dtype=np.int64)
    for entries in {id(c.entries): c.entries for c in columns}.values():
        size += entries.counts_for(train_ids) * row_bytes[id(entries)]
    total = np.concatenate([[0], np.cumsum(size)])
    cuts = [0]
    while cuts[-1] < len(train_ids):
        low = cuts[-1]
        by_size = int(np.searchsorted(total, total[low] + BLOCK_BYTES, side="right")) - 1
        cuts.append(min(max(by_size, low + 1), low + BLOCK_TRAINS, len(train_ids)))
    return [slice(low, high) for low, high in pairwise(cuts)]
