"""Multi-module detectors as single labelled arrays.

`AGIPD1M`, `AGIPD500K`, `DSSC1M`, `LPD1M`, `LPDSolo` and `JUNGFRAU` take a run; ``det[key]`` is one
key of all modules, read in one go. `identify_multimod_detectors` finds out which detector a run
has, `register_detector` adds another type.
"""

from .detector import MultimodDetector
from .errors import NoMaskError
from .frame_view import FrameKeyData
from .jungfrau import JUNGFRAU, CellDetector
from .lpd import LPD1M, LPDSolo
from .registry import identify_multimod_detectors, known_detectors, register_detector
from .table import DetectorType
from .view import MultimodKeyData
from .xtdf import AGIPD1M, AGIPD500K, DSSC1M, XtdfDetector

__all__ = [
    "AGIPD1M",
    "AGIPD500K",
    "DSSC1M",
    "JUNGFRAU",
    "LPD1M",
    "CellDetector",
    "DetectorType",
    "FrameKeyData",
    "LPDSolo",
    "MultimodDetector",
    "MultimodKeyData",
    "NoMaskError",
    "XtdfDetector",
    "identify_multimod_detectors",
    "known_detectors",
    "register_detector",
]
