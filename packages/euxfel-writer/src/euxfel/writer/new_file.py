"""A new EXDF file, for data that did not come from the facility's own acquisition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from math import prod
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import Section
from euxfel.fileaccess.sections import FLAG, ORIGIN, TIMESTAMP, TRAIN_ID, run_path

from . import skeleton
from .declared import NewKey, NewSource
from .file_writer import LIBVER
from .refusal import AnyPath
from .target import AtomicTarget
from .write_plan import index_arrays

VERSIONS = ("1.0", "1.1", "1.2", "1.3")
CHUNK_BYTES = 1 << 20
Data = Mapping[str, Mapping[str, Any]]
Counts = Mapping[str, Sequence[int]]


class NewFile:
    """A new EXDF file: declare its sources, append trains, and it appears when all is written.

    Parameters
    ----------
    path : str or path-like
        The file, by the facility's rules ``RAW-R0001-DA01-S00000.h5`` and so on.
    proposal, run, sequence : int
        Numbers that the file states.
    format_version : str
        ``"1.0"`` to ``"1.3"``.
    metadata : mapping, optional
        Further values for METADATA, such as ``sample``.
    overwrite : bool
        Whether to replace a file that exists.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from euxfel.core import H5File
    >>> from euxfel.writer import NewFile, NewKey
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "RAW-R0001-DA01-S00000.h5")
    ...     with NewFile(path, proposal=900000, run=1) as file:
    ...         file.add_control("LAB/MOTOR/X", {"position": NewKey("f8")})
    ...         file.add_instrument("LAB/CAM/1:out", {"data.image": NewKey("u2", (4, 6))})
    ...         file.append(
    ...             [10001, 10002],
    ...             {
    ...                 "LAB/MOTOR/X": {"position": [0.5, 0.6]},
    ...                 "LAB/CAM/1:out": {"data.image": np.ones((2, 4, 6), "u2")},
    ...             },
    ...         )
    ...     H5File(path)["LAB/MOTOR/X", "position"].ndarray()
    array([0.5, 0.6])
    """

    def __init__(
        self,
        path: AnyPath,
        *,
        proposal: int = 0,
        run: int = 0,
        sequence: int = 0,
        format_version: str = "1.2",
        metadata: Mapping[str, Any] | None = None,
        overwrite: bool = False,
    ) -> None:
        if format_version not in VERSIONS:
            raise ValueError(f"format_version is one of {VERSIONS}, not {format_version!r}")
        self._target = AtomicTarget(path, overwrite=overwrite)
        self._version = format_version
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        numbers = {"proposalNumber": proposal, "runNumber": run, "sequenceNumber": sequence}
        self._metadata = {
            "creationDate": now,
            "updateDate": now,
            **{name: np.uint32(number) for name, number in numbers.items()},
            **(metadata or {}),
        }
        self._sources: dict[str, NewSource] = {}
        self._counts: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
        self._trains: list[NDArray[np.uint64]] = []
        self._times: list[NDArray[np.uint64]] = []
        self._valid: list[NDArray[np.bool_]] = []
        self._stack = ExitStack()
        self._file: h5py.File | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._target)
            self._file = stack.enter_context(self._target.h5file(libver=LIBVER))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._stack:
            if value is not None:
                # So that what is below knows, and keeps nothing.
                raise value
            self._finish()

    def add_control(
        self,
        source: str,
        keys: Mapping[str, NewKey],
        run_values: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a source with one entry per train.

        Parameters
        ----------
        source : str
            Its name, ``DOMAIN/TYPE/MEMBER``.
        keys : mapping of str to NewKey
            Its keys, without ``.value``.
        run_values : mapping, optional
            Values for the RUN snapshot; keys that are not here are taken from the first train.
        """
        self.add(NewSource(Section.CONTROL, source, keys, run_values or {}))

    def add_instrument(self, source: str, keys: Mapping[str, NewKey]) -> None:
        """Declare a source with any number of entries per train.

        Parameters
        ----------
        source : str
            Its name, ``DOMAIN/TYPE/MEMBER:CHANNEL``.
        keys : mapping of str to NewKey
            Its keys; the first part of each is its index group.
        """
        self.add(NewSource(Section.INSTRUMENT, source, keys))

    def add(self, source: NewSource) -> None:
        """Declare a source.

        Raises
        ------
        ValueError
            If it is declared already, or trains were appended before.
        """
        if source.name in self._sources or self._trains:
            raise ValueError(f"{source.name} is declared twice, or after the first train")
        self._sources[source.name] = source
        for key, new in source.keys.items():
            _create(self._open, source.path(key), new)
            _describe(self._open, source, key, new.attributes)
            if source.section is Section.CONTROL:
                stamp = source.path(key).removesuffix("value") + "timestamp"
                _create(self._open, stamp, NewKey("u8"))
        self._counts.update({(source.name, group): [] for group in source.groups})

    def append(
        self,
        train_ids: Sequence[int],
        data: Data,
        *,
        counts: Mapping[str, Counts] | None = None,
        timestamps: Sequence[int] | None = None,
        suspect: Sequence[int] = (),
    ) -> None:
        """Append a block of trains.

        Parameters
        ----------
        train_ids : sequence of int
            Their IDs, increasing, above all before.
        data : mapping of str to mapping
            Values by source and key, one after the other. A source that is left out has no entry
            in these trains.
        counts : mapping, optional
            Entries of each train by source and index group, where it is not one per train.
        timestamps : sequence of int, optional
            Times of the trains in nanoseconds since 1970, UTC.
        suspect : sequence of int
            IDs that did not come from the time server.

        Raises
        ------
        ValueError
            If anything contradicts what was declared; then nothing of the block is written.
        """
        ids = self._checked_ids(train_ids)
        times = np.zeros(len(ids), "u8") if timestamps is None else np.asarray(timestamps, "u8")
        if times.shape != ids.shape:
            raise ValueError(f"{len(times)} timestamps for {len(ids)} trains")
        block, of_group = self._checked(data, counts or {}, len(ids))
        for (name, key), values in block.items():
            _extend(self._open, self._sources[name].path(key), values)
            if self._sources[name].section is Section.CONTROL:
                stamp = self._sources[name].path(key).removesuffix("value") + "timestamp"
                _extend(self._open, stamp, times)
            self._target.check()
        for which, added in of_group.items():
            self._counts[which].append(added)
        self._trains.append(ids)
        self._times.append(times)
        self._valid.append(~np.isin(ids, np.asarray(suspect, "u8")))

    @property
    def _open(self) -> h5py.File:
        if self._file is None:
            raise ValueError("use a new file in a with block")
        return self._file

    def _checked_ids(self, train_ids: Sequence[int]) -> NDArray[np.uint64]:
        ids = np.asarray(train_ids, dtype=np.uint64)
        before = self._trains[-1][-1:] if self._trains else ids[:0]
        together = np.concatenate([before, ids])
        if ids.ndim != 1 or not ids.all() or (together[1:] <= together[:-1]).any():
            raise ValueError(
                "train IDs have to increase, from one block to the next, and be above 0"
            )
        return ids

    def _checked(
        self, data: Data, counts: Mapping[str, Counts], trains: int
    ) -> tuple[dict[tuple[str, str], NDArray[Any]], dict[tuple[str, str], NDArray[np.int64]]]:
        for name in (*data, *counts):
            if name not in self._sources:
                raise ValueError(f"{name} was not declared")
        block: dict[tuple[str, str], NDArray[Any]] = {}
        of_group: dict[tuple[str, str], NDArray[np.int64]] = {}
        for name, source in self._sources.items():
            if name in data and set(data[name]) != set(source.keys):
                odd = sorted(set(data[name]) ^ set(source.keys))
                raise ValueError(f"{name}: values are given for other keys than declared: {odd}")
            for group in source.groups:
                of_group[name, group] = _counts(source, group, counts, trains, name in data)
            for key, given in data.get(name, {}).items():
                values = source.keys[key].values(given, f"{name} {key}")
                needed = int(of_group[name, source.section.index_group(key)].sum())
                if len(values) != needed:
                    raise ValueError(f"{name} {key}: {len(values)} entries, {needed} are needed")
                block[name, key] = values
        return block, of_group

    def _finish(self) -> None:
        file = self._open
        skeleton.sign(file)
        ids = _joined(self._trains, "u8")
        valid = _joined(self._valid, "?")
        file[TRAIN_ID], file[TIMESTAMP] = ids, _joined(self._times, "u8")
        # In version 1.1 the flag tells where the ID came from, 0 being the time server.
        file[FLAG] = (~valid if self._version == "1.1" else valid).astype("i4")
        if self._version >= "1.2":
            file[ORIGIN] = np.where(valid, -1, 0).astype("i4")
        for (name, group), parts in self._counts.items():
            path = self._sources[name].section.index_path(name, group)
            skeleton.write_index(file, path, index_arrays(_joined(parts, "i8")))
        for source in self._sources.values():
            file.require_group(source.section.source_path(source.name))
            _write_snapshot(file, source)
        _write_metadata(file, self._sources.values(), self._version, self._metadata)


