"""Names of control keys without ``.value``, as people write them."""

from __future__ import annotations

from collections.abc import Iterable


def is_timestamp(key: str) -> bool:
    """Whether a key of control data says when a value was last updated."""
    return key.endswith(".timestamp")


def short_name(key: str) -> str:
    """Give a key without the ``.value`` of control data.

    Examples
    --------
    >>> from euxfel.core.short_names import short_name
    >>> short_name("actualPosition.value")
    'actualPosition'
    """
    return key.removesuffix(".value")


def short_names(keys: Iterable[str]) -> set[str]:
    """Give the values among keys of control data, by their short names."""
    return {short_name(key) for key in keys if not is_timestamp(key)}
