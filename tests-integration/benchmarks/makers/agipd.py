"""AGIPD-1M modules: the group layout, raw runs, corrected runs, one long gain file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from makers import exdf, frames

MODULES = 16
MODULE_SHAPE = (512, 128)


@dataclass(frozen=True)
class Extent:
    """How much of a detector a run holds."""

    trains: int
    frames: int
    modules: int = MODULES

    @property
    def rows(self) -> int:
        """Frames in all the trains of one module."""
        return self.trains * self.frames


def source_name(module: int) -> str:
    """The source of one module, as the DAQ names it."""
    return f"SPB_DET_AGIPD1M-1/DET/{module}CH0:xtdf"


def write_layout(
    file: h5py.File, module: int, sequence: int, train_ids: exdf.Ints, per_train: int, raw: bool
) -> str:
    """Write all of a module file but its pixels; return the path of the image group."""
    source = source_name(module)
    groups = ["image", "header", "detector", "trailer"]
    pairs = [("INSTRUMENT", f"{source}/{group}") for group in groups]
    exdf.write_head(file, pairs, train_ids, sequence)
    for group in groups:
        rows = per_train if group == "image" else 1
        exdf.write_counts(file, f"{source}/{group}", np.full(len(train_ids), rows))
        file[f"INSTRUMENT/{source}/{group}/trainId"] = _column(
            np.repeat(train_ids, rows), "u8", raw and group == "image"
        )
    file[f"INSTRUMENT/{source}/header/pulseCount"] = np.full(len(train_ids), per_train, "u8")
    _write_frame_ids(file, f"INSTRUMENT/{source}/image", len(train_ids), per_train, raw)
    return f"INSTRUMENT/{source}/image"


def _write_frame_ids(file: h5py.File, image: str, n_trains: int, per_train: int, raw: bool) -> None:
    cells = np.tile(np.arange(per_train), n_trains)
    file[f"{image}/cellId"] = _column(cells, "u2", raw)
    file[f"{image}/pulseId"] = _column(cells * 4, "u8", raw)
    file[f"{image}/status"] = _column(cells % 2, "u2", raw)


def _column(values: exdf.Ints, dtype: str, raw: bool) -> np.ndarray[tuple[int, ...], np.dtype]:
    cast = values.astype(dtype)
    return cast[:, np.newaxis] if raw else cast


def make_raw(folder: Path, extent: Extent) -> None:
    """Raw modules: uint16 ``[frames, 2, 512, 128]``, one frame a chunk, no filter."""
    pool = frames.raw_frames((2, *MODULE_SHAPE))
    train_ids = exdf.train_ids_of(0, extent.trains)
    for module in range(extent.modules):
        path = exdf.file_path(folder, "RAW", f"AGIPD{module:02d}", 0)
        with h5py.File(path, "w") as file:
            image = write_layout(file, module, 0, train_ids, extent.frames, raw=True)
            shape = pool.shape[1:]
            data = file.create_dataset(
                f"{image}/data", (extent.rows, *shape), "u2", chunks=(1, *shape)
            )
            for train in range(extent.trains):
                _write_raw_train(data, pool, module, train, extent.frames)


def _write_raw_train(
    data: h5py.Dataset, pool: frames.Frames, module: int, train: int, per_train: int
) -> None:
    block = np.take(pool, np.arange(per_train) + train * 7 + module, axis=0, mode="wrap")
    first = train * per_train
    block[:, 0, 0, 0] = module + 1
    block[:, 0, 0, 1] = np.arange(first, first + per_train) + 1
    data[first : first + per_train] = block


def make_corrected(folder: Path, extent: Extent) -> None:
    """Corrected modules: ``data`` f4 and ``mask`` u4 shuffled, ``gain`` u1, all deflate 1."""
    pools = {
        "data": (frames.corrected_frames(MODULE_SHAPE), True),
        "mask": (frames.mask_frames(MODULE_SHAPE), True),
        "gain": (frames.gain_frames(MODULE_SHAPE), False),
    }
    stored = {
        key: (pool, frames.compressed(pool, shuffle), shuffle)
        for key, (pool, shuffle) in pools.items()
    }
    train_ids = exdf.train_ids_of(0, extent.trains)
    for module in range(extent.modules):
        path = exdf.file_path(folder, "CORR", f"AGIPD{module:02d}", 0)
        with h5py.File(path, "w") as file:
            image = write_layout(file, module, 0, train_ids, extent.frames, raw=False)
            pick = frames.picker(module)
            for key, (pool, chunks, shuffle) in stored.items():
                frames.write_compressed(
                    file, f"{image}/{key}", pool, chunks, shuffle, extent.rows, pick
                )


def make_long_gain(folder: Path, extent: Extent) -> None:
    """One module in one file, its gain alone, in very many chunks."""
    pool = frames.gain_frames(MODULE_SHAPE)
    train_ids = exdf.train_ids_of(0, extent.trains)
    with h5py.File(exdf.file_path(folder, "CORR", "AGIPD00", 0), "w") as file:
        image = write_layout(file, 0, 0, train_ids, extent.frames, raw=False)
        # Detector classes look at the pixels' dtype; no chunk of them is allocated.
        shape = (extent.rows, *MODULE_SHAPE)
        file.create_dataset(f"{image}/data", shape, "f4", chunks=(1, *MODULE_SHAPE))
        chunks = frames.compressed(pool, shuffle=False)
        frames.write_compressed(
            file, f"{image}/gain", pool, chunks, False, extent.rows, frames.picker(0)
        )
