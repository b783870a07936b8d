"""Trains and keys as users type them: ``0:100``, ``id=10000:10100``, ``SOURCE[KEY]``."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from .mistakes import UsageError

if TYPE_CHECKING:
    from euxfel.core import DataCollection

_FIELD = re.compile(r"(?P<source>.+?)\[(?P<key>[^\[\]]+)\]")
_NUMBERS = re.compile(r"-?[0-9]*(:-?[0-9]*){0,2}")


def add_trains(parser: ArgumentParser) -> None:
    """Add the trains to work on."""
    parser.add_argument(
        "--trains",
        metavar="FIRST:END",
        help="some of the trains: 0:100 by position, ::10 every tenth, id=10000:10100 by train ID",
    )


def select_trains(data: DataCollection, text: str | None) -> DataCollection:
    """Select trains as ``--trains`` says; all of them for None."""
    if text is None:
        return data
    from euxfel.core import by_id, by_index

    by = by_id if text.startswith("id=") else by_index
    return data.select_trains(by[parse_numbers(text.removeprefix("id="))])


def parse_numbers(text: str) -> Any:
    """Give a number or a range as Python has it.

    Examples
    --------
    >>> from euxfel.cli.selection import parse_numbers
    >>> parse_numbers("7"), parse_numbers("0:100"), parse_numbers("::10")
    (7, slice(0, 100, None), slice(None, None, 10))
    """
    if not text or not _NUMBERS.fullmatch(text):
        raise UsageError(f"{text!r} are no trains: give FIRST:END such as 0:100, or id=10000:10100")
    parts = [int(part) if part.strip("-") else None for part in text.split(":")]
    return parts[0] if len(parts) == 1 else slice(*parts)


def parse_field(text: str) -> tuple[str, str]:
    """Give patterns of source and key; without brackets, of all keys.

    Examples
    --------
    >>> from euxfel.cli.selection import parse_field
    >>> parse_field("*XGM*[pulseEnergy.*]"), parse_field("SPB_XTD9_XGM/DOOCS/MAIN")
    (('*XGM*', 'pulseEnergy.*'), ('SPB_XTD9_XGM/DOOCS/MAIN', '*'))
    """
    found = _FIELD.fullmatch(text)
    return (found["source"], found["key"]) if found else (text, "*")
