"""Which sources are modules of multi-module detectors, by their names."""

from __future__ import annotations

import re

# Source: naming of detector sources in the facility's data format notes.
_DETECTOR = re.compile(r"(.+)/(DET|CORR)/(\d+)CH")


def is_detector(source: str) -> bool:
    """Whether a source is a module of an AGIPD, LPD or DSSC detector.

    Examples
    --------
    >>> from euxfel.core.detector_names import is_detector
    >>> is_detector("SPB_DET_AGIPD1M-1/DET/7CH0:xtdf"), is_detector("SPB_XTD9_XGM/DOOCS/MAIN")
    (True, False)
    """
    return _DETECTOR.match(source) is not None
