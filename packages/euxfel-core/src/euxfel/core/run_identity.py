"""Which proposal and run data is from: by the place of the files, else by what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from euxfel.fileaccess import FileAccess, MultiRunError

RunKey = tuple[int | None, int | None]


def one_proposal(files: Sequence[FileAccess], is_single_run: bool) -> int | None:
    """Give the proposal number; None if nothing tells it.

    Raises
    ------
    MultiRunError
        If the files are from several proposals.
    """
    return _one({proposal for proposal, _ in _runs(files, is_single_run)}, "proposals")


def one_run_number(files: Sequence[FileAccess], is_single_run: bool) -> int | None:
    """Give the run number; None if nothing tells it.

    Raises
    ------
    MultiRunError
        If the files are from several runs.
    """
    found = _runs(files, is_single_run)
    if len(found) > 1:
        raise MultiRunError(
            f"this data is from {len(found)} runs: {_listed(found)}; see .runs_metadata()"
        )
    return _one({number for _, number in found}, "runs")


def metadata_by_run(files: Sequence[FileAccess]) -> dict[RunKey, dict[str, Any]]:
    """Give the metadata of each run, from one of its files."""
    first: dict[RunKey, FileAccess] = {}
    for file in files:
        first.setdefault(run_of(file), file)
    return {run: file.metadata() for run, file in sorted(first.items(), key=_order)}


def run_of(file: FileAccess) -> RunKey:
    """Give proposal and run number of a file, None for what nothing tells."""
    place = file.path_facts
    if place is not None:
        return place.proposal, place.run
    about = file.metadata()
    named = file.name_facts.run if file.name_facts else None
    number = _whole(about.get("runNumber"))
    return _whole(about.get("proposalNumber")), named if number is None else number


def _runs(files: Sequence[FileAccess], is_single_run: bool) -> set[RunKey]:
    # The files of one run need not all be opened to ask them the same.
    return {run_of(file) for file in (files[:1] if is_single_run else files)}


def _one(found: set[int | None], what: str) -> int | None:
    if len(found) > 1:
        numbers = ", ".join(sorted(str(n) for n in found))
        raise MultiRunError(f"this data is from several {what}: {numbers}")
    return found.pop() if found else None


def _listed(runs: Iterable[RunKey]) -> str:
    return ", ".join(sorted(f"p{proposal} r{number}" for proposal, number in runs))


def _order(item: tuple[RunKey, FileAccess]) -> tuple[int, int]:
    proposal, number = item[0]
    return -1 if proposal is None else proposal, -1 if number is None else number


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
