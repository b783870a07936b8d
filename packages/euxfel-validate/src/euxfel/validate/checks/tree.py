"""Checks of what a file says about itself against what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from euxfel.fileaccess import ProblemKind, Section
from euxfel.fileaccess.h5read import read_strings

from ..file_contents import FileContents
from ..finding import Finding, Severity
from ..registry import file_check


@file_check(Severity.ERROR)
def metadata_tree(contents: FileContents) -> Iterator[Finding]:
    """The list of sources in METADATA does not match what is in the file.

    Sources that are not listed are not found by readers. Entries that name no source are left
    out. Where there is an index but no data, the data was lost.
    """
    for problem in contents.facts.problems:
        if problem.kind is ProblemKind.BAD_SOURCE_NAME:
            yield Finding(problem.kind, problem.message, dataset=_list_path(contents))
    for path in contents.survey.unlisted:
        yield Finding(
            ProblemKind.SOURCE_NOT_LISTED,
            f"{path!a} belongs to no source that METADATA lists",
            dataset=path,
        )
    for section in Section:
        for source in contents.sources(section):
            # Devices that only send data have an index and no properties.
            if section.is_grouped:
                yield from _lost_data(contents, section, source)


@file_check(Severity.WARNING)
def metadata_columns(contents: FileContents) -> Iterator[Finding]:
    """The columns of the list of sources contradict each other.

    ``root`` and ``deviceId`` say the same as ``dataSourceId``, in two parts. euxfel reads
    ``dataSourceId`` only.
    """
    folder = contents.facts.version.sources_path
    entries = read_strings(contents.h5, f"{folder}/dataSourceId") or []
    roots = read_strings(contents.h5, f"{folder}/root")
    devices = read_strings(contents.h5, f"{folder}/deviceId")
    if roots is None or devices is None:
        missing = "root" if roots is None else "deviceId"
        message = f"there is no column {missing}"
        yield Finding(ProblemKind.BAD_METADATA, message, dataset=f"{folder}/{missing}")
        return
    joined = [f"{root}/{device}" for root, device in zip(roots, devices, strict=False)]
    if joined != entries:
        wrong = [entry for entry in entries if entry not in set(joined)]
        which = f"{wrong[0]!a} first" if wrong else "their order differs"
        message = f"{len(wrong)} of {len(entries)} sources are not in root and deviceId: {which}"
        yield Finding(ProblemKind.BAD_METADATA, message, dataset=f"{folder}/deviceId")


@file_check(Severity.WARNING)
def metadata_numbers(contents: FileContents) -> Iterator[Finding]:
    """Run or sequence number in METADATA differ from the name of the file.

    The file was renamed or copied from another run. Find out where it belongs.
    """
    facts = contents.file.name_facts
    if facts is None:
        return
    for name, stated in (("runNumber", facts.run), ("sequenceNumber", facts.sequence)):
        path = f"METADATA/{name}"
        stored = contents.read(path)
        if stored is None or stored.dtype.kind not in "iu" or stored.size != 1 or stated is None:
            continue
        if int(stored.ravel()[0]) != stated:
            message = f"{name} is {int(stored.ravel()[0])}, the name of the file says {stated}"
            yield Finding(ProblemKind.BAD_METADATA, message, dataset=path)


@file_check(Severity.ERROR)
def links(contents: FileContents) -> Iterator[Finding]:
    """A link leads nowhere.

    What it stood for was renamed or removed, in this file or, for an external link, in another.
    """
    for path in contents.survey.dangling:
        yield Finding(ProblemKind.DANGLING_LINK, f"the link {path!a} leads nowhere", dataset=path)


@file_check(Severity.ERROR)
def objects_open(contents: FileContents) -> Iterator[Finding]:
    """A dataset cannot be opened.

    The file is damaged where the dataset is described. Copy the file again from the archive.
    """
    for path, why in contents.survey.damaged:
        yield Finding(ProblemKind.DAMAGED_DATA, f"{path!a} cannot be opened: {why!a}", dataset=path)


def _list_path(contents: FileContents) -> str:
    return f"{contents.facts.version.sources_path}/dataSourceId"


def _lost_data(contents: FileContents, section: Section, source: str) -> Iterator[Finding]:
    """Yield a finding if an index says there is data of a source that has no dataset."""
    if contents.stored(section, source):
        return
    for group in _index_groups(contents, source):
        path = section.index_path(source, group)
        counts = contents.read(f"{path}/count")
        if counts is not None and counts.dtype.kind in "iu" and counts.any():
            yield Finding(
                ProblemKind.MISSING_DATA,
                f"the index says that there are {int(counts.sum())} rows, but there is no dataset",
                dataset=section.source_path(source),
                source=source,
            )


def _index_groups(contents: FileContents, source: str) -> list[str]:
    group = contents.h5.get(f"INDEX/{source}")
    return [] if group is None else [str(name) for name in group]
