"""A look at every file, index and dataset of a selection, for what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from euxfel.fileaccess import EuxfelError, Problem, ProblemKind

from .problems import ProblemLog, Problems
from .selection import SelectedSource, Selection


def inspect(selection: Selection) -> Problems:
    """Look at every file, index and dataset of a selection.

    The cost is one look at the header of each dataset, for the first call; nothing of the
    data is read.
    """
    log: ProblemLog = selection.scope.log
    for file in selection.files:
        with _noted(log, ProblemKind.UNUSABLE_FILE):
            log.add(file.facts.problems)
    for source in selection.sources.values():
        with _noted(log, ProblemKind.DAMAGED_DATA, source.stored.source):
            _inspect_source(log, source)
    return log.known()


def _inspect_source(log: ProblemLog, source: SelectedSource) -> None:
    stored = source.stored
    log.add(stored.index_problems(sorted(source.index_groups())))
    for key in sorted(source.all_keys()):
        with _noted(log, ProblemKind.DAMAGED_DATA, stored.source, key):
            log.add(stored.key_problems(key))


@contextmanager
def _noted(
    log: ProblemLog, kind: ProblemKind, source: str | None = None, key: str | None = None
) -> Iterator[None]:
    """Note what goes wrong inside the block, so that the rest is looked at all the same."""
    try:
        yield
    except (EuxfelError, OSError) as exc:
        file = exc.file if isinstance(exc, EuxfelError) else exc.filename
        log.add([Problem(kind, str(exc), file, source, key)])
