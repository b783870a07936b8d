"""Going through a detector train by train, reading blocks of trains ahead."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .labels import unstacked

if TYPE_CHECKING:
    import xarray as xr

    from .detector import MultimodDetector
    from .view import MultimodKeyData

# Two blocks are in memory at a time; a train larger than this is a block of its own.
BLOCK_BYTES = 64 * 2**20
BLOCK_TRAINS = 64

Trains = list[tuple[int, dict[str, Any]]]


def iterate_trains(
    det: MultimodDetector, pulses: Any, require_all: bool
) -> Iterator[tuple[int, dict[str, xr.DataArray]]]:
    """Go through the trains: see `XtdfDetector.trains`.

    Parameters
    ----------
    det : MultimodDetector
        What to go through.
    pulses : pulse selection or None
        For keys with pulses.
    require_all : bool
        True to skip trains in which any module lacks data.
    """
    keys = sorted({key for source in det._modules for key in source.all_keys()})
    blocks = det.split_trains(trains_per_part=_trains_per_block(det, keys))
    with ThreadPoolExecutor(1, thread_name_prefix="euxfel-read-ahead") as ahead:
        pending = None
        for block in blocks:
            following = ahead.submit(_read, block, keys, pulses, require_all)
            if pending is not None:
                yield from pending.result()
            pending = following
        if pending is not None:
            yield from pending.result()


def _trains_per_block(det: MultimodDetector, keys: list[str]) -> int:
    n_trains = max(len(det._frames.train_ids), 1)
    views = [_view(det, key) for key in keys]
    total = sum(view.dtype.itemsize * int(np.prod(view.shape, dtype=np.int64)) for view in views)
    return int(np.clip(BLOCK_BYTES * n_trains // max(total, 1), 1, BLOCK_TRAINS))


def _view(det: MultimodDetector, key: str) -> MultimodKeyData:
    """Give a key of the modules that have it."""
    having = [m for m, s in zip(det.modno_to_source, det._modules, strict=True) if s.has_key(key)]
    return det._of_modules(having)[key]


def _read(det: MultimodDetector, keys: list[str], pulses: Any, require_all: bool) -> Trains:
    complete = _complete_trains(det)
    loaded = [_LoadedKey(_view(det, key), pulses) for key in keys]
    return [
        (int(tid), {k.key: k.train(i) for k in loaded if k.has(i)})
        for i, tid in enumerate(det._frames.train_ids)
        if complete[i] or not require_all
    ]


def _complete_trains(det: MultimodDetector) -> NDArray[np.bool_]:
    """Tell in which trains all index groups of all modules have data."""
    complete: NDArray[np.bool_] = np.logical_and.reduce(det._frames.count > 0, axis=0)
    groups = {key.partition(".")[0] for source in det._modules for key in source.all_keys()}
    for group in groups - {det._main_group}:
        frames = det._read_frames(group, det._frames.train_ids)
        has_group = [group in source.index_groups() for source in det._modules]
        complete &= np.logical_and.reduce(frames.count[has_group] > 0, axis=0)
    return complete


class _LoadedKey:
    """One key of all modules for a block of trains, in memory."""

    def __init__(self, view: MultimodKeyData, pulses: Any) -> None:
        self.key = view.key
        self.det = view.det
        self.has_pulses = view.dimensions[1] == "train_pulse"
        if self.has_pulses:
            view = view.select_pulses(pulses)  # type: ignore[attr-defined]
        self.present = view._frames.count > 0
        self.array = view.xarray()
        trains = np.asarray(view.train_id_coordinates())
        ids = view._frames.train_ids
        self.low = np.searchsorted(trains, ids)
        self.high = np.searchsorted(trains, ids, side="right")

    def has(self, i: int) -> bool:
        """Whether any module has data of the i-th train."""
        return bool(self.present[:, i].any())

    def train(self, i: int) -> xr.DataArray:
        """Give the i-th train, for the modules that have data of it."""
        modules = np.flatnonzero(self.present[:, i])
        part = self.array[:, self.low[i] : self.high[i]]
        if len(modules) < part.shape[0]:
            part = part[modules]
        if self.has_pulses:
            return unstacked(part)
        if part.shape[1] == 1:
            return self.det._label_train(_with_default_dims(part[:, 0].drop_vars("trainId")))
        return self.det._label_train(_with_default_dims(part.drop_vars("trainId")))


def _with_default_dims(array: xr.DataArray) -> xr.DataArray:
    """Number the dimensions after the module from 0 on."""
    names = {old: f"dim_{i}" for i, old in enumerate(array.dims[1:])}
    return array.rename(names)
