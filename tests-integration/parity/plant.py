"""Values for the makers' empty datasets: each one tells its file, dataset, row and place.

No value is zero, so rows that were never read, were padded or were taken from the wrong place
show. What gives the rows their meaning (INDEX, train, pulse and cell IDs) stays as it was made.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

SECTIONS = ("CONTROL", "RUN", "INSTRUMENT", "REDUCTION", "ERRATA")
IDENTIFIERS = frozenset({"trainId", "pulseId", "cellId"})
# Kept as made: few different values, as a state and a class name have in real data.
KEPT_TEXT = (("CONTROL", "/state/value"), ("RUN", "/classId/value"))
# Beyond this a dataset gets values in a few rows only.
FULL_BYTES = 32_000_000
FEW_ROWS = (0, 1, 2, 63, 64, 65, -2, -1)
EPOCH_NS = 1_600_000_000_000_000_000
FIRST_TRAIN = 10_000


def plant(folder: Path) -> None:
    """Write values into every file of a folder."""
    for path in sorted(folder.glob("*.h5")):
        with h5py.File(path, "r+") as file:
            _plant_file(file, path.name)


def _plant_file(file: h5py.File, name: str) -> None:
    for section in SECTIONS:
        if section in file:
            # visititems passes soft links by: a legacy name is not written twice.
            file[section].visititems(lambda _, item: _plant_item(item, name))
    _settle_clocks(file)


def _plant_item(item: Any, file_name: str) -> None:
    if not isinstance(item, h5py.Dataset) or item.shape[0] == 0:
        return
    section = item.name.split("/")[1]
    is_identifier = item.name.rpartition("/")[2] in IDENTIFIERS
    is_kept = any(section == where and item.name.endswith(end) for where, end in KEPT_TEXT)
    if is_kept or (is_identifier and section not in {"CONTROL", "RUN"}):
        return
    if item.nbytes <= FULL_BYTES:
        item[...] = planted(file_name, item.name, item.dtype, item.shape)
        return
    for row in FEW_ROWS:
        row %= item.shape[0]
        item[row] = planted(file_name, item.name, item.dtype, (1, *item.shape[1:]), row)[0]


def planted(
    file_name: str, path: str, dtype: np.dtype[Any], shape: tuple[int, ...], row: int = 0
) -> npt.NDArray[Any]:
    """Give the values of a dataset, or of some of its rows from `row` on."""
    if dtype.names is not None:
        records = np.empty(shape, dtype)
        for name in dtype.names:
            records[name] = planted(file_name, f"{path}/{name}", dtype[name], shape, row)
        return records
    seed = zlib.crc32(f"{file_name}:{path}".encode()) % 1_000_003
    numbers = seed + 7919 * _counting(shape, row)
    if dtype.kind in "OS":
        texts = [f"{path.rpartition('/')[2]} {n}".encode() for n in numbers.flat]
        return np.array(texts, dtype=object).reshape(shape)
    if dtype.kind == "f":
        return (1 + numbers % 65_521).astype(dtype) / 8
    return (1 + numbers % _largest_prime(dtype)).astype(dtype)


def _counting(shape: tuple[int, ...], row: int) -> npt.NDArray[np.int64]:
    per_row = int(np.prod(shape[1:], dtype=np.int64))
    start = row * per_row
    return np.arange(start, start + shape[0] * per_row, dtype=np.int64).reshape(shape)


def _largest_prime(dtype: np.dtype[Any]) -> int:
    """Give a modulus that the type can hold; being prime, rows do not repeat in step with it."""
    return {1: 113, 2: 32_749}.get(dtype.itemsize, 1_000_003)


def _settle_clocks(file: h5py.File) -> None:
    """Replace the clock readings of the makers, so that a run is the same every time."""
    train_ids = file["INDEX/trainId"][()]
    if "INDEX/timestamp" in file:
        since_start = (train_ids - np.uint64(FIRST_TRAIN)) * np.uint64(100_012_345)
        stamps = np.where(train_ids == 0, np.uint64(0), np.uint64(EPOCH_NS) + since_start)
        file["INDEX/timestamp"][...] = stamps
    if "METADATA/creationDate" in file:
        file["METADATA/creationDate"][0] = b"20200913T122640Z"
        file["METADATA/updateDate"][0] = b"20200913T123140Z"
    if file.get("METADATA/dataFormatVersion", [b""])[0] == b"1.1":
        # In this version alone the flag counts origins: 0 is the time server, all is well.
        file["INDEX/flag"][...] = 0
