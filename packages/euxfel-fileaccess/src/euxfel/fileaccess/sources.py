"""Which sources a file says it holds: the lists in METADATA, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from .errors import FileStructureError
from .format import FormatVersion
from .h5read import OpenFile, has_member, link_target, read_strings
from .names import is_valid_path, split_source_group
from .problems import Problem, ProblemKind
from .sections import AUXILIARY, Section

# The clock of the facility writes an entry of its own in format 1.1; it is not a source.
_IGNORED = "Karabo_TimerServer"


@dataclass(slots=True)
class SourceLists:
    """Sources of one file by section, and names that stand for another one.

    Attributes
    ----------
    by_section : dict
        Set of source names per section.
    legacy : dict of str to str
        Old name of a source to its present one.
    problems : list of Problem
        Entries that were left out.
    """

    by_section: dict[Section, set[str]] = field(
        default_factory=lambda: {section: set() for section in Section}
    )
    legacy: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_sources(file: OpenFile, version: FormatVersion) -> SourceLists:
    """Read the sources that a file lists, with legacy and auxiliary ones told apart.

    Raises
    ------
    FileStructureError
        If the file has no list of sources.
    """
    lists = SourceLists()
    entries = read_strings(file, f"{version.sources_path}/dataSourceId")
    if entries is None:
        raise FileStructureError(
            f"{file.filename} has no list of sources in {version.sources_path}: it is not an "
            "EXDF file, or is damaged",
            file=file.filename,
        )
    for entry in entries:
        _add_entry(lists, entry, (Section.CONTROL, Section.INSTRUMENT), file.filename)
    # Few files have such lists, and to look for one that is absent takes long.
    auxiliary = (Section.REDUCTION, Section.ERRATA) if has_member(file, AUXILIARY) else ()
    for section in auxiliary:
        for entry in read_strings(file, f"{AUXILIARY}/{section.value}") or ():
            _add_entry(lists, entry, (section,), file.filename)
    _set_legacy_apart(lists, file)
    return lists


def _add_entry(lists: SourceLists, entry: str, allowed: tuple[Section, ...], filename: str) -> None:
    if entry.startswith(_IGNORED):
        return
    section, source = _named(entry)
    if section in allowed:
        lists.by_section[section].add(source)
        return
    lists.problems.append(
        Problem(
            ProblemKind.BAD_SOURCE_NAME,
            f"the list of sources holds {entry!a}, which names no source; it is left out",
            file=filename,
        )
    )


# The files of an aggregator list the same sources.
@lru_cache(maxsize=1 << 14)
def _named(entry: str) -> tuple[Section | None, str]:
    """Give section and source that an entry names; None for the section if it names none."""
    root, _, name = entry.partition("/")
    # Some early DSSC files hold a second slash here.
    name = name.strip("/")
    if root not in tuple(Section) or not is_valid_path(name):
        return None, ""
    section = Section(root)
    source = _source_of(name, section)
    return (section, source) if source else (None, "")


def _source_of(name: str, section: Section) -> str:
    """Give the source that an entry of a section names, empty if it names none."""
    if not section.is_grouped:
        return name
    source = split_source_group(name)[0]
    if not source and section.is_auxiliary:
        # Not every auxiliary source belongs to a channel of a device.
        source = name.rpartition("/")[0]
    return source


def _set_legacy_apart(lists: SourceLists, file: OpenFile) -> None:
    """Move names that are soft links to another source out of the lists."""
    for section in (Section.CONTROL, Section.INSTRUMENT):
        names = lists.by_section[section]
        links = {name: _link_target(file, section, name) for name in names}
        for old, new in links.items():
            if new is not None and new != old:
                lists.legacy[old] = new
                names.discard(old)
                names.add(new)


def _link_target(file: OpenFile, section: Section, name: str) -> str | None:
    """Name of the source that a soft link leads to, None if there is no link."""
    target = link_target(file, section.source_path(name))
    prefix = f"/{section.value}/"
    if target is None or not target.startswith(prefix):
        return None
    source = target[len(prefix) :]
    return source if is_valid_path(source) else None
