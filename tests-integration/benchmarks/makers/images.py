"""Compressed images that no detector class reads: a JUNGFRAU module and a camera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from makers import exdf, frames

JUNGFRAU = "SPB_IRDA_JF4M/DET/JNGFR01:daqOutput"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"


@dataclass(frozen=True)
class Extent:
    """Trains, and the number of different frames among them."""

    trains: int
    pool: int


def make_jungfrau(folder: Path, extent: Extent) -> None:
    """One corrected module: f4 ``[trains, 1, 512, 1024]``, shuffled, deflate 1."""
    pool = frames.corrected_frames((1, 512, 1024), extent.pool)
    _write(folder, extent, "CORR", "JNGFR01", JUNGFRAU, "adc", pool, shuffle=True)


def make_camera(folder: Path, extent: Extent) -> None:
    """A camera: u2 ``[trains, 1024, 1280]``, deflate 1 without shuffle."""
    pool = frames.raw_frames((1024, 1280), extent.pool)
    _write(folder, extent, "RAW", "DA02", CAMERA, "image/pixels", pool, shuffle=False)


def _write(
    folder: Path,
    extent: Extent,
    category: str,
    aggregator: str,
    source: str,
    key: str,
    pool: frames.Frames,
    shuffle: bool,
) -> None:
    train_ids = exdf.train_ids_of(0, extent.trains)
    with h5py.File(exdf.file_path(folder, category, aggregator, 0), "w") as file:
        exdf.write_head(file, [("INSTRUMENT", f"{source}/data")], train_ids, 0)
        exdf.write_counts(file, f"{source}/data", np.ones_like(train_ids))
        file[f"INSTRUMENT/{source}/data/trainId"] = train_ids.astype("u8")
        frames.write_compressed(
            file,
            f"INSTRUMENT/{source}/data/{key}",
            pool,
            frames.compressed(pool, shuffle),
            shuffle,
            extent.trains,
            lambda frame: (frame * 5 + frame // len(pool)) % len(pool),
        )
