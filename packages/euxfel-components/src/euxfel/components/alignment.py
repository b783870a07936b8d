"""Frames of modules put side by side where modules recorded different numbers of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from euxfel.core.selection import SelectedSource
from euxfel.fileaccess import Problem, ProblemKind, PropertyNameError
from euxfel.fileaccess.distinct import distinct

from .frames import I64, Frames
from .ids import NO_ID, U64, read_ids
from .module_key import ModuleKey


def uneven_trains(frames: Frames) -> NDArray[np.bool_]:
    """Tell in which trains modules with data have different numbers of frames."""
    uneven: NDArray[np.bool_] = np.logical_or.reduce(
        (frames.count != frames.slots) & (frames.count > 0), axis=0
    )
    return uneven


def count_problems(sources: Sequence[SelectedSource], frames: Frames) -> list[Problem]:
    """Name the modules whose frame counts are not those of most modules."""
    uneven = np.flatnonzero(uneven_trains(frames))
    if not len(uneven):
        return []
    usual = np.array([_most_common(frames.count[:, t]) for t in uneven.tolist()])
    odd = (frames.count[:, uneven] != usual) & (frames.count[:, uneven] > 0)
    return [
        Problem(
            ProblemKind.FRAME_COUNTS_DIFFER,
            _count_message(frames.count[m, uneven[odd[m]]], usual[odd[m]]),
            source=sources[m].name,
            trains=tuple(frames.train_ids[uneven[odd[m]]].tolist()),
        )
        for m in np.flatnonzero(odd.any(axis=1)).tolist()
    ]


def _most_common(counts: I64) -> int:
    values, votes = np.unique(counts[counts > 0], return_counts=True)
    return int(values[votes.argmax()])


def _count_message(counts: I64, usual: I64) -> str:
    return (
        f"has {counts[0]} frames in a train where most modules have {usual[0]}: frames are put "
        "together by pulse ID, and what a module lacks is a gap"
    )


def aligned_by_pulse(
    sources: Sequence[SelectedSource], frames: Frames, where: NDArray[np.bool_]
) -> Frames:
    """Put frames of some trains together by pulse ID.

    A train gets a slot for every pulse ID that any module has, in increasing order. Where a
    module has an ID twice in a train, or has none at all, frames are put together by position.

    Parameters
    ----------
    sources : sequence of SelectedSource
        The modules.
    frames : Frames
        Frames by position.
    where : ndarray of bool
        The trains concerned.
    """
    chosen = np.flatnonzero(where)
    part = _without_unreadable(sources, frames.take(chosen))
    try:
        ids = read_ids(sources, part, "pulseId")
    except PropertyNameError:
        return frames
    slots = frames.slots.copy()
    offsets = {}
    for i, train in enumerate(chosen.tolist()):
        start = int(part.starts[i])
        found = _train_offsets(ids[:, start : start + int(part.slots[i])])
        offsets[train] = found
        slots[train] = found.shape[1]
    return _with_offsets(frames, slots, offsets)


def _without_unreadable(sources: Sequence[SelectedSource], frames: Frames) -> Frames:
    """Make gaps of entries whose pulse IDs cannot be read."""
    refused = ModuleKey(sources, "image.pulseId", frames).unreadable()
    if not refused.any():
        return frames
    count = np.where(refused, 0, frames.count)
    return replace(frames, count=count, bad=frames.bad & ~refused, slots=count.max(axis=0))


def _train_offsets(ids: U64) -> NDArray[np.int32]:
    """Give the row of each module for each pulse ID of one train, -1 where it has none."""
    own = [row[row != NO_ID] for row in ids]
    if any(len(distinct(row)) != len(row) for row in own):
        return np.where(ids != NO_ID, np.arange(ids.shape[1]), -1).astype(np.int32)
    union = distinct(np.concatenate(own))
    found = np.full((len(own), len(union)), -1, dtype=np.int32)
    for module, row in enumerate(own):
        found[module, np.searchsorted(union, row)] = np.arange(len(row))
    return found


def _with_offsets(frames: Frames, slots: I64, offsets: dict[int, NDArray[np.int32]]) -> Frames:
    inner = np.arange(int(slots.sum())) - np.repeat(np.cumsum(slots) - slots, slots)
    train = np.repeat(np.arange(len(slots)), slots)
    table = np.where(inner < frames.count[:, train], inner, -1).astype(np.int32)
    starts = np.cumsum(slots) - slots
    count = frames.count.copy()
    for t, found in offsets.items():
        table[:, starts[t] : starts[t] + slots[t]] = found
        count[:, t] = (found >= 0).sum(axis=1)
    return replace(frames, count=count, slots=slots, offsets=table)
