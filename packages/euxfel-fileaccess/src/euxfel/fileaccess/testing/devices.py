"""Devices that most runs have, as descriptions."""

from __future__ import annotations

from dataclasses import replace

from .rules import Constant
from .sources import Attributes, ControlSource, Group, InstrumentSource, Key, Storage

METRE: dict[str, str] = {"unitSymbol": "m", "unitName": "metre"}
MILLIMETRE: dict[str, str] = METRE | {"metricPrefixSymbol": "m", "metricPrefixName": "milli"}
MICROJOULE: Attributes = {
    "unitSymbol": "J",
    "unitName": "joule",
    "metricPrefixSymbol": "u",
    "metricPrefixName": "micro",
}


def xgm(
    name: str = "SPB_XTD9_XGM/DOOCS/MAIN", pulses: int = 20
) -> tuple[ControlSource, InstrumentSource]:
    """An X-ray gas monitor: beam position and pressure, and per-pulse intensities.

    Parameters
    ----------
    name : str
        Device name; the fast data has the channel ``output``.
    pulses : int
        Length of the per-pulse arrays, 1000 in real data.
    """
    slow = (
        Key("beamPosition.ixPos", "f4", attributes=MILLIMETRE | {"alias": "IX.POS"}),
        Key("beamPosition.iyPos", "f4", attributes=MILLIMETRE | {"alias": "IY.POS"}),
        Key("pulseEnergy.photonFlux", "f4", attributes=MICROJOULE),
        Key("pressure.pressureFiltered", "f8", attributes={"unitSymbol": "Pa"}),
        Key("state", str, rule=Constant("ON")),
    )
    fast = tuple(
        Key(key, "f4", (pulses,), MICROJOULE)
        for key in ("intensityTD", "intensitySa1TD", "intensitySigma.x_data")
    )
    control = ControlSource(name, slow, class_id="XGM")
    return control, InstrumentSource(f"{name}:output", (Group("data", fast),))


def motor(name: str = "SPB_IRU_SAMPLE/MOTOR/X") -> ControlSource:
    """A motor: actual and target position; its limits stand in RUN alone."""
    slow = (
        Key("actualPosition", "f8", attributes=MILLIMETRE),
        Key("targetPosition", "f8", attributes=MILLIMETRE),
        Key("isMoving", "u1"),
    )
    limits = (Key("softLimitHigh", "f8"), Key("softLimitLow", "f8"))
    return ControlSource(name, slow, limits, class_id="BeckhoffMotor")


def camera(
    name: str = "SPB_IRU_CAM/CAM/SIDEMIC", shape: tuple[int, int] = (24, 32)
) -> tuple[ControlSource, InstrumentSource]:
    """A camera: exposure time, and one u2 image a train in ``data.image.pixels``."""
    slow = (Key("exposureTime", "f8", attributes={"unitSymbol": "s"}), Key("width", "u4"))
    fast = (
        Key("image.pixels", "u2", shape, storage=Storage(chunk_rows=1)),
        Key("image.dims", "u8", (2,)),
        Key("image.bitsPerPixel", "i4"),
    )
    control = ControlSource(name, slow, class_id="BaslerCamera")
    return control, InstrumentSource(f"{name}:daqOutput", (Group("data", fast),))


def digitiser(
    name: str = "SPB_EXP_FADC/ADC/1", channels: str = "ABCD", samples: int = 100
) -> tuple[ControlSource, InstrumentSource]:
    """A fast ADC: one trace a train and channel in ``digitizers.channel_1_A.raw.samples``."""
    slow = (Key("sampleRate", "f8", attributes={"unitSymbol": "Hz"}),)
    fast = tuple(
        Key(f"channel_1_{c}.{key}", dtype, shape)
        for c in channels
        for key, dtype, shape in (
            ("raw.samples", "i2", (samples,)),
            ("apd.pulseIntegral", "f4", (8,)),
        )
    )
    control = ControlSource(name, slow, class_id="AdqDigitizer")
    return control, InstrumentSource(f"{name}:network", (Group("digitizers", fast),))


def detections(name: str = "SQS_REMI_DLD6/DET/TOP") -> InstrumentSource:
    """A source with 0 to 5 rows per train, such as hits of a delay line detector."""
    keys = (Key("hits", "f8"), Key("position", "f4", (2,)), Key("count", "i4"))
    return InstrumentSource(f"{name}:output", (Group("rec", keys, entries=(0, 3, 1, 5, 2)),))


def every_type(name: str = "SPB_TEST/DEVICE/TYPES") -> ControlSource:
    """A device with every number type, texts, arrays, and deeply nested properties."""
    numbers = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8")
    slow = (
        *(Key(f"number.{code}", code) for code in numbers),
        Key("flag", "u1"),
        Key("text", str),
        Key("texts", str, (3,)),
        Key("matrix", "f4", (2, 3)),
        Key("a.b.c", "i4", attributes={"alias": "A.B.C", "description": "Nested three deep"}),
    )
    return ControlSource(name, slow, class_id="EveryType")


def run_only(name: str = "SPB_TEST/DEVICE/SETTINGS") -> ControlSource:
    """A device that stands in RUN alone."""
    return ControlSource(name, (), (Key("mode", str), Key("threshold", "f8")), "Settings")


def reduction(source: str, group: str = "image") -> InstrumentSource:
    """The auxiliary source that says what was left out of a reduced source."""
    keys = (Key("reductionRatio", "f8"), Key("wasReduced", "u1"))
    groups = (Group(group, keys),)
    return InstrumentSource(f"PULSE_REDUCTION/{source}", groups, section="REDUCTION")


def errata(name: str = "TRAINS_OUTSIDE_BUFFER_RANGE") -> InstrumentSource:
    """The auxiliary source that lists late data, for some trains."""
    keys = (Key("originalTrainIds", "u8", (4,)), Key("deviceIds", str, (4,)))
    return InstrumentSource(name, (Group("event", keys, entries=(0, 0, 1)),), section="ERRATA")


def with_legacy_name(source: InstrumentSource, *old: str) -> InstrumentSource:
    """The same source, reachable by old names too."""
    return replace(source, legacy_names=(*source.legacy_names, *old))
