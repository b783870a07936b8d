"""Multi-module detectors as a table, and the sources of their modules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .rules import Constant, EntryNumber, Rule, planted_values
from .sources import Group, InstrumentSource, Key, Source, Storage

COMPRESSED = Storage(chunk_rows=1, deflate=1, shuffle=True)
"""How corrected data, gain and mask are stored."""
FRAME = Storage(chunk_rows=1)
"""One frame in a chunk: how raw data is stored."""


@dataclass(frozen=True)
class Detector:
    """How one detector names its modules, and how large they are.

    Attributes
    ----------
    kind : str
        ``"AGIPD"``, ``"LPD"``, ``"DSSC"`` or ``"JUNGFRAU"``.
    name : str
        Domain of the detector, for instance ``"SPB_DET_AGIPD1M-1"``.
    modules : tuple of int
        Module numbers, as the sources are numbered.
    module_shape : tuple of int
        Pixels along slow scan and fast scan.
    raw_source, corrected_source : str
        Patterns with ``{name}`` and ``{module}``.
    aggregator : str
        Pattern with ``{module}``.
    raw_axis : tuple of int
        Axes of raw data between frame and pixels: ``(2,)`` is data and gain.
    """

    kind: str
    name: str
    modules: tuple[int, ...]
    module_shape: tuple[int, int]
    raw_source: str = "{name}/DET/{module}CH0:xtdf"
    corrected_source: str = "{name}/CORR/{module}CH0:output"
    aggregator: str = "AGIPD{module:02}"
    raw_axis: tuple[int, ...] = (1,)

    def source(self, module: int, corrected: bool = False) -> str:
        """Name of a module's source, in the naming scheme of today."""
        pattern = self.corrected_source if corrected else self.raw_source
        return pattern.format(name=self.name, module=module)

    def aggregator_of(self, module: int) -> str:
        """Name of the aggregator that records a module."""
        return self.aggregator.format(module=module)


SIXTEEN = tuple(range(16))

DETECTORS: dict[str, Detector] = {
    detector.name: detector
    for detector in (
        Detector("AGIPD", "SPB_DET_AGIPD1M-1", SIXTEEN, (512, 128), raw_axis=(2,)),
        Detector("AGIPD", "MID_DET_AGIPD1M-1", SIXTEEN, (512, 128), raw_axis=(2,)),
        Detector("AGIPD", "HED_DET_AGIPD500K2G", tuple(range(8)), (512, 128), raw_axis=(2,)),
        Detector("LPD", "FXE_DET_LPD1M-1", SIXTEEN, (256, 256), aggregator="LPD{module:02}"),
        Detector("LPD", "FXE_DET_LPD_SOLO", (0,), (256, 256), aggregator="LPD{module:02}"),
        Detector("DSSC", "SCS_DET_DSSC1M-1", SIXTEEN, (128, 512), aggregator="DSSC{module:02}"),
        *(
            Detector("JUNGFRAU", name, modules, (512, 1024), raw, corrected, "JNGFR{module:02}", ())
            for name, modules, raw, corrected in (
                # A row for each naming scheme in use.
                (
                    "SPB_IRDA_JNGFR",
                    (1, 2),
                    "{name}/DET/MODULE_{module}:daqOutput",
                    "{name}/CORR/MODULE_{module}:output",
                ),
                (
                    "SPB_IRDA_JF4M",
                    tuple(range(1, 9)),
                    "{name}/DET/JNGFR{module:02}:daqOutput",
                    "{name}/CORR/JNGFR{module:02}:output",
                ),
                (
                    "FXE_XAD_JF1M",
                    (1, 2),
                    "{name}/DET/RECEIVER-{module}:daqOutput",
                    "{name}/CORR/RECEIVER-{module}:output",
                ),
                (
                    "FXE_XAD_JF500K",
                    (1,),
                    "{name}/DET/JNGFR{module:02}:daqOutput",
                    "{name}/CORR/JNGFR{module:02}:output",
                ),
                (
                    "HED_IA1_JF500K1",
                    (1,),
                    "{name}/DET/JNGFR{module:02}:daqOutput",
                    "{name}/CORR/JNGFR{module:02}:output",
                ),
            )
        ),
    )
}
"""Detectors by name."""


