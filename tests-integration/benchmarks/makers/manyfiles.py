"""A run of very many files: all of its index, none of its pixels."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from makers import agipd, exdf, slow

FRAMES = 32


@dataclass(frozen=True)
class Extent:
    """How many files, and how many trains each file holds."""

    sequences: int
    trains_per_file: int
    modules: int = agipd.MODULES
    aggregators: int = 5
    devices: int = 20
    properties: int = 8


def make(folder: Path, extent: Extent) -> None:
    """Write detector files of every module and DA files, all with the same breaks."""
    for module in range(extent.modules):
        _write_sequences(folder, f"AGIPD{module:02d}", extent, _module_writer(module))
    for number in range(1, extent.aggregators + 1):
        _write_sequences(folder, f"DA{number:02d}", extent, _slow_writer(number, extent))


def _write_sequences(
    folder: Path, aggregator: str, extent: Extent, write: Callable[[h5py.File, exdf.Ints], None]
) -> None:
    """Write the first file, and the others as copies of it with later trains."""
    template = exdf.file_path(folder, "RAW", aggregator, 0)
    with h5py.File(template, "w") as file:
        write(file, exdf.train_ids_of(0, extent.trains_per_file))
    for sequence in range(1, extent.sequences):
        path = exdf.file_path(folder, "RAW", aggregator, sequence)
        shutil.copyfile(template, path)
        with h5py.File(path, "r+") as file:
            exdf.rewrite_head(file, exdf.train_ids_of(sequence, extent.trains_per_file), sequence)
            exdf.shift_train_ids(file, sequence * extent.trains_per_file)


def _module_writer(module: int) -> Callable[[h5py.File, exdf.Ints], None]:
    def write(file: h5py.File, train_ids: exdf.Ints) -> None:
        image = agipd.write_layout(file, module, 0, train_ids, FRAMES, raw=True)
        shape = (2, *agipd.MODULE_SHAPE)
        # Never written: a dataset of unallocated chunks takes no room on the disk.
        file.create_dataset(
            f"{image}/data", (len(train_ids) * FRAMES, *shape), "u2", chunks=(1, *shape)
        )

    return write


def _slow_writer(number: int, extent: Extent) -> Callable[[h5py.File, exdf.Ints], None]:
    devices = [f"SPB_DA{number:02d}_SYS/MOTOR/M{i:03d}" for i in range(extent.devices)]
    digitizer = f"SPB_DA{number:02d}_SYS/ADC/1:network/digitizers"

    def write(file: h5py.File, train_ids: exdf.Ints) -> None:
        pairs = [("CONTROL", device) for device in devices] + [("INSTRUMENT", digitizer)]
        exdf.write_head(file, pairs, train_ids, 0)
        for device in devices:
            slow.write_device(file, device, train_ids, extent.properties, timestamps=True)
        # One train in ten was missed, so that require_all has something to drop.
        present = np.where(np.arange(len(train_ids)) % 10 == number, 0, 1)
        exdf.write_counts(file, digitizer, present)
        file[f"INSTRUMENT/{digitizer}/trainId"] = train_ids[present > 0].astype("u8")
        file[f"INSTRUMENT/{digitizer}/trace"] = np.arange(present.sum(), dtype="f4") + number

    return write
