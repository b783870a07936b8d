"""Checks of the list of trains in one file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import ProblemKind, name_trains
from euxfel.fileaccess.format import Validity
from euxfel.fileaccess.sections import FLAG, TIMESTAMP, TRAIN_ID
from euxfel.fileaccess.trains import guess_valid, rogue_ids

from ..file_contents import FileContents
from ..finding import Finding, Severity, some_trains
from ..registry import file_check


@file_check(Severity.ERROR)
def train_ids_nonzero(contents: FileContents) -> Iterator[Finding]:
    """A train ID between others is 0.

    Zeros are padding, which belongs to the end of the list. euxfel leaves out the index entries
    of such trains together with their IDs; programs that leave out only the ID give every later
    train the data of its neighbour. Tell the data-acquisition group.
    """
    rows = contents.trains.rows
    if len(rows) and rows[-1] != len(rows) - 1:
        inner = np.setdiff1d(np.arange(rows[-1]), rows)
        yield Finding(
            ProblemKind.ZERO_TRAIN_ID,
            f"{len(inner)} train ID(s) before the last one are 0, at position {inner[0]} first",
            dataset=TRAIN_ID,
        )


@file_check(Severity.ERROR)
def train_ids_order(contents: FileContents) -> Iterator[Finding]:
    """Train IDs do not increase strictly.

    A train was stored in the wrong place, or stands twice in the file. euxfel gives data in
    order of train ID, and the first entry with data of a train that stands twice.
    """
    ids = contents.trains.ids
    backwards = np.flatnonzero(ids[1:] < ids[:-1])
    if len(backwards):
        at = int(backwards[0])
        yield Finding(
            ProblemKind.UNORDERED_TRAINS,
            f"train IDs decrease at {len(backwards)} place(s), first after position {at}: "
            f"{ids[at]}, then {ids[at + 1]}",
            dataset=TRAIN_ID,
            trains=some_trains(ids[backwards + 1]),
        )
    if (ids[1:] > ids[:-1]).all():
        return
    unique, times = np.unique(ids, return_counts=True)
    repeated = unique[times > 1]
    if len(repeated):
        yield Finding(
            ProblemKind.DUPLICATE_TRAINS,
            f"{name_trains(repeated)} stand(s) more than once in the list",
            dataset=TRAIN_ID,
            trains=some_trains(repeated),
        )


@file_check(Severity.WARNING)
def train_flags(contents: FileContents) -> Iterator[Finding]:
    """Train IDs did not come from the time server, or flags and train IDs disagree.

    Data of suspect trains may belong to other trains. Open the run with
    ``inc_suspect_trains=False`` to leave them out. Where the flag calls a train good whose ID
    cannot be, euxfel does not believe the flag.
    """
    validity = contents.facts.version.validity
    if validity is Validity.GUESSED:
        # No flags in this format: train_ids_order says what there is to say.
        return
    flag = contents.read(FLAG)
    ids, rows = contents.trains.ids, contents.trains.rows
    fault = _flag_fault(flag, rows)
    if flag is None or fault:
        yield Finding(ProblemKind.BAD_METADATA, fault, dataset=FLAG)
        return
    good = flag[rows] == (0 if validity is Validity.FLAG_CLEAR else 1)
    suspect = ids[~good]
    if len(suspect):
        yield Finding(
            ProblemKind.SUSPECT_TRAINS,
            f"{name_trains(suspect)} did not come from the time server",
            dataset=FLAG,
            trains=some_trains(suspect),
        )
    wrong = ids[good & (rogue_ids(ids) | ~guess_valid(ids))]
    if len(wrong):
        yield Finding(
            ProblemKind.FLAGS_DISAGREE,
            f"the flags call {name_trains(wrong)} good, which cannot stand among the others",
            dataset=FLAG,
            trains=some_trains(wrong),
        )


def _flag_fault(flag: NDArray[np.generic] | None, rows: NDArray[np.int64]) -> str:
    if flag is None:
        return "there are no flags that tell which trains to trust"
    if flag.ndim != 1 or flag.dtype.kind not in "iu":
        return f"flags have dtype {flag.dtype} and shape {flag.shape}: not a list of integers"
    if len(flag) <= rows.max(initial=-1):
        return f"there are {len(flag)} flags for {len(rows)} trains"
    return ""


@file_check(Severity.WARNING)
def train_timestamps_order(contents: FileContents) -> Iterator[Finding]:
    """Times of trains are missing, or do not increase with the train ID.

    ``INDEX/timestamp`` says when a train was. Do not rely on `train_timestamps` of this run.
    """
    if contents.facts.version.validity is Validity.GUESSED:
        return
    times = contents.read(TIMESTAMP)
    trains = contents.trains
    fault = _times_fault(times, trains.rows)
    if times is None or fault:
        yield Finding(ProblemKind.UNORDERED_TIMESTAMPS, fault, dataset=TIMESTAMP)
        return
    # Whatever is wrong with the IDs is told elsewhere.
    order = np.argsort(trains.ids, kind="stable")
    order = order[trains.valid[order]]
    ids, ordered = trains.ids[order], times[trains.rows[order]]
    zero = ids[ordered == 0]
    if len(zero):
        yield Finding(
            ProblemKind.UNORDERED_TIMESTAMPS,
            f"the time of {name_trains(zero)} is 0",
            dataset=TIMESTAMP,
            trains=some_trains(zero),
        )
    backwards = ids[1:][(ordered[1:] < ordered[:-1]) & (ordered[1:] > 0)]
    if len(backwards):
        yield Finding(
            ProblemKind.UNORDERED_TIMESTAMPS,
            f"the time of {name_trains(backwards)} is before that of the train before",
            dataset=TIMESTAMP,
            trains=some_trains(backwards),
        )


def _times_fault(times: NDArray[np.generic] | None, rows: NDArray[np.int64]) -> str:
    if times is None:
        return "there are no times of trains"
    if times.ndim != 1 or times.dtype.kind not in "iu":
        return f"times have dtype {times.dtype} and shape {times.shape}: not a list of integers"
    if len(times) <= rows.max(initial=-1):
        return f"there are {len(times)} times for {len(rows)} trains"
    return ""
