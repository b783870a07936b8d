"""From a collection to what is shown of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from euxfel.fileaccess.errors import SourceNameError

from .details import frames_of, frames_or_error, source_counts, source_details
from .detectors import Detector, detector_of, find_detectors
from .grouping import group_names, natural_key, single_names
from .places import place_of, shortfalls_of
from .protocols import AuxiliaryLike, CollectionLike, SourceLike
from .spans import train_span
from .summary import Details, DetectorLine, LegacyLine, OffsetLine, SourceLine, Summary


def summarise(
    collection: CollectionLike,
    details_for_sources: str | Iterable[str] = (),
    counts: bool = False,
    group_sources: bool = True,
    with_aggregators: bool = False,
    with_auxiliary: bool = False,
) -> Summary:
    """Tell what is in a run, a file or a selection of them.

    Parameters
    ----------
    collection : DataCollection
        What to look at.
    details_for_sources : str or iterable of str
        Globs: show keys with dtype, shape and units for the sources that match.
    counts : bool
        Show how many trains have data for each instrument source.
    group_sources : bool
        Show similar names as one pattern where the same is said of them.
    with_aggregators : bool
        Show which data aggregator each source was saved by.
    with_auxiliary : bool
        Show sources on reduction and errata.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.core.display import summarise
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(summarise(RunDirectory(small_run().write(folder).path)))
    Run 1 of proposal 900000 (SPB, raw)
    <BLANKLINE>
    Trains    20, from 10000 to 10019
    Duration  2.0 s
    Files     3
    ...
    """
    globs = (details_for_sources,) if isinstance(details_for_sources, str) else details_for_sources
    view = _View(tuple(globs), counts, group_sources, with_aggregators, opens_files=True)
    return _summarise(collection, view, with_auxiliary)


def summarise_known(collection: CollectionLike) -> Summary:
    """Tell what is in a collection as far as it is known without opening a file."""
    return _summarise(collection, _View(), with_auxiliary=False)


def auxiliary_lines(
    auxiliary: AuxiliaryLike, details_for_sources: str | Iterable[str], with_aggregators: bool
) -> tuple[tuple[SourceLine, ...], tuple[SourceLine, ...]]:
    """Tell which sources there are on reduction, and which on errata."""
    globs = (details_for_sources,) if isinstance(details_for_sources, str) else details_for_sources
    return _auxiliary(auxiliary, _View(tuple(globs), aggregators=with_aggregators))


def detector_facts(collection: CollectionLike, source: str) -> dict[str, Any]:
    """Give the size and number of frames of a detector, from one of its modules.

    Parameters
    ----------
    collection : DataCollection
        Data with the detector.
    source : str
        One module, such as ``"SPB_DET_AGIPD1M-1/DET/0CH0:xtdf"``.

    Returns
    -------
    dict
        ``dims``: pixels of a module, slow scan first; ``frames_per_train``: the largest number
        in any train; ``total_frames``: frames that the module has in all selected trains.

    Raises
    ------
    SourceNameError
        If there is no such source, or it is not a detector module.
    DataError
        If its frames cannot be read.
    """
    detector = detector_of(source)
    if detector is None:
        raise SourceNameError(
            f"{source!r} is not a detector module; see run.detector_sources", source=source
        )
    frames = frames_of(collection[source], detector)
    return {
        "dims": frames.module_shape,
        "frames_per_train": frames.most,
        "total_frames": frames.n_frames,
    }


@dataclass(frozen=True, slots=True)
class _View:
    """What was asked for, and how lines are made accordingly."""

    globs: tuple[str, ...] = ()
    counts: bool = False
    group: bool = True
    aggregators: bool = False
    opens_files: bool = False

    def wants_details(self, source: str) -> bool:
        return any(fnmatchcase(source, glob) for glob in self.globs)

    def wants_lines(self, detector: Detector) -> bool:
        """Whether modules are listed below their detector."""
        wanted = any(self.wants_details(s) for s in detector.sources.values())
        return self.counts or not self.group or wanted

    def details(self, source: SourceLike) -> Details | None:
        if self.wants_details(source.source):
            return source_details(source)
        if self.counts and not source.is_control:
            return source_counts(source)
        return None

    def lines(
        self, sources: AbstractSet[str], get: Callable[[str], SourceLike]
    ) -> tuple[SourceLine, ...]:
        same: dict[tuple[tuple[str, ...], Details | None], list[str]] = defaultdict(list)
        for name in sorted(sources, key=natural_key):
            if self.aggregators or self.counts or self.wants_details(name):
                source = get(name)
                wrote = aggregators_of(source) if self.aggregators else ()
                same[wrote, self.details(source)].append(name)
            else:
                same[(), None].append(name)
        split = group_names if self.group else single_names
        found = [
            SourceLine(group.pattern, group.names, wrote, details)
            for (wrote, details), names in same.items()
            for group in split(names)
        ]
        return tuple(sorted(found, key=lambda line: natural_key(line.names[0])))


def _summarise(collection: CollectionLike, view: _View, with_auxiliary: bool) -> Summary:
    files = list(collection.files)
    suspect = [int(t) for t in collection.suspect_train_ids]
    detectors = find_detectors(collection.instrument_sources)
    modules = {source for d in detectors for source in d.sources.values()}
    get = collection.__getitem__
    reduction = errata = None
    if with_auxiliary:
        reduction, errata = _auxiliary(collection.auxiliary, view)
    return Summary(
        place=place_of(files, collection.is_single_run),
        trains=train_span(collection.train_ids, suspect),
        shortfalls=shortfalls_of(files, collection.train_ids, suspect),
        detectors=tuple(_detector_line(collection, d, view) for d in detectors),
        instrument=view.lines(collection.instrument_sources - modules, get),
        control=view.lines(collection.control_sources, get),
        reduction=reduction,
        errata=errata,
        legacy=_legacy_lines(dict(collection.legacy_sources), view.group),
        problems=tuple(collection.known_problems),
        offsets=_offset_lines(collection.train_offsets),
    )


def _auxiliary(
    auxiliary: AuxiliaryLike, view: _View
) -> tuple[tuple[SourceLine, ...], tuple[SourceLine, ...]]:
    get = auxiliary.__getitem__
    return view.lines(auxiliary.reduction_sources, get), view.lines(auxiliary.errata_sources, get)


def _detector_line(collection: CollectionLike, detector: Detector, view: _View) -> DetectorLine:
    sources = list(detector.sources.values())
    patterns = [group.pattern for group in group_names(sources)]
    wrote = {a for s in sources for a in aggregators_of(collection[s])} if view.aggregators else ()
    return DetectorLine(
        name=detector.name,
        type=detector.type.name,
        pattern=", ".join(patterns),
        modules=tuple(detector.sources),
        missing_modules=detector.missing_modules,
        aggregators=tuple(sorted(wrote, key=natural_key)),
        frames=frames_or_error(collection[sources[0]], detector) if view.opens_files else None,
        sources=_module_lines(collection, detector, view),
    )


def _module_lines(
    collection: CollectionLike, detector: Detector, view: _View
) -> tuple[SourceLine, ...]:
    if not view.wants_lines(detector):
        return ()
    if view.group:
        # Each module has an aggregator of its own; that must not keep them from being grouped.
        view = replace(view, aggregators=False)
    return view.lines(set(detector.sources.values()), collection.__getitem__)


def aggregators_of(source: SourceLike) -> tuple[str, ...]:
    """Give the data aggregators that wrote a source, by the names of its files."""
    found = {f.aggregator for f in source.files if f.aggregator is not None}
    return tuple(sorted(found, key=natural_key))


def _offset_lines(offsets: Mapping[str, int]) -> tuple[OffsetLine, ...]:
    return tuple(
        OffsetLine(group.pattern, offset, group.names)
        for offset in sorted(set(offsets.values()))
        for group in group_names(name for name, n in offsets.items() if n == offset)
    )


def _legacy_lines(legacy: dict[str, str], group: bool) -> tuple[LegacyLine, ...]:
    lines = []
    for old in group_names(legacy) if group else single_names(legacy):
        pairs = tuple((name, legacy[name]) for name in old.names)
        new = group_names(name for _, name in pairs)
        if len(new) == 1 and new[0].names == tuple(n for _, n in pairs):
            lines.append(LegacyLine(old.pattern, new[0].pattern, pairs))
        else:
            # The patterns would not tell which name stands for which.
            lines += [LegacyLine(a, b, ((a, b),)) for a, b in pairs]
    return tuple(lines)
