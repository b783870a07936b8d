"""Detectors of many modules, as the names of their sources show them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_XTDF = re.compile(
    r"(?P<name>[^/]+)/(?P<place>[^/]+)/(?P<module>[0-9]{1,4})CH0:(?P<channel>xtdf|output)"
)
_JUNGFRAU = re.compile(
    r"(?P<name>[^/]*(?:JF|JNGFR)[^/]*)/(?P<place>DET|CORR)/"
    r"(?P<prefix>MODULE_|JNGFR|RECEIVER-?)(?P<module>[0-9]{1,4}):(?P<channel>daqOutput|output)"
)


@dataclass(frozen=True, slots=True)
class DetectorType:
    """What is known of a type of detector by the name of a detector.

    Attributes
    ----------
    name : str
        Name of the type.
    pattern : re.Pattern
        Found in the names of its detectors.
    first_module, n_modules : int or None
        Number of the first module, and how many there are; None if names do not tell.
    """

    name: str
    pattern: re.Pattern[str]
    first_module: int = 0
    n_modules: int | None = None


# The first that fits counts.
TYPES = (
    DetectorType("AGIPD-1M", re.compile("AGIPD1M"), 0, 16),
    DetectorType("AGIPD-500K", re.compile("AGIPD500K"), 0, 8),
    DetectorType("AGIPD", re.compile("AGIPD")),
    DetectorType("LPD-1M", re.compile("LPD1M"), 0, 16),
    DetectorType("LPD Solo", re.compile("LPD_SOLO"), 0, 1),
    DetectorType("LPD", re.compile("LPD")),
    DetectorType("DSSC-1M", re.compile("DSSC1M"), 0, 16),
    DetectorType("DSSC", re.compile("DSSC")),
    DetectorType("JUNGFRAU-4M", re.compile("JF4M"), 1, 8),
    DetectorType("JUNGFRAU-1M", re.compile("JF1M"), 1, 2),
    DetectorType("JUNGFRAU-500K", re.compile("JF500K"), 1, 1),
    DetectorType("JUNGFRAU", re.compile("JF|JNGFR"), 1),
)
_UNKNOWN = DetectorType("XTDF detector", re.compile(""))


@dataclass(frozen=True, slots=True)
class Detector:
    """The sources of one detector.

    Attributes
    ----------
    name : str
        Name of the detector, such as ``"SPB_DET_AGIPD1M-1"``.
    type : DetectorType
        What is known of detectors of this name.
    sources : dict of int to str
        Source of each module that is there.
    data_key : str
        Key of the frames.
    """

    name: str
    type: DetectorType
    sources: dict[int, str]
    data_key: str

    @property
    def missing_modules(self) -> tuple[int, ...]:
        """Numbers of modules that should be there; only gaps if it is not known how many."""
        first, last = min(self.sources), max(self.sources)
        if self.type.n_modules is not None:
            end = self.type.first_module + self.type.n_modules - 1
            # Some JUNGFRAU count on from another first number: nothing is expected of those.
            if self.type.first_module <= first and last <= end:
                first, last = self.type.first_module, end
        return tuple(n for n in range(first, last + 1) if n not in self.sources)


def find_detectors(sources: Iterable[str]) -> list[Detector]:
    """Find the detectors among instrument sources, in order of name.

    Sources with raw and with corrected data of one detector count as two detectors.

    Examples
    --------
    >>> from euxfel.core.display.detectors import find_detectors
    >>> d, = find_detectors(["SPB_IRDA_JF4M/DET/JNGFR01:daqOutput", "SPB_CAM/CAM/1:output"])
    >>> d.name, d.type.name, d.missing_modules
    ('SPB_IRDA_JF4M', 'JUNGFRAU-4M', (2, 3, 4, 5, 6, 7, 8))
    """
    found: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
    for source in sorted(sources):
        match = _XTDF.fullmatch(source) or _JUNGFRAU.fullmatch(source)
        if match is not None:
            name, place, *_, channel = match.groups()
            key = "data.adc" if match.re is _JUNGFRAU else "image.data"
            found[name, place, channel, key][int(match["module"])] = source
    return [
        Detector(name, _type_of(name), dict(sorted(modules.items())), key)
        for (name, _, _, key), modules in found.items()
    ]


def detector_of(source: str) -> Detector | None:
    """Give the detector that a source is a module of, with this module only."""
    found = find_detectors([source])
    return found[0] if found else None


def _type_of(name: str) -> DetectorType:
    return next((t for t in TYPES if t.pattern.search(name)), _UNKNOWN)
