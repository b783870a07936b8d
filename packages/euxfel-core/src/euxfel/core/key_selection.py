"""Which keys of a source a name, a glob pattern or a set of names means."""

from __future__ import annotations

from collections.abc import Iterable

from euxfel.fileaccess import PropertyNameError

from .globs import keys_matching
from .selection import SelectedSource

_GLOB = frozenset("*?[")


def matching_keys(
    selected: SelectedSource, wanted: str | Iterable[str] | None
) -> frozenset[str] | None:
    """Give the keys that are meant, within those selected already; None for all there are.

    Raises
    ------
    PropertyNameError
        If nothing of that name is there.
    """
    if not wanted or wanted == "*":
        return selected.keys
    if isinstance(wanted, str):
        if _GLOB & set(wanted):
            return _by_glob(selected, wanted)
        wanted = [wanted]
    return frozenset(_full_name(selected, key) for key in wanted)


def _by_glob(selected: SelectedSource, pattern: str) -> frozenset[str]:
    found = keys_matching(pattern, selected.all_keys())
    if not found:
        raise _no_key(selected, pattern)
    return found


def _full_name(selected: SelectedSource, key: str) -> str:
    full = selected.full_key(key)
    if full is None:
        raise _no_key(selected, key)
    return full


def _no_key(selected: SelectedSource, key: str) -> PropertyNameError:
    return PropertyNameError(
        f"source {selected.name!r} has no key {key!r}; see .keys()", source=selected.name, key=key
    )
