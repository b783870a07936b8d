"""Units of a key, from the attributes that Karabo writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_MICRO = "μ"


def unit_symbol(attributes: Mapping[str, Any]) -> str | None:
    """Give the unit with its prefix, such as ``"μJ"``; None if there is none.

    Examples
    --------
    >>> from euxfel.core.units import unit_symbol
    >>> unit_symbol({"unitSymbol": "J", "metricPrefixSymbol": "u"})
    'μJ'
    """
    symbol, prefix = _text(attributes, "unitSymbol"), _text(attributes, "metricPrefixSymbol")
    if symbol is None or prefix is None:
        return symbol
    return (_MICRO if prefix == "u" else prefix) + symbol


def unit_name(attributes: Mapping[str, Any]) -> str | None:
    """Give the unit's name with its prefix, such as ``"microjoule"``; None if there is none."""
    name, prefix = _text(attributes, "unitName"), _text(attributes, "metricPrefixName")
    return name if name is None or prefix is None else prefix + name


def _text(attributes: Mapping[str, Any], name: str) -> str | None:
    """Give an attribute that is text, which may stand in an array of one."""
    value = attributes.get(name)
    if isinstance(value, np.ndarray) and value.shape == (1,):
        value = value[0]
    return value if isinstance(value, str) else None
