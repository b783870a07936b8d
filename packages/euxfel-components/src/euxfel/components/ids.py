"""Pulse and memory cell IDs of frames: read, compared between modules, made into labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from euxfel.core.selection import SelectedSource
from euxfel.fileaccess import DataError, Problem, ProblemKind, name_trains
from euxfel.fileaccess.distinct import distinct

from .frames import I64, Frames
from .module_key import ModuleKey

U64 = NDArray[np.uint64]
# Larger than any ID: the minimum over modules passes it by.
NO_ID = np.uint64(2**64 - 1)


def read_ids(sources: Sequence[SelectedSource], frames: Frames, field: str) -> U64:
    """Read the IDs of all modules, shape (modules, frames); `NO_ID` in gaps.

    Parameters
    ----------
    sources : sequence of SelectedSource
        The modules.
    frames : Frames
        Their frames.
    field : str
        ``"pulseId"`` or ``"cellId"``.
    """
    key = ModuleKey(sources, f"image.{field}", frames, squeezed=True)
    key.check_rows()
    return key.plan(dtype=np.uint64, fill_value=NO_ID).read()


def agreed_ids(ids: U64, sources: Sequence[SelectedSource], frames: Frames, field: str) -> U64:
    """Give the one ID of each frame.

    Raises
    ------
    DataError
        If modules have different IDs for a frame.
    """
    lowest: U64 = ids.min(axis=0)
    differs = (ids != lowest) & (ids != NO_ID)
    if differs.any():
        raise _disagreement(ids, differs, sources, frames, field)
    return lowest


def _disagreement(
    ids: U64,
    differs: NDArray[np.bool_],
    sources: Sequence[SelectedSource],
    frames: Frames,
    field: str,
) -> DataError:
    counts = differs.sum(axis=1)
    # If more than half of the modules seem odd, the odd one is the one with the lower IDs.
    bad_frames = np.flatnonzero(differs.any(axis=0))
    values, votes = np.unique(ids[:, bad_frames[0]], return_counts=True)
    usual = values[votes.argmax()]
    module = int(np.flatnonzero(ids[:, bad_frames[0]] != usual)[0]) if len(values) > 1 else 0
    trains = frames.train_ids[distinct(frames.train_of[bad_frames])]
    name = sources[module if module else int(counts.argmax())].name
    return DataError(
        f"{name} has other {field}s than other modules, in {name_trains(trains)}; "
        "align='pulse' puts frames together by pulse ID, modules= leaves modules out",
        source=name,
        key=f"image.{field}",
        trains=trains.tolist(),
    )


def repeated_in(ids: U64, group: I64, n_groups: int) -> NDArray[np.bool_]:
    """Tell in which groups of frames an ID occurs more than once."""
    order = np.lexsort((ids, group))
    again = (ids[order][1:] == ids[order][:-1]) & (group[order][1:] == group[order][:-1])
    found = np.zeros(n_groups, dtype=np.bool_)
    found[group[order][1:][again]] = True
    return found


def labels(ids: U64, frames: Frames, stages: int, field: str) -> tuple[U64, list[Problem]]:
    """Give IDs that label frames uniquely: where IDs are repeated in a train, the positions.

    Parameters
    ----------
    ids : ndarray of uint64
        ID of each frame.
    frames : Frames
        The frames.
    stages : int
        Number of gain stages, each with the same IDs again.
    field : str
        ``"pulseId"`` or ``"cellId"``, for messages.

    Returns
    -------
    labels : ndarray of uint64
    problems : list of Problem
        One, if IDs are repeated.
    """
    stage, inner = stage_and_position(frames, stages)
    n_trains = len(frames.train_ids)
    repeated = repeated_in(ids, frames.train_of * stages + stage, n_trains * stages)
    trains: NDArray[np.bool_] = np.logical_or.reduce(repeated.reshape(n_trains, stages), axis=1)
    if not trains.any():
        return ids, []
    named = frames.train_ids[trains].tolist()
    problem = Problem(
        ProblemKind.REPEATED_PULSES,
        f"{field}s occur more than once in a train: frames are labelled by position there",
        key=f"image.{field}",
        trains=tuple(named),
    )
    return np.where(trains[frames.train_of], inner.astype(np.uint64), ids), [problem]


def stage_and_position(frames: Frames, stages: int) -> tuple[I64, I64]:
    """Give the gain stage of each frame, and its position within train and stage."""
    inner = np.arange(frames.total) - frames.starts[frames.train_of]
    per_stage = np.maximum(frames.slots[frames.train_of] // stages, 1)
    return inner // per_stage, inner % per_stage


def ids_of_first_stage(ids: U64, frames: Frames, stages: int) -> U64:
    """Repeat the IDs of the first gain stage for the others, whose own are meaningless."""
    _, inner = stage_and_position(frames, stages)
    repeated: U64 = ids[..., frames.starts[frames.train_of] + inner]
    return repeated
