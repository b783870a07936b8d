"""The check that comes before all others."""

from __future__ import annotations

from collections.abc import Iterator

from ..file_contents import FileContents
from ..finding import Finding, Severity
from ..registry import file_check


@file_check(Severity.ERROR)
def readable(contents: FileContents) -> Iterator[Finding]:
    """The file cannot be used at all.

    It is no regular file, no HDF5 file, was cut short, lacks METADATA or INDEX, or HDF5 crashed
    or did not come to an end with it. Copy it again from the archive. The rest of the run can
    be opened; what was left out is in `run.problems`.
    """
    # Whoever has the contents has opened the file: the validators do this check.
    yield from ()