def detector_modules(
    detector: Detector | str,
    frames: int | tuple[int, ...] | None = None,
    *,
    corrected: bool = False,
    modules: Iterable[int] | None = None,
    module_shape: tuple[int, int] | None = None,
    gain_stages: int = 1,
    cells: int = 1,
    pulse_step: int = 1,
    dtype: str = "f4",
    data: Rule = planted_values,
    old_names: bool = False,
) -> dict[str, tuple[Source, ...]]:
    """Sources of the modules by aggregator, as `SimulatedRun` takes them.

    Parameters
    ----------
    detector : Detector or str
        A detector or its name in `DETECTORS`.
    frames : int or tuple of int, optional
        Frames per train: see `Group`. By default 4, or 1 for JUNGFRAU.
    corrected : bool
        Corrected data with gain and mask, instead of raw data.
    modules : iterable of int, optional
        Some of the modules; all by default.
    module_shape : tuple of int, optional
        Smaller modules make smaller files, where a test does not mind.
    gain_stages : int
        3 for LPD in parallel-gain mode: three times the frames, IDs in the first third only.
    cells : int
        Memory cells in one JUNGFRAU frame, 1 or 16.
    pulse_step : int
        Distance of pulse IDs.
    dtype : str
        Type of corrected data.
    data : callable
        Rule for the frames; planted values by default.
    old_names : bool
        Corrected data under the raw name, as in older data; otherwise that is a legacy name.

    Examples
    --------
    >>> parts = detector_modules("HED_DET_AGIPD500K2G", modules=[3])
    >>> parts["AGIPD03"][0].name
    'HED_DET_AGIPD500K2G/DET/3CH0:xtdf'
    """
    if isinstance(detector, str):
        detector = DETECTORS[detector]
    if module_shape is not None:
        detector = replace(detector, module_shape=module_shape)
    if frames is None:
        frames = 1 if detector.kind == "JUNGFRAU" else 4
    if detector.kind == "JUNGFRAU":
        group = jungfrau_group(detector, frames, corrected, cells, dtype, data)
    else:
        pulses = _Pulses(frames, gain_stages, pulse_step)
        group = image_group(detector, pulses, corrected, dtype, data)
    extra = () if corrected or detector.kind == "JUNGFRAU" else train_groups()
    chosen = detector.modules if modules is None else tuple(modules)
    return {
        detector.aggregator_of(m): (_module(detector, m, (group, *extra), corrected, old_names),)
        for m in chosen
    }


@dataclass(frozen=True)
class _Pulses:
    """Frames per train, and how they are numbered."""

    frames: int | tuple[int, ...]
    gain_stages: int
    step: int

    @property
    def entries(self) -> int | tuple[int, ...]:
        if isinstance(self.frames, int):
            return self.frames * self.gain_stages
        return tuple(n * self.gain_stages for n in self.frames)

    def numbers(self, step: int) -> EntryNumber:
        # Where counts differ between trains, no single number says where the valid IDs end.
        if self.gain_stages > 1 and isinstance(self.frames, int):
            return EntryNumber(step=step, valid=self.frames)
        return EntryNumber(step=step)


def image_group(
    detector: Detector, pulses: _Pulses, corrected: bool, dtype: str, data: Rule
) -> Group:
    """The ``image`` group of an AGIPD, LPD or DSSC module."""
    number = () if corrected else (1,)
    keys = (
        *(_corrected_frames(detector.module_shape, dtype, data) if corrected else ()),
        *(() if corrected else (_raw_frames(detector, data),)),
        Key("cellId", "u2", number, rule=pulses.numbers(1)),
        Key("pulseId", "u8", number, rule=pulses.numbers(pulses.step)),
        Key("length", "u4", number, rule=Constant(1)),
        Key("status", "u2", number),
    )
    return Group("image", keys, pulses.entries, train_id_shape=number)


def jungfrau_group(
    detector: Detector,
    frames: int | tuple[int, ...],
    corrected: bool,
    cells: int,
    dtype: str,
    data: Rule,
) -> Group:
    """The ``data`` group of a JUNGFRAU module: one entry holds all its memory cells."""
    shape = (cells, *detector.module_shape)
    storage = COMPRESSED if corrected else FRAME
    keys = [
        Key("adc", dtype if corrected else "u2", shape, rule=data, storage=storage),
        Key("gain", "u1", shape, storage=storage),
        Key("memoryCell", "u1", (cells,)),
        Key("frameNumber", "u8", (cells,)),
        Key("timestamp", "f8", (cells,)),
    ]
    if corrected:
        keys.append(Key("mask", "u4", shape, storage=storage))
    return Group("data", tuple(keys), frames)


def train_groups() -> tuple[Group, ...]:
    """Groups of an XTDF module with one row a train."""
    header = (Key("pulseCount", "u8"), Key("dataId", "u8"), Key("linkId", "u8"))
    return (
        Group("header", header),
        Group("detector", (Key("data", "u1", (16,)),)),
        Group("trailer", (Key("status", "u8"), Key("checksum", "i1", (16,)))),
    )


def _corrected_frames(shape: tuple[int, int], dtype: str, data: Rule) -> tuple[Key, ...]:
    return (
        Key("data", dtype, shape, rule=data, storage=COMPRESSED),
        Key("gain", "u1", shape, storage=COMPRESSED),
        Key("mask", "u4", shape, storage=COMPRESSED),
    )


def _raw_frames(detector: Detector, data: Rule) -> Key:
    shape = (*detector.raw_axis, *detector.module_shape)
    return Key("data", "u2", shape, rule=data, storage=FRAME)


def _module(
    detector: Detector, module: int, groups: tuple[Group, ...], corrected: bool, old_names: bool
) -> InstrumentSource:
    raw = detector.source(module)
    if not corrected or old_names:
        return InstrumentSource(raw, groups)
    return InstrumentSource(detector.source(module, corrected=True), groups, legacy_names=(raw,))
