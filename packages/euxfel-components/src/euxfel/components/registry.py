"""The detectors that are known, and others that users add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from euxfel.core import DataCollection

from .detector import MultimodDetector
from .jungfrau import JUNGFRAU, CellDetector
from .lpd import LPD1M, LPDSolo
from .modules import detector_names
from .table import DetectorType
from .xtdf import AGIPD1M, AGIPD500K, DSSC1M, XtdfDetector

DetectorClass = type[MultimodDetector]

_BASES: Mapping[str, DetectorClass] = {
    "pulse": XtdfDetector,
    "cell": CellDetector,
    "train": MultimodDetector,
}
_known: dict[str, DetectorClass] = {
    cls.kind.name: cls for cls in (AGIPD1M, AGIPD500K, DSSC1M, LPD1M, LPDSolo, JUNGFRAU)
}


def known_detectors() -> Mapping[str, DetectorClass]:
    """Give the classes of all known detectors by name, with those that were registered."""
    return MappingProxyType(_known)


def register_detector(kind: DetectorType, base: DetectorClass | None = None) -> DetectorClass:
    """Make a class for another detector, which `identify_multimod_detectors` then knows.

    Parameters
    ----------
    kind : DetectorType
        What the detector is like.
    base : type, optional
        A class to share behaviour with; by default the one for the type's resolution.

    Returns
    -------
    type
        The class, used like `AGIPD1M`. A class of the same name is replaced.

    Raises
    ------
    ValueError
        The name is that of a built-in detector.

    Examples
    --------
    >>> from euxfel.components import DetectorType, register_detector
    >>> Gotthard = register_detector(
    ...     DetectorType(
    ...         "GotthardII",
    ...         detector_names=("*_GH2",),
    ...         module_shape=(1, 1280),
    ...         raw_sources=("/DET/RECEIVER-{module}",),
    ...         corrected_sources=("/CORR/RECEIVER-{module}",),
    ...         n_modules=2,
    ...         first_module=1,
    ...         data_key="data.adc",
    ...         mask_key="data.mask",
    ...         resolution="train",
    ...     )
    ... )
    >>> Gotthard.kind.n_modules
    2
    """
    if kind.name in _known and _known[kind.name].__module__.startswith("euxfel."):
        raise ValueError(f"{kind.name} is a built-in detector; choose another name")
    parent = base or _BASES[kind.resolution]
    attributes = {
        "kind": kind,
        "__module__": "registered",
        "__doc__": f"{kind.name}: modules of {kind.module_shape[0]} x {kind.module_shape[1]}.",
    }
    _known[kind.name] = type(kind.name, (parent,), attributes)
    return _known[kind.name]


def identify_multimod_detectors(
    data: DataCollection,
    detector_name: str | None = None,
    *,
    single: bool = False,
    clses: Iterable[DetectorClass] | None = None,
) -> set[tuple[str, DetectorClass]] | tuple[str, DetectorClass]:
    """Find out which multi-module detectors are in some data.

    Parameters
    ----------
    data : DataCollection
        Where to look.
    detector_name : str, optional
        Only a detector of this name.
    single : bool
        True if there must be exactly one.
    clses : iterable of type, optional
        Classes to consider; all known ones by default.

    Returns
    -------
    set of (str, type), or one (str, type) if ``single``
        Names of detectors with their classes.

    Raises
    ------
    ValueError
        ``single``, and there is none or several.
    """
    sources = data.instrument_sources
    found = {
        (name, cls)
        for cls in (_known.values() if clses is None else clses)
        for name in detector_names(cls.kind, sources)
        if detector_name in (None, name)
    }
    if not single:
        return found
    if len(found) != 1:
        names = ", ".join(sorted(name for name, _ in found)) or "none"
        raise ValueError(f"exactly one multi-module detector is wanted here, and there is: {names}")
    return found.pop()
