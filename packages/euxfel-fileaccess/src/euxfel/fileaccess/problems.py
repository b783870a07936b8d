"""What is wrong with data, as values: shown, compared, counted, never printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .errors import name_trains


class ProblemKind(StrEnum):
    """What went wrong, for programs; the message is for people."""

    UNUSABLE_FILE = "unusable-file"
    SKIPPED_FILE = "skipped-file"
    BAD_SOURCE_NAME = "bad-source-name"
    SUSPECT_TRAINS = "suspect-trains"
    DUPLICATE_TRAINS = "duplicate-trains"
    UNORDERED_TRAINS = "unordered-trains"
    ZERO_TRAIN_ID = "zero-train-id"
    OVERLAPPING_FILES = "overlapping-files"
    INDEX_MISSING = "index-missing"
    INDEX_SHORT = "index-short"
    INDEX_INVALID = "index-invalid"
    INDEX_OVERLAP = "index-overlap"
    INDEX_BEYOND_DATA = "index-beyond-data"
    INDEX_BEYOND_TRAINS = "index-beyond-trains"
    INDEX_GAP = "index-gap"
    TRAIN_ID_DIFFERS = "train-id-differs"
    UNORDERED_TIMESTAMPS = "unordered-timestamps"
    FLAGS_DISAGREE = "flags-disagree"
    SOURCE_NOT_LISTED = "source-not-listed"
    DANGLING_LINK = "dangling-link"
    VIRTUAL_SOURCE_MISSING = "virtual-source-missing"
    MISSING_SEQUENCE = "missing-sequence"
    MISSING_MODULE = "missing-module"
    ENTRY_SHAPE_CHANGES = "entry-shape-changes"
    DTYPE_CHANGES = "dtype-changes"
    REPEATED_PULSES = "repeated-pulses"
    FRAME_COUNTS_DIFFER = "frame-counts-differ"
    MISSING_DATA = "missing-data"
    DAMAGED_DATA = "damaged-data"
    BAD_CACHE = "bad-cache"
    BAD_ALIASES = "bad-aliases"
    BAD_METADATA = "bad-metadata"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the data, and where.

    Attributes
    ----------
    kind : ProblemKind
        What went wrong; equal to its string, for instance ``"suspect-trains"``.
    message : str
        The same for people, with the next step where there is one.
    file : str or None
        Path of the file.
    source : str or None
        Name of the source, None if the whole file is concerned.
    key : str or None
        Name of the key.
    trains : tuple of int
        Train IDs concerned; empty if the problem is not about certain trains.
    """

    kind: ProblemKind
    message: str
    file: str | None = None
    source: str | None = None
    key: str | None = None
    trains: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = [p for p in (self.file, self.source) if p]
        if self.trains:
            where.append(name_trains(self.trains))
        return f"{self.kind}: {self.message}" + (f" [{', '.join(where)}]" if where else "")
