"""What differs between detectors, as a table: names, sources, shapes, keys.

Source: naming of detector sources and shapes of their frames in the facility's data format notes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Resolution = Literal["pulse", "cell", "train"]


@dataclass(frozen=True)
class DetectorType:
    """How a type of detector is named and what its modules hold: one row of the table.

    Attributes
    ----------
    name : str
        Name of the class, such as ``"AGIPD1M"``.
    detector_names : tuple of str
        Glob patterns for names of such detectors; ``*`` stands for anything but a slash.
    module_shape : tuple of int
        Pixels of a module along slow and fast scan.
    raw_sources, corrected_sources : tuple of str
        How the names of sources go on after the detector's name, up to the module number.
        ``{module}`` is that number; a detector without it has one module.
    n_modules : int or None
        Modules of the whole detector; None if that depends on the instance.
    data_key, mask_key : str
        Keys of pixel values and of the mask of bad pixels.
    first_module : int
        Number of the first module.
    resolution : str
        ``"pulse"`` if a train has any number of frames labelled with pulse IDs (XTDF),
        ``"cell"`` if the memory cells are an axis of each entry, ``"train"`` for single frames.
    raw_axes : int or None
        Axes of one raw frame, if that tells raw from corrected data; by default raw data is
        whole numbers.

    Examples
    --------
    >>> from euxfel.components import DetectorType
    >>> epix = DetectorType(
    ...     "EPIX100",
    ...     detector_names=("*_EPX100*",),
    ...     module_shape=(708, 768),
    ...     raw_sources=("/DET/RECEIVER:daqOutput",),
    ...     corrected_sources=("/CORR/RECEIVER:output",),
    ...     n_modules=1,
    ...     data_key="data.image.pixels",
    ...     mask_key="data.mask",
    ...     resolution="train",
    ... )
    >>> epix.n_modules
    1
    """

    name: str
    detector_names: tuple[str, ...]
    module_shape: tuple[int, int]
    raw_sources: tuple[str, ...] = ("/DET/{module}CH",)
    corrected_sources: tuple[str, ...] = ("/CORR/{module}CH",)
    n_modules: int | None = 16
    data_key: str = "image.data"
    mask_key: str = "image.mask"
    first_module: int = 0
    resolution: Resolution = "pulse"
    raw_axes: int | None = None


TABLE: Mapping[str, DetectorType] = {
    row.name: row
    for row in (
        # The type of corrected AGIPD data is a setting: only the extra axis tells raw data.
        DetectorType("AGIPD1M", ("*_AGIPD1M*",), (512, 128), raw_axes=3),
        DetectorType("AGIPD500K", ("*AGIPD500K*",), (512, 128), n_modules=8, raw_axes=3),
        DetectorType("DSSC1M", ("*_DSSC1M*",), (128, 512)),
        DetectorType("LPD1M", ("*_LPD1M*",), (256, 256)),
        DetectorType("LPDSolo", ("*_LPD_SOLO*",), (256, 256), n_modules=1),
        DetectorType(
            "JUNGFRAU",
            ("*_JNGFR", "*_JF1M", "*_JF4M", "*_JUNGF", "*_JF", "*_JF500K", "*_JF500K[0-9]"),
            (512, 1024),
            ("/DET/MODULE_{module}", "/DET/RECEIVER-{module}", "/DET/JNGFR{module}"),
            ("/CORR/MODULE_{module}", "/CORR/RECEIVER-{module}", "/CORR/JNGFR{module}"),
            n_modules=None,
            data_key="data.adc",
            mask_key="data.mask",
            first_module=1,
            resolution="cell",
        ),
    )
}
"""Built-in detectors by name of their class."""
