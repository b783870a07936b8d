"""Chosen frames of a detector as a new EXDF file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import h5py
import numpy as np
from h5py import h5d
from numpy.typing import ArrayLike, NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import EntryTable
from euxfel.core.reading import execute
from euxfel.core.scope import Scope
from euxfel.core.user_warning import warn_user
from euxfel.fileaccess import ReadRequest

from . import skeleton
from .detector_like import DetectorLike, ids_of_frames
from .refusal import AnyPath, refuse
from .target import AtomicTarget
from .virtual_plan import KeyPlan, SourcePlan, plan_source, rows_of

# Frames are read and written in pieces of this size.
PIECE_BYTES = 64_000_000
_GROUP = "image"

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Train and pulse IDs that belong together, made comparable as numbers.

    Attributes
    ----------
    train_ids : ndarray of uint64
        The trains among them, in increasing order.
    span : int
        More than any of the pulse IDs.
    numbers : ndarray of int64
        Position of the train times `span`, and the pulse ID, in increasing order.
    """

    train_ids: NDArray[np.uint64]
    span: int
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, trains: ArrayLike, pulses: ArrayLike) -> Pairs:
        """Take IDs as users give them."""
        train, pulse = (np.asarray(ids).astype(np.uint64) for ids in (trains, pulses))
        if train.ndim != 1 or train.shape != pulse.shape:
            raise ValueError(
                f"trains and pulses must be of one dimension and equal length, not {train.shape} "
                f"and {pulse.shape}"
            )
        known, position = np.unique(train, return_inverse=True)
        span = int(pulse.max(initial=0)) + 1
        return cls(known, span, np.unique(position * span + pulse.astype(np.int64)))

    def numbers_of(
        self, trains: NDArray[np.uint64], pulses: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Give the numbers of frames, -1 for those that are none of the pairs."""
        position = np.searchsorted(self.train_ids, trains)
        position[position == len(self.train_ids)] = 0
        number = position * self.span + np.minimum(pulses, np.uint64(self.span)).astype(np.int64)
        if not len(self.train_ids):
            return np.full(len(trains), -1)
        wanted = (self.train_ids[position] == trains) & (pulses < self.span)
        wanted &= np.isin(number, self.numbers)
        return np.where(wanted, number, -1)


def write_frames(
    detector: DetectorLike,
    filename: AnyPath,
    trains: ArrayLike,
    pulses: ArrayLike,
    *,
    overwrite: bool = False,
) -> None:
    """Write chosen frames of all modules to a new EXDF file; data by train is kept whole.

    Parameters
    ----------
    detector : DetectorLike
        A detector with pulse IDs, such as ``AGIPD1M(run)``.
    filename : str or path-like
        The file to write.
    trains, pulses : array_like of int
        Train and pulse IDs, one pair for each frame.
    overwrite : bool
        Whether to replace a file that exists.

    Raises
    ------
    DataError
        If an index contradicts the data.
    WriteError
        If the file cannot be written; it is then absent, or what it was before.
    """
    pairs, data = Pairs.of(trains, pulses), detector.data
    inputs = [file.filename for file in data._selection.files]
    refuse(os.path.abspath(filename), inputs, overwrite)
    scope = data._selection.scope
    plans = [plan_source(s, scope) for _, s in sorted(data._selection.sources.items())]
    chosen = {plan.selected.name: _chosen(data, plan, pairs) for plan in plans}
    _warn_of_absent(pairs, [numbers for _, numbers in chosen.values()])
    version = skeleton.format_version(data)
    with (
        AtomicTarget(filename, inputs=inputs, overwrite=overwrite) as target,
        target.h5file() as file,
    ):
        skeleton.sign(file)
        skeleton.write_trains(file, data, version)
        listed: list[str] = []
        for plan in plans:
            mask, _ = chosen[plan.selected.name]
            listed += _write_source(file, plan, scope, mask, target.check)
        skeleton.write_metadata(file, data, version, listed)


def _chosen(data: DataCollection, plan: SourcePlan, pairs: Pairs) -> tuple[Mask, NDArray[np.int64]]:
    """Tell which frames of a module are wanted, and which pairs they are."""
    key = data[plan.selected.name, f"{_GROUP}.pulseId"]
    numbers = pairs.numbers_of(key.train_id_coordinates(), ids_of_frames(key.ndarray()))
    mask = numbers >= 0
    return mask, numbers[mask]


def _warn_of_absent(pairs: Pairs, found: list[NDArray[np.int64]]) -> None:
    absent = np.setdiff1d(pairs.numbers, np.concatenate([pairs.numbers[:0], *found]))
    if len(absent):
        position, pulse = divmod(int(absent[0]), pairs.span)
        warn_user(
            f"{len(absent)} of {len(pairs.numbers)} frames are in no module, train "
            f"{pairs.train_ids[position]}, pulse {pulse} first"
        )


def _write_source(
    file: h5py.File, plan: SourcePlan, scope: Scope, mask: Mask, check: Callable[[], None]
) -> list[str]:
    selected, section = plan.selected, plan.selected.section
    for key in plan.keys:
        is_frame = section.index_group(key.key) == _GROUP
        ranges = list(_ranges(key.entries, mask if is_frame else None))
        _copy(file, plan, key, ranges, check)
    for group, index in plan.indexes.items():
        if group == _GROUP:
            table = selected.entries(group, scope)
            index = _index_of(np.repeat(table.train_ids, table.count)[mask], scope.train_ids)
        skeleton.write_index(file, section.index_path(selected.name, group), index)
    return skeleton.listed_names(section, selected.name, plan.indexes)


def _index_of(
    frames: NDArray[np.uint64], train_ids: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    at = np.searchsorted(train_ids, frames)
    count = np.bincount(at, minlength=len(train_ids)).astype(np.uint64)
    return np.cumsum(count, dtype=np.uint64) - count, count


def _ranges(entries: EntryTable, mask: Mask | None) -> Iterator[tuple[int, int, int]]:
    """Give file, first row and row after the last of what is wanted, in order."""
    for rows in rows_of(entries):
        if mask is None:
            yield rows.file, rows.first, rows.first + rows.count
            continue
        inside = np.concatenate([[False], mask[rows.place : rows.place + rows.count], [False]])
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + rows.first
        for low, high in edges.reshape(-1, 2).tolist():
            yield rows.file, low, high


def _copy(
    file: h5py.File,
    plan: SourcePlan,
    key: KeyPlan,
    ranges: list[tuple[int, int, int]],
    check: Callable[[], None],
) -> None:
    """Copy rows to a dataset that is stored as that of the first file is."""
    selected, stored = plan.selected, plan.selected.stored
    n_rows = sum(high - low for _, low, high in ranges)
    path = selected.section.data_path(selected.name, key.key)
    dataset = _make(file, path, plan, key, n_rows)
    at = 0
    row_bytes = max(1, key.dtype.itemsize * prod(key.entry_shape))
    for number, part in _pieces(ranges, max(1, PIECE_BYTES // row_bytes)):
        count = int((part[:, 1] - part[:, 0]).sum())
        out = np.empty((count, *key.entry_shape), key.dtype)
        there = selected.section.data_path(stored.source, key.key)
        request = ReadRequest(stored.files[number].handle, there, part, out, ())
        execute([request], selected.name, key.key, key.entries.train_ids)
        dataset[at : at + count] = out
        at += count
        check()


def _make(file: h5py.File, path: str, plan: SourcePlan, key: KeyPlan, n_rows: int) -> h5py.Dataset:
    chunks: tuple[int, ...] | None = None
    if n_rows and all(key.entry_shape):
        first = plan.selected.stored.files[min(key.lengths)]
        there = plan.selected.section.data_path(plan.selected.stored.source, key.key)
        with first.handle.h5() as source:
            created = source[there].id.get_create_plist()
            if created.get_layout() == h5d.CHUNKED:
                like = source[there]
                chunks = (min(like.chunks[0], n_rows), *like.chunks[1:])
                return file.create_dataset(
                    path,
                    (n_rows, *key.entry_shape),
                    key.dtype,
                    chunks=chunks,
                    shuffle=like.shuffle,
                    compression="gzip" if like.compression else None,
                    compression_opts=1 if like.compression else None,
                )
    return file.create_dataset(path, (n_rows, *key.entry_shape), key.dtype)


def _pieces(
    ranges: list[tuple[int, int, int]], most: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give ranges of one file at a time, with so many rows at most."""
    part: list[tuple[int, int]] = []
    number = rows = 0
    for file, start, stop in ranges:
        for low in range(start, stop, most):
            high = min(low + most, stop)
            if part and (file != number or rows + high - low > most):
                yield number, np.array(part, dtype=np.int64)
                part, rows = [], 0
            number, rows = file, rows + high - low
            part.append((low, high))
    if part:
        yield number, np.array(part, dtype=np.int64)
