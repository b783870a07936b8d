"""Where data comes from and which aggregators lack trains: no file is opened for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess.distinct import without

from .grouping import natural_key
from .protocols import FileLike
from .summary import Place, Shortfall

T = TypeVar("T")


def place_of(files: Sequence[FileLike], is_single_run: bool) -> Place:
    """Tell where files come from, as far as they agree."""
    paths = [f.path_facts for f in files if f.path_facts is not None]
    runs = [f.name_facts.run for f in files if f.name_facts is not None]
    if len(paths) == len(files):
        runs = [p.run for p in paths]
    return Place(
        instrument=_agreed(p.instrument for p in paths),
        proposal=_agreed(p.proposal for p in paths),
        run=_agreed(runs) if is_single_run else None,
        folders=tuple(sorted({p.folder for p in paths})),
        n_files=len(files),
        file=PurePath(files[0].filename).name if len(files) == 1 else None,
        is_single_run=is_single_run,
    )


def shortfalls_of(
    files: Iterable[FileLike], train_ids: Iterable[int], suspect_ids: Iterable[int]
) -> tuple[Shortfall, ...]:
    """Tell which data aggregators wrote files that do not list all good trains."""
    wanted = without(
        np.array(list(train_ids), dtype=np.uint64), np.array(list(suspect_ids), dtype=np.uint64)
    )
    listed: dict[str, list[NDArray[np.uint64]]] = defaultdict(list)
    for file in files:
        if file.aggregator is not None:
            listed[_group_of(file, file.aggregator)].append(file.train_ids)
    counts = {
        name: int(np.count_nonzero(np.isin(wanted, np.concatenate(ids))))
        for name, ids in listed.items()
    }
    return tuple(
        Shortfall(name, counts[name], len(wanted))
        for name in sorted(counts, key=natural_key)
        if counts[name] < len(wanted)
    )


def _group_of(file: FileLike, aggregator: str) -> str:
    """Name an aggregator; corrected files have the names of those that wrote the raw ones."""
    facts = file.name_facts
    if facts is None or facts.category == "RAW":
        return aggregator
    return f"{facts.category}-{aggregator}"


def _agreed(values: Iterable[T]) -> T | None:
    different = set(values)
    return different.pop() if len(different) == 1 else None
