"""Checks of what stands beside the data: maps and overviews of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from euxfel.fileaccess import EuxfelError, FileHandle, FileIdentity, ProblemKind
from euxfel.fileaccess.overview import check_overview, overview_paths
from euxfel.fileaccess.run_map import FileSummary, RunMap

from ..finding import Finding, Severity
from ..registry import run_check
from ..run_contents import FileDigest, RunContents


@run_check(Severity.WARNING)
def run_json_cache(run: RunContents) -> Iterator[Finding]:
    """The map of the run says something else than its files, or cannot be used.

    Opening the run relies on ``karabo_data_map.json``. Delete it: it is made again. Entries of
    files that have changed since are no problem, they are not used.
    """
    known = RunMap.load(run.folder)
    for file in run.files:
        try:
            summary = known.get(file.name, FileIdentity.of(file.path))
        except (OSError, EuxfelError):
            # The file is gone since it was checked.
            continue
        if summary is not None and not _agrees(summary, file):
            yield Finding(
                ProblemKind.BAD_CACHE,
                f"{known.path} gives other trains or sources for {file.name} than the file",
                file=file.path,
            )
    for problem in known.problems:
        yield Finding(problem.kind, problem.message, file=problem.file)


def _agrees(summary: FileSummary, file: FileDigest) -> bool:
    layout = file.layout
    legacy = set(layout.legacy)
    return (
        np.array_equal(summary.train_ids, file.train_ids)
        and summary.control_sources - legacy == layout.control
        and summary.instrument_sources - legacy == layout.instrument
    )


@run_check(Severity.WARNING)
def overview_current(run: RunContents) -> Iterator[Finding]:
    """The virtual overview of the run does not show it as it is.

    Files were added, removed or changed since it was made. Delete it, or make it again.
    """
    for path in overview_paths(run.folder):
        if os.path.exists(path):
            try:
                problems = check_overview(FileHandle(path), run.folder)
            except (OSError, EuxfelError) as exc:
                yield Finding(ProblemKind.BAD_CACHE, str(exc), file=path)
            else:
                for problem in problems:
                    yield Finding(problem.kind, problem.message, file=path)
