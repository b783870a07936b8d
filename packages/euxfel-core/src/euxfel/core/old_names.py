"""Old names of sources: corrected data is also found by the name of the raw data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .selection import SelectedSource


def old_names(legacy: Mapping[str, str], sources: Mapping[str, SelectedSource]) -> dict[str, str]:
    """Keep the old names that lead to a source and are not the name of another one.

    Raw data next to corrected data has sources by the very names that are old there.
    """
    return {old: new for old, new in legacy.items() if _leads_to(sources, old, new)}


def _leads_to(sources: Mapping[str, SelectedSource], old: str, new: str) -> bool:
    selected = sources.get(old)
    return new in sources if selected is None else selected.stored.source == new


def without_repeats(sources: Mapping[str, SelectedSource]) -> dict[str, SelectedSource]:
    """Leave out old names by which the same is selected as by the present one."""
    return {
        name: source
        for name, source in sources.items()
        if name == source.stored.source or not _is_same(source, sources.get(source.stored.source))
    }


def _is_same(source: SelectedSource, other: SelectedSource | None) -> bool:
    return (
        other is not None
        and source.stored.source == other.stored.source
        and source.stored.files == other.stored.files
        and source.keys == other.keys
        and source.train_offset == other.train_offset
    )
