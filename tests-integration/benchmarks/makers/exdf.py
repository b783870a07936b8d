"""The parts that every EXDF file has, written with plain h5py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

FIRST_TRAIN = 1_500_000_000
FIRST_NANOSECOND = 1_700_000_000_000_000_000
TRAIN_PERIOD_NS = 100_000_000

# The DAQ allocates its index in blocks: datasets end in zeros that are not data.
INDEX_BLOCK = 100
INDEX_CHUNK = 64

Ints = NDArray[np.int64]


def file_path(folder: Path, category: str, aggregator: str, sequence: int) -> Path:
    """The name of one sequence file of run 1."""
    return folder / f"{category}-R0001-{aggregator}-S{sequence:05d}.h5"


def train_ids_of(sequence: int, trains_per_file: int) -> Ints:
    """The train IDs that sequence file number ``sequence`` holds."""
    first = FIRST_TRAIN + sequence * trains_per_file
    return np.arange(first, first + trains_per_file)


def write_head(
    file: h5py.File, sources: Sequence[tuple[str, str]], train_ids: Ints, sequence: int
) -> None:
    """Write METADATA for ``(root, device ID)`` pairs, and the INDEX of trains."""
    _write_metadata(file, sources, sequence)
    index_dataset(file, "INDEX/trainId", train_ids, "u8")
    index_dataset(file, "INDEX/timestamp", _timestamps(train_ids), "u8")
    index_dataset(file, "INDEX/flag", np.ones_like(train_ids), "i4")
    index_dataset(file, "INDEX/origin", np.full_like(train_ids, -1), "i4")


def rewrite_head(file: h5py.File, train_ids: Ints, sequence: int) -> None:
    """Turn a copy of a file into a later sequence file of the same aggregator."""
    file["METADATA/sequenceNumber"][0] = sequence
    file["INDEX/trainId"][: len(train_ids)] = train_ids
    file["INDEX/timestamp"][: len(train_ids)] = _timestamps(train_ids)


def shift_train_ids(file: h5py.File, by: int) -> None:
    """Let the train IDs that stand beside instrument data be later ones."""
    found: list[h5py.Dataset] = []

    def note(name: str, item: h5py.HLObject) -> None:
        if name.endswith("/trainId"):
            found.append(item)

    file["INSTRUMENT"].visititems(note)
    for dataset in found:
        dataset[...] += np.array(by, dataset.dtype)


def write_counts(file: h5py.File, group: str, counts: Ints) -> None:
    """Write INDEX/<group>/{first,count} for this many rows in each train."""
    firsts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    index_dataset(file, f"INDEX/{group}/first", firsts, "u8")
    index_dataset(file, f"INDEX/{group}/count", counts, "u8")


def index_dataset(file: h5py.File, path: str, values: Ints, dtype: str) -> None:
    """Write a padded index dataset in small chunks."""
    padded = np.zeros(-(-len(values) // INDEX_BLOCK) * INDEX_BLOCK, dtype)
    padded[: len(values)] = values
    file.create_dataset(path, data=padded, chunks=(INDEX_CHUNK,), maxshape=(None,))


def _timestamps(train_ids: Ints) -> Ints:
    return FIRST_NANOSECOND + (train_ids - FIRST_TRAIN) * TRAIN_PERIOD_NS


def _write_metadata(file: h5py.File, sources: Iterable[tuple[str, str]], sequence: int) -> None:
    pairs = [(root.encode(), device.encode()) for root, device in sources]
    text = h5py.special_dtype(vlen=bytes)
    columns = {
        "root": [root for root, _ in pairs],
        "deviceId": [device for _, device in pairs],
        "dataSourceId": [root + b"/" + device for root, device in pairs],
    }
    for name, values in columns.items():
        file.create_dataset(f"METADATA/dataSources/{name}", data=values, dtype=text)
    facts: dict[str, bytes | int] = {
        "dataFormatVersion": b"1.2",
        "creationDate": b"20231114T221320Z",
        "updateDate": b"20231114T221320Z",
        "daqLibrary": b"1.14.1",
        "karaboFramework": b"2.16.3",
        "proposalNumber": 700000,
        "runNumber": 1,
        "sequenceNumber": sequence,
    }
    for name, value in facts.items():
        file[f"METADATA/{name}"] = [value]
