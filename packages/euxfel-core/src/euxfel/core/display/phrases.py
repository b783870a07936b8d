"""Sentences that text and HTML have in common; not yet neutralised or escaped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

import numpy as np

from euxfel.fileaccess.problems import Problem

from .details import dtype_name
from .durations import format_duration
from .grouping import group_names
from .plain import counted, percent
from .spans import TrainSpan, format_absent, format_ids
from .summary import DetectorLine, Frames, GroupCounts, KeyFacts, OffsetLine, Place, Shortfall


def title(place: Place) -> str:
    """Tell where data comes from.

    Examples
    --------
    >>> from euxfel.core.display.phrases import title
    >>> from euxfel.core.display.summary import Place
    >>> title(Place("SPB", 2012, 238, ("raw",), 18, None))
    'Run 238 of proposal 2012 (SPB, raw)'
    """
    if place.file is not None:
        what = f"File {place.file}"
    elif place.is_single_run:
        what = "Run" if place.run is None else f"Run {place.run}"
    else:
        what = "Data of several runs"
    if place.proposal is not None:
        what += f" of proposal {place.proposal}"
    notes = [n for n in (place.instrument, " + ".join(place.folders)) if n]
    return f"{what} ({', '.join(notes)})" if notes else what


def train_facts(span: TrainSpan) -> list[tuple[str, str]]:
    """Tell of trains, label by label."""
    facts = [("Trains", _trains(span))]
    if span.first is not None:
        facts.append(("Duration", format_duration(span.seconds)))
    if span.n_absent:
        n = counted(span.n_absent, "train")
        facts.append(("Absent", f"{n} between: {format_absent(span)}"))
    if span.suspect:
        n = counted(len(span.suspect), "train")
        facts.append(("Suspect", f"{n}, not trusted above: {format_ids(span.suspect)}"))
    return facts


def shortfall(found: Shortfall) -> str:
    """Tell how many trains an aggregator lacks."""
    lacking = found.n_trains - found.n_listed
    share = percent(lacking, found.n_trains)
    return f"{found.aggregator}: {lacking} of {counted(found.n_trains, 'train')} ({share})"


def offset(line: OffsetLine) -> str:
    """Tell which sources are moved, and how far.

    Examples
    --------
    >>> from euxfel.core.display.phrases import offset
    >>> from euxfel.core.display.summary import OffsetLine
    >>> offset(OffsetLine("SPB_CAM/CAM/1", -2, ("SPB_CAM/CAM/1",)))
    'SPB_CAM/CAM/1: train IDs -2'
    """
    return f"{line.pattern}: train IDs {line.offset:+d}"


def detector_facts(line: DetectorLine) -> str:
    """Tell what a detector consists of and how much it recorded."""
    facts = [line.type, counted(len(line.modules), "module")]
    if line.frames is not None and not line.frames.error:
        if line.frames.module_shape:
            facts[-1] += f" of {_times(line.frames.module_shape)} pixels"
        facts.append(frame_facts(line.frames))
    return ", ".join(facts)


def missing_modules(line: DetectorLine) -> str:
    """Name the modules that are not there."""
    numbers = ", ".join(str(n) for n in line.missing_modules)
    noun = "module" if len(line.missing_modules) == 1 else "modules"
    return f"missing {noun} {numbers}"


def frame_facts(frames: Frames) -> str:
    """Tell how many frames there are."""
    if not frames.n_with_data:
        return "no frames"
    noun = "frame" if frames.most == 1 else "frames"
    facts = f"{_range(frames.fewest, frames.most)} {noun} per train"
    if frames.n_with_data < frames.n_trains:
        facts += f" in {frames.n_with_data} of {counted(frames.n_trains, 'train')}"
    return f"{facts}, {frames.n_frames} in all"


def group_counts(found: GroupCounts) -> str:
    """Tell how many trains have data, and how much.

    Examples
    --------
    >>> from euxfel.core.display.phrases import group_counts
    >>> from euxfel.core.display.summary import GroupCounts
    >>> group_counts(GroupCounts("image", 64, 48, 60, 62, 2944))
    '48 of 64 trains (75.0 %), 60 to 62 entries per train'
    """
    trains = counted(found.n_trains, "train")
    facts = f"{found.n_with_data} of {trains} ({percent(found.n_with_data, found.n_trains)})"
    if not found.n_with_data:
        return facts
    entries = "entry" if found.most == 1 else "entries"
    return f"{facts}, {_range(found.fewest, found.most)} {entries} per train"


def key_shape(key: KeyFacts) -> str:
    """Tell the shape of one entry; nothing for a single value."""
    return _times(key.entry_shape)


def entry_facts(dtype: np.dtype[Any], entry_shape: tuple[int, ...]) -> str:
    """Tell type and shape of one entry.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.core.display.phrases import entry_facts
    >>> entry_facts(np.dtype("u2"), (512, 128)), entry_facts(np.dtype(object), ())
    ('uint16, 512 x 128', 'str')
    """
    return ", ".join([dtype_name(dtype), *filter(None, [_times(entry_shape)])])


def saved_by(aggregators: tuple[str, ...]) -> str:
    """Name data aggregators.

    Examples
    --------
    >>> from euxfel.core.display.phrases import saved_by
    >>> saved_by(("AGIPD00", "AGIPD01", "AGIPD02", "DA03"))
    'AGIPD{00..02}, DA03'
    """
    return ", ".join(group.pattern for group in group_names(aggregators))


def problem_facts(problems: Iterable[Problem]) -> list[tuple[str, str, str]]:
    """Give kind, message and places of problems, those that say the same as one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        where = [PurePath(problem.file).name] if problem.file else []
        where += [problem.source] if problem.source else []
        places = alike.setdefault((str(problem.kind), problem.message), [])
        places += [", ".join(where)] if where else []
    return [(kind, text, _places(where)) for (kind, text), where in alike.items()]


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in shape)


def _places(where: list[str]) -> str:
    if len(where) < 3:
        return "; ".join(where)
    return f"{where[0]} and {len(where) - 1} more"


def _trains(span: TrainSpan) -> str:
    if span.first is None:
        return str(span.n_trains)
    return f"{span.n_trains}, from {span.first} to {span.last}"


def _range(fewest: int, most: int) -> str:
    return str(most) if fewest == most else f"{fewest} to {most}"
