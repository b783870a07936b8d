"""Checks of trains and sources between the files of a run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from euxfel.fileaccess import ProblemKind, name_trains

from ..finding import Finding, Severity, some_trains
from ..registry import run_check
from ..run_contents import FileDigest, RunContents


@run_check(Severity.ERROR)
def overlapping_trains(run: RunContents) -> Iterator[Finding]:
    """Two files have data of the same source for the same trains.

    euxfel takes such trains from the file whose name comes last. One of the files may be a copy
    under another name.
    """
    for files, sources in run.files_with_the_same_sources():
        ordered = sorted(files, key=lambda file: file.lowest_train)
        for one, other in _overlapping(ordered):
            common = np.intersect1d(one.train_ids, other.train_ids)
            if len(common):
                more = f" and {len(sources) - 1} more sources" if len(sources) > 1 else ""
                yield Finding(
                    ProblemKind.OVERLAPPING_FILES,
                    f"{name_trains(common)} are also in {one.name}, for {sources[0]}{more}",
                    file=other.path,
                    source=sources[0] if len(sources) == 1 else None,
                    trains=some_trains(common),
                )


def _overlapping(ordered: list[FileDigest]) -> Iterator[tuple[FileDigest, FileDigest]]:
    """Give the pairs of files whose trains may overlap, in order of their first trains."""
    reaching: list[FileDigest] = []
    for file in ordered:
        reaching = [known for known in reaching if known.highest_train >= file.lowest_train]
        yield from ((known, file) for known in reaching)
        if len(file.train_ids):
            reaching.append(file)


@run_check(Severity.WARNING)
def sources_complete(run: RunContents) -> Iterator[Finding]:
    """A source is in some sequence files of an aggregator, and not in others.

    Its trains of the other files are without data. The device was added or removed while the run
    was recorded.
    """
    for files in run.by_aggregator.values():
        layouts = {id(file.layout): file.layout for file in files}.values()
        everywhere = {source for layout in layouts for source in layout.sources}
        for source in sorted(everywhere):
            without = [file for file in files if source not in file.layout.sources]
            if without:
                yield Finding(
                    ProblemKind.MISSING_DATA,
                    f"{source} is in {len(files) - len(without)} of {len(files)} files, but not in "
                    f"{without[0].name}",
                    file=without[0].path,
                    source=source,
                )
