"""Checks of the index: which rows of a source belong to which train."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import GroupIndex, ProblemKind, Section, TrainTable, name_trains

from ..file_contents import FileContents, Stored
from ..finding import Finding, Severity, some_trains
from ..registry import file_check

_GROUPED = tuple(section for section in Section if section.is_grouped)

Place = tuple[Section, str, str]


@file_check(Severity.ERROR)
def index_control(contents: FileContents) -> Iterator[Finding]:
    """The index of a control source is missing, contradicts itself or points outside the data.

    Entries that make no sense are refused when data is read; other trains and sources stay
    usable. One key of a source is named where the index points outside of several.
    """
    for source in contents.sources(Section.CONTROL):
        datasets = contents.stored(Section.CONTROL, source)
        if datasets:
            place = (Section.CONTROL, source, "")
            yield from _index_findings(contents, place)
            shortest = min(datasets, key=lambda dataset: dataset.rows)
            yield from _beyond(contents, place, shortest)
            yield from _several_rows(contents, place)


@file_check(Severity.ERROR)
def index_instrument(contents: FileContents) -> Iterator[Finding]:
    """The index of an instrument source is missing, contradicts itself or points outside the data.

    Entries that make no sense are refused when data is read; other trains and sources stay
    usable. Gaps are rows between those of two trains that belong to no train.
    """
    for section in _GROUPED:
        for source in contents.sources(section):
            for group, datasets in contents.groups(section, source).items():
                place = (section, source, group)
                yield from _index_findings(contents, place)
                for dataset in datasets:
                    yield from _beyond(contents, place, dataset)


@file_check(Severity.ERROR)
def index_length(contents: FileContents) -> Iterator[Finding]:
    """An index has entries for fewer trains than the file, or for trains that are not there.

    Trains without an entry count as without data. Data of entries without a train cannot be
    reached: the list of trains was cut short.
    """
    for section in Section:
        for source in contents.sources(section):
            for group in contents.groups(section, source):
                yield from _length_findings(contents, (section, source, group))


@file_check(Severity.WARNING)
def control_complete(contents: FileContents) -> Iterator[Finding]:
    """A control source has values for some trains of a file, but not for all.

    The device was switched on or off, or its connection was lost, while data was recorded. Its
    values are absent for these trains.
    """
    for source in contents.sources(Section.CONTROL):
        if contents.stored(Section.CONTROL, source):
            index = contents.index(Section.CONTROL, source, "")
            absent = (index.count == 0) & ~index.bad
            if absent.any() and not absent.all() and not _is_short(index):
                ids = contents.trains.ids[absent]
                yield Finding(
                    ProblemKind.MISSING_DATA,
                    f"there are no values for {name_trains(ids)}",
                    dataset=Section.CONTROL.index_path(source, ""),
                    source=source,
                    trains=some_trains(ids),
                )


@file_check(Severity.ERROR)
def train_id_datasets(contents: FileContents) -> Iterator[Finding]:
    """The train IDs stored with data differ from those that the index says.

    Each row of an instrument source carries the ID of its train. One of the two is wrong, and
    nobody can tell which: do not use these trains of the source.
    """
    for section in _GROUPED:
        for source in contents.sources(section):
            for dataset in contents.stored(section, source):
                if dataset.key == f"{dataset.group}.trainId" and not dataset.elsewhere:
                    yield from _other_trains(contents, dataset)


def _index_findings(contents: FileContents, place: Place) -> Iterator[Finding]:
    section, source, group = place
    index = contents.index(*place)
    path = section.index_path(source, group)
    for kind, message, trains in index.findings:
        if kind is not ProblemKind.INDEX_SHORT:
            yield Finding(kind, message, dataset=path, source=source, trains=some_trains(trains))
    # Rows of a train whose ID is 0 belong to it, whatever the ID should be.
    rows = _gap(index) if _without_zeros(contents.trains) else None
    if rows is not None:
        yield Finding(
            ProblemKind.INDEX_GAP,
            f"{rows[0]} row(s) belong to no train, row {rows[1]} first",
            dataset=path,
            source=source,
        )


def _without_zeros(trains: TrainTable) -> bool:
    return not len(trains) or int(trains.rows[-1]) == len(trains) - 1


def _gap(index: GroupIndex) -> tuple[int, int] | None:
    """Count rows between those of trains, and give the first; None if there is none.

    Refused entries may own any rows, so that with them nobody can tell.
    """
    used = np.flatnonzero(index.count)
    if not len(used) or index.bad.any():
        return None
    order = used[np.argsort(index.first[used], kind="stable")]
    start = index.first[order]
    free_from = np.concatenate(([0], (start + index.count[order])[:-1]))
    gaps = start - free_from
    between = np.flatnonzero(gaps > 0)
    if not len(between):
        return None
    return int(gaps[between].sum()), int(free_from[between[0]])


def _beyond(contents: FileContents, place: Place, dataset: Stored) -> Iterator[Finding]:
    index = contents.index(*place)
    beyond = index.check_length(dataset.rows)
    if beyond.any():
        ids = contents.trains.ids[beyond]
        end = int((index.first + index.count).max())
        yield Finding(
            ProblemKind.INDEX_BEYOND_DATA,
            f"the index claims {end} rows, there are {dataset.rows}: {name_trains(ids)} cannot "
            "be read whole",
            dataset=dataset.path,
            source=dataset.source,
            trains=some_trains(ids),
        )


def _several_rows(contents: FileContents, place: Place) -> Iterator[Finding]:
    section, source, group = place
    several = contents.index(*place).count > 1
    if several.any():
        ids = contents.trains.ids[several]
        yield Finding(
            ProblemKind.INDEX_INVALID,
            f"{name_trains(ids)} have more than one row, which a control source cannot have",
            dataset=section.index_path(source, group),
            source=source,
            trains=some_trains(ids),
        )


def _is_short(index: GroupIndex) -> bool:
    return any(kind is ProblemKind.INDEX_SHORT for kind, _, _ in index.findings)


def _length_findings(contents: FileContents, place: Place) -> Iterator[Finding]:
    section, source, group = place
    path = section.index_path(source, group)
    for kind, message, trains in contents.index(*place).findings:
        if kind is ProblemKind.INDEX_SHORT:
            yield Finding(kind, message, dataset=path, source=source, trains=some_trains(trains))
    counts = _stored_counts(contents, path)
    if counts is None:
        return
    last = int(contents.trains.rows.max(initial=-1))
    more = np.flatnonzero(counts[last + 1 :])
    if len(more):
        yield Finding(
            ProblemKind.INDEX_BEYOND_TRAINS,
            f"{len(more)} entries with data come after the last train of the file",
            dataset=path,
            source=source,
        )


def _stored_counts(contents: FileContents, path: str) -> NDArray[np.generic] | None:
    counts = contents.column(f"{path}/count")
    if counts is None:
        counts = contents.column(f"{path}/status")
    if counts is None or counts.ndim != 1 or counts.dtype.kind not in "iu":
        return None
    return counts


def _other_trains(contents: FileContents, dataset: Stored) -> Iterator[Finding]:
    index = contents.index(dataset.section, dataset.source, dataset.group)
    # What cannot be read whole is told by index_instrument.
    sound = ~index.check_length(dataset.rows) & (index.count > 0)
    first, count = index.first[sound], index.count[sound]
    if not len(count):
        return
    stored = contents.read(dataset.path)
    if stored is None or stored.dtype.kind not in "iu" or stored.size != dataset.rows:
        message = f"has dtype {dataset.dtype} and shape {dataset.shape}: not one ID per row"
        yield Finding(
            ProblemKind.TRAIN_ID_DIFFERS, message, dataset=dataset.path, source=dataset.source
        )
        return
    expected = np.repeat(contents.trains.ids[sound], count)
    found = stored.ravel()[rows_of(first, count)]
    wrong = np.unique(expected[found != expected])
    if len(wrong):
        yield Finding(
            ProblemKind.TRAIN_ID_DIFFERS,
            f"rows of {name_trains(wrong)} carry other train IDs",
            dataset=dataset.path,
            source=dataset.source,
            trains=some_trains(wrong),
        )


def rows_of(first: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64] | slice:
    """Give the rows of trains, one train after the other."""
    stop = first + count
    if (first[1:] == stop[:-1]).all():
        return slice(int(first[0]), int(stop[-1]))
    before = np.cumsum(count) - count
    return np.repeat(first - before, count) + np.arange(int(count.sum()))
