"""Names that a mistyped one may have meant."""

from __future__ import annotations

from collections.abc import Iterable

# Comparing takes a millisecond for a few hundred names; an error must not take seconds.
_MOST_NAMES = 5000


def suggestion(name: str, known: Iterable[str]) -> str:
    """The part of a message that says which known names are near; empty if none is.

    Examples
    --------
    >>> suggestion("postion", ["position", "speed"])
    " (near: 'position')"
    """
    import difflib

    by_form = {other.casefold(): other for other in list(known)[:_MOST_NAMES]}
    near = difflib.get_close_matches(name.casefold(), by_form, n=3, cutoff=0.75)
    return f" (near: {', '.join(repr(by_form[form]) for form in near)})" if near else ""
