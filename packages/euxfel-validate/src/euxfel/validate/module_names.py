"""Which sources are modules of a detector, and where their frames are.

Without the table of detectors, which is in a package beside this one: what is checked here
concerns every detector whose sources are named in one of the usual ways.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Sixteen modules or so that send frames by pulse; the group of their frames.
_BY_PULSE = re.compile(r"(?P<detector>.+/(?:DET|CORR))/(?P<number>\d+)CH0:(?:xtdf|output)")
FRAMES = "image"
# JUNGFRAU and its like: bursts by train.
_BY_TRAIN = re.compile(
    r"(?P<detector>.+/(?:DET|CORR))/(?:JNGFR|MODULE_|RECEIVER-)(?P<number>\d+):(?:daqO|o)utput"
)
BURSTS = "data"


class Module(NamedTuple):
    """A module of a detector."""

    detector: str
    number: int


def module_of(source: str) -> Module | None:
    """Tell which module a source is; None if it is none.

    Examples
    --------
    >>> from euxfel.validate.module_names import module_of
    >>> module_of("SPB_IRDA_JF4M/DET/JNGFR03:daqOutput")
    Module(detector='SPB_IRDA_JF4M/DET', number=3)
    >>> module_of("SPB_XTD9_XGM/DOOCS/MAIN:output")
    """
    match = _BY_PULSE.fullmatch(source) or _BY_TRAIN.fullmatch(source)
    return None if match is None else Module(match["detector"], int(match["number"]))


def frames_group(source: str) -> str:
    """Give the index group that counts the frames of a source, if it is a module."""
    return BURSTS if _BY_TRAIN.fullmatch(source) else FRAMES
