"""What is shown of a run, as a value: renderers make text, HTML and JSON of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from euxfel.fileaccess.problems import Problem

from .spans import TrainSpan


@dataclass(frozen=True, slots=True)
class Place:
    """Where data comes from, by names of files and folders; None where they do not tell.

    Attributes
    ----------
    instrument : str or None
        Such as ``"SPB"``.
    proposal, run : int or None
        Numbers, if all files agree.
    folders : tuple of str
        Folders under the proposal, such as ``("proc", "raw")``.
    n_files : int
        Number of files.
    file : str or None
        Name of the file if there is only one.
    is_single_run : bool
        Whether all files are of one run.
    """

    instrument: str | None
    proposal: int | None
    run: int | None
    folders: tuple[str, ...]
    n_files: int
    file: str | None
    is_single_run: bool = True


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """How many entries one index group has.

    Attributes
    ----------
    group : str
        Name of the group, empty for control sources.
    n_trains : int
        Number of trains looked at.
    n_with_data : int
        Number of trains with at least one entry.
    fewest, most : int
        Entries per train, among the trains with data.
    n_entries : int
        Entries of all trains.
    """

    group: str
    n_trains: int
    n_with_data: int
    fewest: int
    most: int
    n_entries: int


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Type, shape and units of a key; ``error`` says why they are not known."""

    key: str
    dtype: str
    entry_shape: tuple[int, ...]
    units: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What is shown of a source beyond its name.

    Attributes
    ----------
    counts : tuple of GroupCounts
        Entries by index group.
    keys : tuple of KeyFacts
        All keys, ``.value`` and timestamps left out; empty if not asked for.
    run_keys : tuple of str
        Keys that only the snapshot at the start of the run has.
    device_class : str or None
        Class of the device.
    error : str
        Why the rest is not known.
    """

    counts: tuple[GroupCounts, ...] = ()
    keys: tuple[KeyFacts, ...] = ()
    run_keys: tuple[str, ...] = ()
    device_class: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Sources with similar names about which the same is to be said.

    Attributes
    ----------
    pattern : str
        The name, or the names as a pattern.
    names : tuple of str
        Names of the sources.
    aggregators : tuple of str
        Data aggregators that wrote them; empty if not asked for.
    details : Details or None
        The same for all of them; None if not asked for.
    """

    pattern: str
    names: tuple[str, ...]
    aggregators: tuple[str, ...] = ()
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of a detector, as one of its modules has them.

    Attributes
    ----------
    source : str
        The module.
    module_shape : tuple of int
        Pixels, slow scan first.
    fewest, most : int
        Frames per train, among the trains with frames.
    n_with_data, n_trains : int
        Number of trains with frames, and of all trains.
    n_frames : int
        Frames of all trains.
    error : str
        Why the rest is not known.
    """

    source: str
    module_shape: tuple[int, ...] = ()
    fewest: int = 0
    most: int = 0
    n_with_data: int = 0
    n_trains: int = 0
    n_frames: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class DetectorLine:
    """One detector.

    Attributes
    ----------
    name, type : str
        Name of the detector and of its type.
    pattern : str
        Its sources as a pattern.
    modules, missing_modules : tuple of int
        Module numbers that are there, and those that should be.
    aggregators : tuple of str
        Data aggregators that wrote it; empty if not asked for.
    frames : Frames or None
        None if no file was to be opened.
    sources : tuple of SourceLine
        Its modules, where more is to be said of them.
    """

    name: str
    type: str
    pattern: str
    modules: tuple[int, ...]
    missing_modules: tuple[int, ...]
    aggregators: tuple[str, ...]
    frames: Frames | None
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class LegacyLine:
    """Old names of sources and what they stand for."""

    old: str
    new: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OffsetLine:
    """Sources with similar names whose train IDs are moved by the same offset."""

    pattern: str
    offset: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A data aggregator whose files do not list all trains."""

    aggregator: str
    n_listed: int
    n_trains: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What is in a run, a file or a selection of them.

    Attributes
    ----------
    place : Place
        Where the data comes from.
    trains : TrainSpan
        Which trains it has.
    shortfalls : tuple of Shortfall
        Data aggregators that lack trains.
    detectors : tuple of DetectorLine
        Detectors; their sources are not among `instrument`.
    instrument, control : tuple of SourceLine
        Sources by kind.
    reduction, errata : tuple of SourceLine or None
        Auxiliary sources; None if not asked for.
    legacy : tuple of LegacyLine
        Old names of sources.
    problems : tuple of Problem
        What was found wrong so far.
    offsets : tuple of OffsetLine
        Sources with a train offset.
    """

    place: Place
    trains: TrainSpan
    shortfalls: tuple[Shortfall, ...]
    detectors: tuple[DetectorLine, ...]
    instrument: tuple[SourceLine, ...]
    control: tuple[SourceLine, ...]
    reduction: tuple[SourceLine, ...] | None
    errata: tuple[SourceLine, ...] | None
    legacy: tuple[LegacyLine, ...]
    problems: tuple[Problem, ...]
    offsets: tuple[OffsetLine, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the summary as JSON has it, with the version of this form as ``"schema"``."""
        from .as_dict import summary_dict

        return summary_dict(self)

    def to_text(self, width: int | None = None) -> str:
        """Give the summary as plain text.

        Parameters
        ----------
        width : int, optional
            Columns to wrap messages at. Names are never cut.
        """
        from .text import summary_text

        return summary_text(self, width)

    def to_html(self) -> str:
        """Give the summary as a piece of HTML for notebooks."""
        from .html import summary_html

        return summary_html(self)

    def __str__(self) -> str:
        return self.to_text()


def n_sources(lines: tuple[SourceLine, ...]) -> int:
    """Give the number of sources in some lines."""
    return sum(len(line.names) for line in lines)
