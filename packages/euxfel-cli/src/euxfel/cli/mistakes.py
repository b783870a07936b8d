"""What a user got wrong, as an exception that ends a command with one line."""

from __future__ import annotations

from collections.abc import Iterable


class UsageError(Exception):
    """A command cannot do what it was asked; the message says what to do instead."""


def near(name: str, known: Iterable[str]) -> str:
    """Give the part of a message that says which known names are near; empty if none is.

    Examples
    --------
    >>> from euxfel.cli.mistakes import near
    >>> near("valdiate", ["validate", "write"])
    ': did you mean validate?'
    """
    # Only a mistake pays for it.
    import difflib

    found = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f": did you mean {' or '.join(found)}?" if found else ""
