"""Sources by patterns that users type."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from .mistakes import UsageError, near

_GLOB = frozenset("*?[")


def as_globs(patterns: Iterable[str]) -> tuple[str, ...]:
    """Give patterns as globs for whole names: what has no wildcard is a part of a name.

    Examples
    --------
    >>> from euxfel.cli.sources import as_globs
    >>> as_globs(["XGM", "*/DET/*"])
    ('*XGM*', '*/DET/*')
    """
    return tuple(p if _GLOB & set(p) else f"*{p}*" for p in patterns)


def check_globs(globs: Iterable[str], sources: Collection[str]) -> None:
    """See to it that each pattern matches a source.

    Raises
    ------
    UsageError
        If one does not; it says what may have been meant.
    """
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in sources):
            parts = {part for name in sources for part in re.split("[/_:]", name)}
            hint = near(glob.strip("*").upper(), parts)
            raise UsageError(f"no source matches {glob!r}{hint}; euxfel ls shows them all")
