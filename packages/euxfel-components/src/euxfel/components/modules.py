"""Which sources are modules of which detector, and whether they are raw or corrected."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import numpy as np

from euxfel.core.selection import SelectedSource
from euxfel.core.user_warning import warn_user
from euxfel.fileaccess import NoDataError, SourceNameError

from .table import DetectorType

Sources = Mapping[str, SelectedSource]
Numbers = dict[str, int]


def detector_names(kind: DetectorType, sources: Iterable[str]) -> set[str]:
    """Give the names of all detectors of a type that have modules among some sources."""
    patterns = [
        re.compile(f"(?P<name>{_glob(name)}){_source(after)}")
        for name in kind.detector_names
        for after in (*kind.raw_sources, *kind.corrected_sources)
    ]
    found = (p.match(source) for source in sources for p in patterns)
    return {match["name"] for match in found if match}


def one_detector_name(kind: DetectorType, sources: Iterable[str]) -> str:
    """Give the name of the only detector of a type.

    Raises
    ------
    SourceNameError
        There is none.
    ValueError
        There are several.
    """
    names = sorted(detector_names(kind, sources))
    if not names:
        raise SourceNameError(
            f"this data has no source of a {kind.name}, named like "
            f"{kind.detector_names[0]}{kind.raw_sources[0]}; see .all_sources"
        )
    if len(names) > 1:
        raise ValueError(
            f"this data has several detectors of type {kind.name}: {', '.join(names)}; "
            "choose with detector_name="
        )
    return names[0]


def find_modules(
    kind: DetectorType, sources: Sources, name: str, raw: bool | None
) -> tuple[Numbers, bool]:
    """Give the sources of a detector's modules with their numbers, and whether they are raw.

    Parameters
    ----------
    kind : DetectorType
        Type of the detector.
    sources : mapping
        Sources to look among.
    name : str
        Name of the detector.
    raw : bool or None
        True for raw data, False for corrected; None for corrected data if there is any, else
        raw data with a warning.

    Raises
    ------
    SourceNameError
        There is no such data.
    NoDataError
        Raw data is asked for, and what has the names of raw data is corrected.
    """
    if raw:
        found = _matching(kind, sources, name, kind.raw_sources)
        if found and not _first_is_raw(kind, sources, found):
            raise NoDataError(
                f"there is no raw data of {name} here: its /DET/ sources hold corrected data"
            )
        return _some(found, name, "raw"), True
    found = _matching(kind, sources, name, kind.corrected_sources)
    if found:
        return found, False
    # Corrected data had the names of raw data before there were names of its own.
    found = _some(_matching(kind, sources, name, kind.raw_sources), name, "corrected or raw")
    falls_back = _first_is_raw(kind, sources, found)
    if falls_back and raw is False:
        raise SourceNameError(f"there is no corrected data of {name} here; raw=True takes raw data")
    if falls_back:
        warn_user(
            f"there is no corrected data of {name}: this is raw data. Say raw=True if that is "
            "what you want, or raw=False to get an error instead"
        )
    return found, falls_back


def _first_is_raw(kind: DetectorType, sources: Sources, found: Numbers) -> bool:
    # One file is opened, not one per module: modules of another kind are refused when read.
    return is_raw(kind, sources[next(iter(found))])


def is_raw(kind: DetectorType, source: SelectedSource) -> bool:
    """Whether a module's data is raw."""
    if "/CORR/" in source.stored.source:
        return False
    layout = source.stored.layout(kind.data_key, ())
    if kind.raw_axes is not None:
        return len(layout.entry_shape) == kind.raw_axes
    return bool(np.issubdtype(layout.dtype, np.integer))


def with_numbers(found: Numbers, modules: Collection[int] | None, name: str) -> Numbers:
    """Keep the modules asked for.

    Raises
    ------
    SourceNameError
        None of them is there.
    """
    if modules is None:
        return found
    kept = {source: number for source, number in found.items() if number in modules}
    if not kept:
        raise SourceNameError(
            f"{name} has no module with a number among {sorted(modules)}; "
            f"there are {sorted(found.values())}"
        )
    return kept


def _some(found: Numbers, name: str, which: str) -> Numbers:
    if not found:
        raise SourceNameError(f"this data has no {which} data of {name}; see .all_sources")
    return found


def _matching(
    kind: DetectorType, sources: Iterable[str], name: str, patterns: Iterable[str]
) -> Numbers:
    compiled = [re.compile(re.escape(name) + _source(after)) for after in patterns]
    found: dict[int, str] = {}
    for source in sorted(sources):
        match = next(filter(None, (p.match(source) for p in compiled)), None)
        if match is None:
            continue
        number = int(match.groupdict().get("module", kind.first_module))
        if number in found:
            raise ValueError(
                f"module {number} of {name} is both {found[number]} and {source}; select one "
                "of the two sources first"
            )
        found[number] = source
    return {source: number for number, source in sorted(found.items())}


@lru_cache(maxsize=256)
def _glob(pattern: str) -> str:
    """Regular expression for a glob; brackets mean the same in both."""
    parts = re.split(r"(\*|\?|\[[^]]*\])", pattern)
    known = {"*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(p, p if p.startswith("[") else re.escape(p)) for p in parts)


@lru_cache(maxsize=256)
def _source(after: str) -> str:
    """Regular expression for the part of a source's name with the module number."""
    before, number, rest = after.partition("{module}")
    return re.escape(before) + (r"(?P<module>\d+)" if number else "") + re.escape(rest)
