"""One train: when it was, and which sources have data for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from euxfel.fileaccess.errors import TrainIDError

from .details import UNREADABLE, group_counts
from .grouping import group_names
from .plain import counted, plain
from .protocols import CollectionLike, SourceLike


class SelectableCollection(CollectionLike, Protocol):
    """A collection from which one train can be taken."""

    def select_trains(self, trains: Any, /) -> CollectionLike:
        """Give the same data for some trains."""

    def train_timestamps(self, labelled: bool = False) -> Any:
        """Give the time of each train."""


class NoSuchTrainError(TrainIDError, ValueError):
    """The train that was asked for is not there; a ValueError where users catch that."""


def train_text(collection: SelectableCollection, train_id: int) -> str:
    """Tell which sources have data for one train.

    Parameters
    ----------
    collection : DataCollection
        Data with the train.
    train_id : int
        ID of the train.

    Raises
    ------
    TrainIDError
        If there is no such train.
    """
    position = _position(collection.train_ids, train_id)
    one = collection.select_trains(slice(position, position + 1))
    lines = list(_head(collection, one, train_id, position))
    for kind, sources in (
        ("instrument", one.instrument_sources),
        ("control", one.control_sources),
    ):
        lines += _sources(one, kind, sources)
    return "\n".join(map(plain, lines))


def _position(train_ids: Iterable[int], train_id: int) -> int:
    for position, known in enumerate(train_ids):
        if known == train_id:
            return position
    raise NoSuchTrainError(
        f"train {train_id} is not in this data; see .train_ids", trains=(train_id,)
    )


def _head(
    whole: CollectionLike, one: SelectableCollection | Any, train_id: int, position: int
) -> Iterator[str]:
    yield f"Train {train_id}, number {position} of {len(whole.train_ids)} (the first is 0)"
    time = np.asarray(one.train_timestamps(labelled=False))
    if len(time) and not np.isnat(time[0]):
        yield f"{time[0].astype('datetime64[ms]')} UTC"
    if train_id in {int(t) for t in whole.suspect_train_ids}:
        yield "suspect: its ID did not come from the time server"


def _sources(one: CollectionLike, kind: str, sources: Iterable[str]) -> Iterator[str]:
    absent = []
    there: dict[str, list[str]] = {}
    for name in sources:
        entries = _entries(one[name])
        if entries is None:
            absent.append(name)
        else:
            there.setdefault(entries, []).append(name)
    n_there = sum(map(len, there.values()))
    yield ""
    yield f"{n_there} of {counted(n_there + len(absent), f'{kind} source')} with data"
    for what in sorted(there):
        yield from (f"  {g.pattern}  {what}".rstrip() for g in group_names(there[what]))
    if absent:
        yield "without data"
        yield from (f"  {group.pattern}" for group in group_names(absent))


def _entries(source: SourceLike) -> str | None:
    """Tell how many entries there are, nothing for the one of control data; None if none."""
    try:
        counts = {group: int(c.sum()) for group, c in group_counts(source).items()}
    except UNREADABLE as error:
        return f"(cannot be read: {error})"
    if not any(counts.values()):
        return None
    if source.is_control:
        return ""
    return "(" + ", ".join(f"{group} {n}" for group, n in sorted(counts.items())) + ")"
