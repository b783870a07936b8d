"""A summary as JSON has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .summary import Summary

SCHEMA_VERSION = 1
"""Raised whenever a field changes its name or meaning; new fields do not count."""


def summary_dict(summary: Summary) -> dict[str, Any]:
    """Give a summary as dictionaries, lists, strings and numbers.

    The names are those of the attributes of `Summary` and what it consists of.
    """
    found: dict[str, Any] = _with_lists(asdict(summary))
    return {"schema": SCHEMA_VERSION, **found}


def _with_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_lists(v) for name, v in value.items()}
    if isinstance(value, tuple | list):
        return [_with_lists(v) for v in value]
    # Enumerations of strings become their strings.
    return str(value) if isinstance(value, str) else value
