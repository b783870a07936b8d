"""Checks of types and shapes between the files of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from euxfel.fileaccess import ProblemKind

from ..finding import Finding, Severity
from ..registry import run_check
from ..run_contents import FileDigest, RunContents


@run_check(Severity.ERROR)
def dtypes_constant(run: RunContents) -> Iterator[Finding]:
    """The type of a key changes between sequence files.

    Data of all files cannot be read as one array without a cast. euxfel refuses types that
    would lose digits. Read the files apart.
    """
    yield from _changes(run, lambda kind: kind[0], ProblemKind.DTYPE_CHANGES, "dtype")


@run_check(Severity.ERROR)
def entry_shapes_constant(run: RunContents) -> Iterator[Finding]:
    """The shape of an entry changes between sequence files.

    A camera was set to another region, or a digitiser to another length, while the run was
    recorded. Data of all files cannot be read as one array. Select the trains of one setting.
    """
    yield from _changes(
        run, lambda kind: kind[1], ProblemKind.ENTRY_SHAPE_CHANGES, "shape of an entry"
    )


def _changes(
    run: RunContents, part: Callable[[tuple[str, str]], str], kind: ProblemKind, what: str
) -> Iterator[Finding]:
    known: dict[tuple[str, str], tuple[str, FileDigest]] = {}
    told: set[tuple[str, str]] = set()
    for file in run.one_of_each_layout:
        for place, stored in file.layout.kinds.items():
            value = part(stored)
            first, where = known.setdefault(place, (value, file))
            if value != first and place not in told:
                told.add(place)
                source, key = place
                yield Finding(
                    kind,
                    f"the {what} of {key} is {value}, but {first} in {where.name}",
                    file=file.path,
                    dataset=file.layout.path(source, key),
                    source=source,
                )
