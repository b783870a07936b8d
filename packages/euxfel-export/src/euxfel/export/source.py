"""From a run to trains as the Karabo bridge sends them: data and metadata with times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from euxfel.core import DataCollection

from .merging import MergedDetector, merged_detectors
from .timestamps import bridge_time

SourceValues = dict[str, dict[str, Any]]


class TrainToSend(NamedTuple):
    """Data of one train by source and key, and metadata by source."""

    train_id: int
    data: SourceValues
    metadata: SourceValues


def trains_of(data: DataCollection, append_detector_modules: bool = False) -> Iterator[TrainToSend]:
    """Go through the trains of a run.

    Parameters
    ----------
    data : DataCollection
        What to send.
    append_detector_modules : bool
        True to send the modules of a detector as one source, ``<detector>/DET/APPEND``.
    """
    detectors = merged_detectors(data) if append_detector_modules else []
    for detector in detectors:
        data = detector.without_stacked(data)
    times = data.train_timestamps()
    known = dict(zip(data.train_ids, times.tolist(), strict=True))
    has_time = dict(zip(data.train_ids, (~np.isnat(times)).tolist(), strict=True))
    for tid, values in data.trains():
        time = bridge_time(known[tid]) if has_time[tid] else {}
        yield _train(tid, values, detectors, time)


def _train(
    tid: int, values: SourceValues, detectors: list[MergedDetector], time: dict[str, Any]
) -> TrainToSend:
    for detector in detectors:
        values = detector.merge_into(tid, values)
    metadata = {s: {"source": s, "timestamp.tid": tid, **time} for s in values}
    return TrainToSend(tid, values, metadata)
