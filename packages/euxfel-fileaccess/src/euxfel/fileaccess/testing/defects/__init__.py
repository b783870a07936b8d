"""Defects of files and runs as values, and one run for each of them.

::

    run = small_run().with_defect(TrainsMissing(aggregator="DA01", train_ids=[10003]))

`trains` has defects in the list of trains, `contents` in what sources recorded; both change the
description of the run, and with it what is expected. `damages` are made in written files. `CASES`
has a run for every documented behaviour that is about files.
"""

from __future__ import annotations

from .cases import CASES, Case, cases, healthy_run
from .contents import (
    BrokenUnits,
    IndexStyle,
    NeverWritten,
    OtherFrameCount,
    OtherType,
    RepeatedPulses,
    RowsBetween,
    SourceAdded,
    SourceMissing,
)
from .damages import (
    ByteFlipped,
    ChunkCorrupt,
    Damage,
    DataCut,
    DatasetReplaced,
    FileCopied,
    FileCut,
    IndexCut,
    IndexEntry,
    NotAFile,
    ObjectRemoved,
    SourceListed,
)
from .trains import (
    NoTrains,
    Overlap,
    RogueTrain,
    TrainsMissing,
    TrainsSwapped,
    TrainTwice,
    ZeroTrainID,
)

__all__ = [
    "CASES",
    "BrokenUnits",
    "ByteFlipped",
    "Case",
    "ChunkCorrupt",
    "Damage",
    "DataCut",
    "DatasetReplaced",
    "FileCopied",
    "FileCut",
    "IndexCut",
    "IndexEntry",
    "IndexStyle",
    "NeverWritten",
    "NoTrains",
    "NotAFile",
    "ObjectRemoved",
    "OtherFrameCount",
    "OtherType",
    "Overlap",
    "RepeatedPulses",
    "RogueTrain",
    "RowsBetween",
    "SourceAdded",
    "SourceListed",
    "SourceMissing",
    "TrainTwice",
    "TrainsMissing",
    "TrainsSwapped",
    "ZeroTrainID",
    "cases",
    "healthy_run",
]
