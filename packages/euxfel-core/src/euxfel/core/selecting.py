"""From what users pass to ``select`` to the selected sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    keys = compile_selection(_plain(wanted), key_glob, _available(selection))
    found: dict[str, SelectedSource] = {}
    for name, chosen in keys.items():
        present = selection.legacy.get(name, name)
        part = selection.sources[present].narrowed(chosen)
        found[present] = found[present].merged(part) if present in found else part
    return list(found.values())


def _plain(wanted: Any) -> Any:
    """Turn what another object has selected into a dictionary of sets of keys."""
    from .collection import DataCollection
    from .keydata import KeyData
    from .sourcedata import SourceData

    if isinstance(wanted, DataCollection):
        return {name: keys or set() for name, keys in wanted.selection.items()}
    if isinstance(wanted, SourceData):
        keys = wanted._selected.keys
        return {wanted.canonical_name: set() if keys is None else set(keys)}
    if isinstance(wanted, KeyData):
        return {wanted._selected.stored.source: {wanted.key}}
    return wanted


def _available(selection: Selection) -> Mapping[str, Callable[[], frozenset[str]]]:
    found = {name: source.all_keys for name, source in selection.sources.items()}
    old_names = {old: found[new] for old, new in selection.legacy.items()}
    return {**found, **old_names}


def deselected(selection: Selection, unwanted: Iterable[SelectedSource]) -> Selection:
    """Give what is left of a selection without some sources or keys."""
    left = dict(selection.sources)
    for source in unwanted:
        name = source.stored.source
        remaining = frozenset() if source.keys is None else left[name].all_keys() - source.keys
        if remaining:
            left[name] = left[name].narrowed(remaining)
        else:
            del left[name]
    return selection.with_sources(left.values())


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
