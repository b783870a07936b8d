"""The one writer of simulated files: plain h5py, so that the truth owes nothing to our readers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from .datasets import Dataset
from .formats import Flag
from .hdf5 import create_dataset
from .rules import train_timestamps
from .sources import InstrumentSource, Source, Storage
from .tables import EntryTable

if TYPE_CHECKING:
    from .files import SimulatedFile

SOME_DATE = "20260114T093000Z"
TIMER = "Karabo_TimerServer"


def write_file(file: SimulatedFile, path: Path) -> None:
    """Write a described file; replaces what is there."""
    with h5py.File(path, "w", libver=(file.layout.libver, "latest")) as h5:
        _write_metadata(h5, file)
        _write_trains(h5, file)
        for source, group, table in file.tables():
            _write_index(h5, file, _index_path(source, group.name), table)
        for dataset in (*file.datasets(), *file.run_datasets()):
            _write_dataset(h5, dataset, file.layout.data_padding)
        for source in file.sources:
            # A device in RUN alone still has its group; so has a source that recorded nothing.
            h5.require_group(f"{source.section}/{source.name}")
            _write_legacy_names(h5, source)


def _write_metadata(h5: h5py.File, file: SimulatedFile) -> None:
    if file.format.version is not None:
        _write_facts(h5, file)
    ids = [s for s in _source_ids(file) if s.partition("/")[0] not in ("REDUCTION", "ERRATA")]
    ids += [""] * file.layout.metadata_padding
    roots, devices = zip(*(_split(s) for s in ids), strict=True) if ids else ((), ())
    for name, column in (("dataSourceId", ids), ("root", roots), ("deviceId", devices)):
        create_dataset(h5, f"{file.format.sources_at}/{name}", _texts(column))
    _write_auxiliary_lists(h5, file)


def _write_facts(h5: h5py.File, file: SimulatedFile) -> None:
    texts = {
        "dataFormatVersion": file.format.version,
        "creationDate": SOME_DATE,
        "updateDate": SOME_DATE,
        "daqLibrary": "1.14.0",
        "karaboFramework": "2.18.0",
        "runType": "Simulated",
        "sample": "No Sample",
    }
    numbers = {
        "proposalNumber": file.proposal,
        "runNumber": file.run,
        "sequenceNumber": file.sequence,
    }
    for name, text in texts.items():
        create_dataset(h5, f"METADATA/{name}", _texts([text]))
    for name, number in numbers.items():
        create_dataset(h5, f"METADATA/{name}", np.array([number], "u4"))


def _source_ids(file: SimulatedFile) -> list[str]:
    ids = [TIMER + "/TIME_SERVER"] if file.format.timer_entries else []
    for source in file.sources:
        if not isinstance(source, InstrumentSource):
            ids.append(f"{source.section}/{source.name}")
            continue
        for name in (source.name, *source.legacy_names):
            ids += [f"{source.section}/{name}/{g.name}" for g in source.groups()]
    return ids


def _write_auxiliary_lists(h5: h5py.File, file: SimulatedFile) -> None:
    ids = _source_ids(file)
    lists = {k: [s for s in ids if s.startswith(f"{k}/")] for k in ("REDUCTION", "ERRATA")}
    if file.format.auxiliary or any(lists.values()):
        for name, entries in lists.items():
            create_dataset(h5, f"METADATA/auxiliarySources/{name}", _texts(entries))


def _write_trains(h5: h5py.File, file: SimulatedFile) -> None:
    ids = file.ids
    suspect = np.isin(ids, np.array(sorted(file.suspect), "u8")) & file.flagged
    columns: dict[str, NDArray[Any]] = {"trainId": ids}
    if file.format.timestamps:
        columns["timestamp"] = train_timestamps(ids)
    if file.format.flag != Flag.NONE:
        valid_is_1 = file.format.flag == Flag.VALID_IS_1
        columns["flag"] = (suspect != valid_is_1).astype("i4")
    if file.format.origin:
        columns["origin"] = np.where(suspect, 0, -1).astype("i4")
    for name, column in columns.items():
        _write_index_column(h5, file, f"INDEX/{name}", column)


def _write_index(h5: h5py.File, file: SimulatedFile, path: str, table: EntryTable) -> None:
    first, count = table.first, table.count
    columns = {"first": first, "count": count}
    if file.layout.index_style == "first_last_status":
        last = np.maximum(first + count - 1, 0)
        columns = {"first": first, "last": last, "status": (count > 0).astype("i8")}
    for name, column in columns.items():
        _write_index_column(h5, file, f"{path}/{name}", column.astype(file.layout.index_dtype))


def _write_index_column(
    h5: h5py.File, file: SimulatedFile, path: str, column: NDArray[Any]
) -> None:
    padded = np.concatenate([column, np.zeros(file.layout.index_padding, column.dtype)])
    create_dataset(h5, path, padded, storage=Storage(file.layout.index_chunk or len(padded)))


def _index_path(source: Source, group: str) -> str:
    return f"INDEX/{source.name}/{group}".rstrip("/")


def _write_dataset(h5: h5py.File, dataset: Dataset, padding: int) -> None:
    definition = dataset.definition
    made = create_dataset(
        h5,
        dataset.path,
        dataset.values(),
        storage=definition.storage,
        padding=0 if dataset.section == "RUN" else padding,
        blocks=dataset.written_blocks() if definition.storage.unallocated else None,
    )
    if definition.attributes:
        on_group = dataset.section in {"CONTROL", "RUN"}
        _write_attributes(made.parent if on_group else made, definition.attributes)


def _write_attributes(target: h5py.HLObject, attributes: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        target.attrs[name] = value


def _write_legacy_names(h5: h5py.File, source: Source) -> None:
    for old in source.legacy_names:
        for root in (source.section, "INDEX"):
            h5[f"{root}/{old}"] = h5py.SoftLink(f"/{root}/{source.name}")


def _texts(entries: Any) -> NDArray[Any]:
    texts = np.empty(len(entries), dtype=object)
    texts[:] = list(entries)
    return texts


def _split(source_id: str) -> tuple[str, str]:
    root, _, device = source_id.partition("/")
    return root, device
