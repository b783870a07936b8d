"""From what users pass to ``select`` to the selected sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .globs import compile_selection
from .selection import SelectedSource, Selection
from .train_selection import ById, ByIndex
from .user_warning import warn_user

_TRAIN_SELECTIONS = (slice, int, np.integer, list, np.ndarray, range, ById, ByIndex)


def is_train_selection(item: Any) -> bool:
    """Whether a subscript selects trains, by its type."""
    return isinstance(item, _TRAIN_SELECTIONS) or hasattr(item, "coords")


def selected_sources(selection: Selection, wanted: Any, key_glob: str) -> list[SelectedSource]:
    """Give the sources and keys that are meant, within a selection.

    Raises
    ------
    ValueError
        If a pattern matches nothing.
    SourceNameError, PropertyNameError
        If a named source or key does not exist.
    """
    available = selection.by_every_name()
    listings = {name: source.all_keys for name, source in available.items()}
    keys = compile_selection(_plain(wanted), key_glob, listings)
    return [available[name].narrowed(chosen) for name, chosen in keys.items()]


def _plain(wanted: Any) -> Any:
    """Turn what another object has selected into a dictionary of sets of keys.

    Collections, sources and keys all say it themselves: this room knows none of them.
    """
    selected_keys = getattr(wanted, "_selected_keys", None)
    return wanted if selected_keys is None else selected_keys()


def deselected(selection: Selection, unwanted: Iterable[SelectedSource]) -> Selection:
    """Give what is left of a selection without some sources or keys.

    What is dropped by the present name of a source is dropped by its old names too; what is
    dropped by an old name stays by the others.
    """
    left = selection.by_every_name()
    for source in unwanted:
        names = [old for old, new in selection.implied.items() if new == source.name]
        for name in (source.name, *names):
            if name in left:
                _drop(left, name, source.keys)
    return selection.with_names(left.values())


def _drop(left: dict[str, SelectedSource], name: str, keys: frozenset[str] | None) -> None:
    remaining = frozenset() if keys is None else left[name].all_keys() - keys
    if remaining:
        left[name] = left[name].narrowed(remaining)
    else:
        del left[name]


def without_empty_trains(
    selection: Selection, require_all: bool, warn_drop_trains_frac: float
) -> Selection:
    """Drop the trains in which not all sources, or none of them, have data."""
    kept = selection.trains_with_data(require_all)
    before = len(selection.scope.train_ids)
    dropped = before - len(kept)
    if before and dropped / before >= warn_drop_trains_frac:
        warn_user(
            f"{dropped} of {before} trains dropped: not all selected sources have data in them"
        )
    return selection.with_trains(kept)