def _counts(
    source: NewSource, group: str, counts: Mapping[str, Counts], trains: int, given: bool
) -> NDArray[np.int64]:
    stated = counts.get(source.name, {}).get(group)
    if stated is None:
        return np.full(trains, int(given), np.int64)
    found = np.asarray(stated, np.int64)
    if found.shape != (trains,) or (found < 0).any():
        raise ValueError(f"{source.name} {group}: one count is needed for each of {trains} trains")
    if source.section is Section.CONTROL and (found > 1).any():
        raise ValueError(f"{source.name}: control data has one entry per train at most")
    return found


def _create(file: h5py.File, path: str, key: NewKey) -> None:
    dtype = h5py.string_dtype() if key.dtype is str else np.dtype(key.dtype)
    row = max(1, prod(key.shape) * dtype.itemsize)
    file.create_dataset(
        path,
        (0, *key.shape),
        dtype,
        maxshape=(None, *key.shape),
        chunks=(max(1, min(1024, CHUNK_BYTES // row)), *(max(1, n) for n in key.shape)),
        compression=key.compression or None,
        shuffle=bool(key.compression) and dtype.itemsize > 1 and key.dtype is not str,
    )


def _describe(file: h5py.File, source: NewSource, key: str, attributes: Mapping[str, Any]) -> None:
    full = key if source.section is Section.INSTRUMENT else f"{key}.value"
    place = file[source.section.attributes_path(source.name, full)]
    for name, value in attributes.items():
        place.attrs[name] = value


def _extend(file: h5py.File, path: str, values: NDArray[Any]) -> None:
    made = file[path]
    before = len(made)
    made.resize(before + len(values), axis=0)
    if values.size:
        made[before:] = values


def _joined(parts: Sequence[NDArray[Any]], dtype: str) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


def _write_snapshot(file: h5py.File, source: NewSource) -> None:
    if source.section is not Section.CONTROL:
        return
    for key in (*source.keys, *(k for k in source.run_values if k not in source.keys)):
        path = run_path(source.name, f"{key}.value")
        new = source.keys.get(key)
        if key in source.run_values:
            file[path] = [source.run_values[key]]
        elif len(file[source.path(key)]):
            first = file[source.path(key)]
            file.create_dataset(path, data=first[:1], dtype=first.dtype)
        else:
            continue
        file[run_path(source.name, f"{key}.timestamp")] = np.zeros(1, "u8")
        for name, value in (new.attributes if new is not None else {}).items():
            file[path].parent.attrs[name] = value


def _write_metadata(
    file: h5py.File, sources: Any, version: str, metadata: Mapping[str, Any]
) -> None:
    names = sorted(n for s in sources for n in skeleton.listed_names(s.section, s.name, s.groups))
    kind = h5py.special_dtype(vlen=bytes)
    columns = {
        "dataSourceId": names,
        "root": [n.partition("/")[0] for n in names],
        "deviceId": [n.partition("/")[2] for n in names],
    }
    for name, texts in columns.items():
        data = np.array([t.encode() for t in texts], dtype=object)
        file.create_dataset(f"METADATA/dataSources/{name}", data=data, dtype=kind)
    if version >= "1.3":
        for section in (Section.REDUCTION, Section.ERRATA):
            file.create_dataset(f"METADATA/auxiliarySources/{section}", (0,), kind)
    for name, value in {**metadata, "dataFormatVersion": version}.items():
        file[f"METADATA/{name}"] = [value]
