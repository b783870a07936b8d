"""Checks of which files are in the folder of a run."""

from __future__ import annotations

from collections.abc import Iterator

from euxfel.fileaccess import ProblemKind

from ..finding import Finding, Severity
from ..registry import run_check
from ..run_contents import RunContents


@run_check(Severity.ERROR)
def usable_files(run: RunContents) -> Iterator[Finding]:
    """There is no usable file in the folder.

    The folder is empty or not that of a run, or each of its files has a problem of its own.
    """
    if not run.files:
        yield Finding(ProblemKind.UNUSABLE_FILE, f"{run.folder} holds no file that can be used")


@run_check(Severity.ERROR)
def sequence_numbers(run: RunContents) -> Iterator[Finding]:
    """Sequence files of an aggregator are missing.

    Their trains are missing from its sources. Look for them in the archive.
    """
    for (category, aggregator), numbers in sorted(run.sequences.items()):
        missing = sorted(set(range(max(numbers) + 1)) - set(numbers))
        if missing:
            shown = ", ".join(f"S{number:05d}" for number in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            yield Finding(
                ProblemKind.MISSING_SEQUENCE,
                f"{category} {aggregator} has files up to S{max(numbers):05d}, but not "
                f"{shown}{more}",
            )


@run_check(Severity.ERROR)
def one_run(run: RunContents) -> Iterator[Finding]:
    """Files of several runs are in the folder.

    Data of different runs would be read as one. Move the files to where they belong.
    """
    counted = run.run_numbers
    if len(counted) > 1:
        usual = max(counted, key=lambda number: (len(counted[number]), -number))
        for number, paths in sorted(counted.items()):
            if number != usual:
                yield Finding(
                    ProblemKind.BAD_METADATA,
                    f"{len(paths)} file(s) of run {number} are among those of run {usual}",
                    file=paths[0],
                )
