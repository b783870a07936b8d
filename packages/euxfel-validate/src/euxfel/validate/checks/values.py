"""Checks of the values that sources recorded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from euxfel.fileaccess import ProblemKind, Section, name_trains
from euxfel.fileaccess.foreign import FOREIGN
from euxfel.fileaccess.values import read_attributes

from ..file_contents import FileContents, Stored
from ..finding import Finding, Severity, some_trains
from ..registry import file_check
from .index import rows_of

UNIT_ATTRIBUTES = ("unitSymbol", "metricPrefixSymbol", "unitName", "metricPrefixName")


@file_check(Severity.WARNING)
def control_timestamps_order(contents: FileContents) -> Iterator[Finding]:
    """Timestamps of a control value decrease, or are 0 before the last one.

    The value is repeated for every train until the device sends a new one, so that its time
    can only grow. The clock of the device was set back, or values of different times are mixed.
    """
    for source in contents.sources(Section.CONTROL):
        for dataset in contents.stored(Section.CONTROL, source):
            if dataset.times_fault:
                yield Finding(
                    ProblemKind.UNORDERED_TIMESTAMPS,
                    dataset.times_fault,
                    dataset=dataset.path,
                    source=source,
                )


@file_check(Severity.WARNING)
def pulse_ids_unique(contents: FileContents) -> Iterator[Finding]:
    """Pulse IDs repeat within a train of a detector module.

    Frames cannot be told apart by their pulse ID. Select them by position (`by_index`), or label
    them by cell ID. (IDs that are 0 are not counted: they are no IDs in parallel-gain data.)
    """
    for source in contents.sources(Section.INSTRUMENT):
        for dataset in contents.stored(Section.INSTRUMENT, source):
            if dataset.key == "image.pulseId" and not dataset.elsewhere:
                yield from _repeated_pulses(contents, dataset)


def _repeated_pulses(contents: FileContents, dataset: Stored) -> Iterator[Finding]:
    index = contents.index(Section.INSTRUMENT, dataset.source, "image")
    sound = ~index.check_length(dataset.rows) & (index.count > 1)
    if not sound.any():
        return
    stored = contents.read(dataset.path)
    if stored is None or stored.dtype.kind not in "iu" or stored.size != dataset.rows:
        return
    count = index.count[sound]
    pulses = stored.ravel()[rows_of(index.first[sound], count)].astype(np.uint64)
    owner = np.repeat(np.arange(len(count), dtype=np.uint64), count)
    # Train and pulse as one number, which sorts in one go; pulse IDs are far below 2 ** 32.
    both = np.sort(((owner << np.uint64(32)) + pulses)[pulses > 0])
    repeated = np.unique(both[1:][both[1:] == both[:-1]] >> np.uint64(32))
    if len(repeated):
        ids = contents.trains.ids[sound][repeated.astype(np.intp)]
        yield Finding(
            ProblemKind.REPEATED_PULSES,
            f"pulse IDs repeat within {name_trains(ids)}",
            dataset=dataset.path,
            source=dataset.source,
            trains=some_trains(ids),
        )


@file_check(Severity.WARNING, deep=True)
def units_readable(contents: FileContents) -> Iterator[Finding]:
    """Attributes that state the unit of a key are no text.

    The unit is left out; data is not touched.
    """
    for datasets in contents.survey.stored.values():
        for dataset in datasets:
            fault = _unit_fault(contents, dataset)
            if fault:
                yield Finding(
                    ProblemKind.BAD_METADATA, fault, dataset=dataset.path, source=dataset.source
                )


def _unit_fault(contents: FileContents, dataset: Stored) -> str:
    path = dataset.section.attributes_path(dataset.source, dataset.key)
    try:
        attributes = read_attributes(contents.h5, path)
    except FOREIGN as exc:
        return f"attributes cannot be read: {exc}"
    broken = [name for name in UNIT_ATTRIBUTES if not isinstance(attributes.get(name, ""), str)]
    return f"{', '.join(broken)} should be text" if broken else ""
