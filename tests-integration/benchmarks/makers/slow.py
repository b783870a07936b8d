"""Slow data: control devices whose properties hold one row for each train."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from makers import exdf


@dataclass(frozen=True)
class Extent:
    """How many devices and properties, over how many files."""

    devices: int
    properties: int
    trains_per_file: int
    sequences: int = 1
    timestamps: bool = True


def make(folder: Path, extent: Extent) -> None:
    """Write the files of one DA aggregator full of motors."""
    devices = [f"SPB_IRU_MOTOR/MOTOR/AXIS{number:03d}" for number in range(extent.devices)]
    for sequence in range(extent.sequences):
        train_ids = exdf.train_ids_of(sequence, extent.trains_per_file)
        with h5py.File(exdf.file_path(folder, "RAW", "DA01", sequence), "w") as file:
            exdf.write_head(file, [("CONTROL", name) for name in devices], train_ids, sequence)
            for device in devices:
                write_device(file, device, train_ids, extent.properties, extent.timestamps)


def write_device(
    file: h5py.File, device: str, train_ids: exdf.Ints, n_properties: int, timestamps: bool
) -> None:
    """Write index, CONTROL and RUN of one device, whose properties are ``p00``, ``p01``..."""
    exdf.write_counts(file, device, np.ones_like(train_ids))
    for number in range(n_properties):
        path = f"{device}/p{number:02d}"
        values = _positions(path, train_ids)
        times = exdf.FIRST_NANOSECOND + np.arange(len(train_ids), dtype="u8")
        file[f"CONTROL/{path}/value"] = values
        file[f"RUN/{path}/value"] = values[:1]
        if timestamps:
            file[f"CONTROL/{path}/timestamp"] = times
            file[f"RUN/{path}/timestamp"] = times[:1]


def _positions(path: str, train_ids: exdf.Ints) -> NDArray[np.float64]:
    """Values that no other property and no other train has."""
    offset = zlib.crc32(path.encode()) % 100_000
    return offset + 1 + (train_ids - exdf.FIRST_TRAIN) / 1_000_000
