"""Units of a key, from the attributes that Karabo writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MICRO = "μ"


def unit_symbol(attributes: Mapping[str, Any]) -> str | None:
    """Give the unit with its prefix, such as ``"μJ"``; None if there is none.

    Examples
    --------
    >>> from euxfel.core.units import unit_symbol
    >>> unit_symbol({"unitSymbol": "J", "metricPrefixSymbol": "u"})
    'μJ'
    """
    symbol = attributes.get("unitSymbol")
    if not isinstance(symbol, str):
        return None
    prefix = attributes.get("metricPrefixSymbol")
    if not isinstance(prefix, str):
        return symbol
    return (_MICRO if prefix == "u" else prefix) + symbol


def unit_name(attributes: Mapping[str, Any]) -> str | None:
    """Give the unit's name with its prefix, such as ``"microjoule"``; None if there is none."""
    name = attributes.get("unitName")
    if not isinstance(name, str):
        return None
    prefix = attributes.get("metricPrefixName")
    return prefix + name if isinstance(prefix, str) else name
