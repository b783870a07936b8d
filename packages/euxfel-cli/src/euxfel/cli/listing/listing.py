"""What is in a file or a run, as ``euxfel ls`` tells it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from ..opening import open_data, quiet_about_data
from ..sources import check_globs
from .kept import KeptListing

if TYPE_CHECKING:
    from euxfel.core import DataCollection
    from euxfel.core.display import Summary


class View(NamedTuple):
    """What is to be told: the options of the command."""

    sources: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    counts: bool = False
    group: bool = True
    aggregators: bool = False
    auxiliary: bool = False


class Listing(NamedTuple):
    """What is in a file or a run.

    Attributes
    ----------
    text : list of str
        Lines for people.
    summary : dict
        `euxfel.core.display.Summary` as JSON has it.
    n_bytes : int
        Size of the files.
    n_sources : int
        Number of sources in the summary.
    of_sources : int
        Number of sources that there are.
    """

    text: list[str]
    summary: dict[str, Any]
    n_bytes: int
    n_sources: int
    of_sources: int


def listing(path: str, view: View) -> Listing:
    """Tell what is in a file, a run, or a run given as ``PROPOSAL/RUN``."""
    if view != View() or not os.path.isdir(path):
        return _look(path, view)[0]
    kept = KeptListing(path)
    known = kept.load()
    if known is not None:
        return Listing(**known)
    found, worth_keeping = _look(path, view)
    if worth_keeping:
        kept.save(found._asdict())
    return found


def _look(path: str, view: View) -> tuple[Listing, bool]:
    with quiet_about_data(), open_data(path) as data:
        check_globs(view.sources, data.all_sources)
        shown = data.select(list(view.sources)) if view.sources else data
        summary = shown.summary(
            list(view.details),
            counts=view.counts,
            group_sources=view.group,
            with_aggregators=view.aggregators,
            with_auxiliary=view.auxiliary,
        )
        found = Listing(
            summary.to_text().splitlines(),
            summary.to_dict(),
            sum(file.handle.identity.size for file in shown.files),
            len(shown.all_sources),
            len(data.all_sources),
        )
        return found, _says_the_same_next_time(data, summary)


def _says_the_same_next_time(data: DataCollection, summary: Summary) -> bool:
    from euxfel.fileaccess import ProblemKind

    # What came from elsewhere than the files themselves: permissions, maps, other files.
    passing = {ProblemKind.UNUSABLE_FILE, ProblemKind.SKIPPED_FILE, ProblemKind.BAD_CACHE}
    return not any(file.is_overview for file in data.files) and not any(
        problem.kind in passing for problem in summary.problems
    )
