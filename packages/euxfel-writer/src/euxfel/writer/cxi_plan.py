"""Which datasets a CXI file has, and which rows of which file they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.core.reading import execute
from euxfel.core.selection import SelectedSource
from euxfel.core.source_files import KeyLayout
from euxfel.fileaccess import DataError, FileHandle, ReadRequest

from .detector_like import DetectorLike, ids_of_frames
from .virtual_plan import Rows

NO_ID = np.uint64(2**64 - 1)
FILLS: Mapping[str, float] = {"data": 0, "gain": 0, "mask": 0xFFFFFFFF}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a file, and the module and frames that they are.

    Attributes
    ----------
    module : int
        Position of the module.
    file, dataset : str
        Where the rows are.
    length : int
        Number of rows of that dataset.
    rows : Rows
        First row, number of rows, and the place of the first among all entries.
    """

    module: int
    file: str
    dataset: str
    length: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Shown:
    """One dataset of all modules.

    Attributes
    ----------
    layout : KeyLayout
        Type and shape of one row, the same in all files.
    per_row : int
        Frames in a row.
    inner : tuple of int
        Shape of one frame.
    parts : tuple of Part
        What it shows.
    """

    layout: KeyLayout
    per_row: int
    inner: tuple[int, ...]
    parts: tuple[Part, ...]


class CXIPlan:
    """All that a CXI file will hold, found out before it is touched.

    Parameters
    ----------
    detector : DetectorLike
        The detector.

    Raises
    ------
    DataError
        If modules differ in type or shape, or in the IDs of their frames.
    """

    def __init__(self, detector: DetectorLike) -> None:
        self.detector = detector
        self._group, _, self.label = detector.data_key.partition(".")
        found = detector.data._selection.sources
        self._modules = {m: found[s] for s, m in detector.source_to_modno.items()}
        self._rows = {m: tuple(detector.module_rows(m)) for m in self._modules}
        # Detectors with an axis of memory cells tell those apart; the others number pulses.
        self.has_cells = self._group != "image"
        self.id_name = "memoryCell" if self.has_cells else "pulseId"
        first = detector.first_module
        self.modules = np.arange(first, first + detector.n_modules)
        layout = self._layout(detector.data_key)
        self.per_entry = layout.entry_shape[0] if self.has_cells else 1
        self.data = self._shown(self.label)
        self.cells = self._shown("memoryCell" if self.has_cells else "cellId")
        names = [name for name in ("gain", "mask") if self._has(name)]
        self.planes = {name: self._shown(name) for name in names if "gain" in names}
        self.train_ids = np.repeat(detector.train_ids_perframe, self.per_entry)
        self.ids = self._agreed_ids()

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.train_ids)

    @property
    def inputs(self) -> list[str]:
        """Files that the data is in."""
        return sorted({f.filename for s in self._modules.values() for f in s.stored.files})

    @property
    def handles(self) -> dict[str, FileHandle]:
        """The files that the data is in, by path."""
        files = {f for s in self._modules.values() for f in s.stored.files}
        return {f.filename: f.handle for f in files}

    @property
    def _way_to_agree(self) -> str:
        choose = "choose modules with modules="
        # Memory cells are positions in an entry; only pulses can be aligned.
        return choose if self.has_cells else f"align frames with align='pulse', or {choose}"

    def _has(self, name: str) -> bool:
        first = next(iter(self._modules.values()))
        return first.stored.has_key(f"{self._group}.{name}")

    def _layout(self, key: str) -> KeyLayout:
        agreed: KeyLayout | None = None
        for module, source in self._modules.items():
            numbers = sorted({rows.file for rows in self._rows[module]})
            if agreed is not None and not numbers:
                continue
            found = source.stored.layout(key, numbers)
            if agreed is not None and found != agreed:
                raise DataError(
                    f"{key} of {source.name} is {found}, of other modules {agreed}; choose some "
                    "with modules=",
                    source=source.name,
                    key=key,
                )
            agreed = found
        assert agreed is not None
        return agreed

    def _shown(self, name: str) -> Shown:
        key = f"{self._group}.{name}"
        layout = self._layout(key)
        entry = layout.entry_shape
        per_row = self.per_entry if self.has_cells else 1
        spare = self.has_cells or (len(entry) == 1 and entry[0] == 1)
        return Shown(layout, per_row, entry[1:] if spare else entry, tuple(self._parts(key)))

    def _parts(self, key: str) -> Iterator[Part]:
        for module, source in self._modules.items():
            position = module - int(self.modules[0])
            path = source.section.data_path(source.stored.source, key)
            for piece in self._rows[module]:
                place = piece.start
                length = self._length(source, piece.file, key, int(piece.ranges.max()))
                file = source.stored.files[piece.file].filename
                for low, high in piece.ranges.tolist():
                    rows = Rows(piece.file, low, high - low, place)
                    yield Part(position, file, path, length, rows)
                    place += high - low

    def _length(self, source: SelectedSource, number: int, key: str, needed: int) -> int:
        found = source.stored.file_layout(number, key)
        length = 0 if found is None else found[1]
        if length < needed:
            file = source.stored.files[number].filename
            raise DataError(
                f"{key} of {source.name} in {file} has only {length} rows, the index claims "
                f"{needed}; leave the trains out with .drop_bad_trains()",
                file=file,
                source=source.name,
                key=key,
            )
        return length

    def _agreed_ids(self) -> NDArray[np.uint64]:
        """Read pulse IDs or memory cells, one for each frame.

        Raises
        ------
        DataError
            If modules have different ones, or none has any.
        """
        low = np.full(self.n_frames, NO_ID)
        high = np.zeros(self.n_frames, dtype=np.uint64)
        for source, found in self._read_ids():
            low[found[0]] = np.minimum(low[found[0]], found[1])
            high[found[0]] = np.maximum(high[found[0]], found[1])
            wrong = low[found[0]] != high[found[0]]
            if wrong.any():
                train = int(self.train_ids[found[0]][wrong][0])
                raise DataError(
                    f"{source.name} has other {self.id_name}s than other modules in train "
                    f"{train}; {self._way_to_agree}",
                    source=source.name,
                    trains=[train],
                )
        if (low == NO_ID).any():
            trains = np.unique(self.train_ids[low == NO_ID])
            raise DataError(
                f"no module has data for some frames of train {trains[0]}", trains=trains.tolist()
            )
        return low

    def _read_ids(self) -> Iterator[tuple[SelectedSource, tuple[slice, NDArray[np.uint64]]]]:
        key = f"{self._group}.{self.id_name}"
        for module, source in self._modules.items():
            path = source.section.data_path(source.stored.source, key)
            for piece in self._rows[module]:
                layout = source.stored.layout(key, [piece.file])
                self._length(source, piece.file, key, int(piece.ranges.max()))
                out = np.empty((piece.stop - piece.start, *layout.entry_shape), layout.dtype)
                handle = source.stored.files[piece.file].handle
                request = ReadRequest(handle, path, piece.ranges, out, ())
                execute([request], source.name, key, self.train_ids)
                place = slice(piece.start * self.per_entry, piece.stop * self.per_entry)
                yield source, (place, ids_of_frames(out))

    def fill_values(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give what stands for missing data by dataset, in the dataset's type.

        Raises
        ------
        ValueError
            If there is no such dataset, or its type cannot hold the value.
        """
        shown = {"data": self.data, **self.planes}
        wanted = {**FILLS, **_by_name(given or {}, self.label)}
        if self.data.layout.dtype.kind == "f" and "data" not in _by_name(given or {}, self.label):
            wanted["data"] = np.nan
        return {name: _as_type(name, wanted[name], s.layout.dtype) for name, s in shown.items()}


def _by_name(given: Mapping[str, Any], label: str) -> dict[str, Any]:
    found = {"data" if name == label else name: value for name, value in given.items()}
    unknown = sorted(found.keys() - FILLS.keys())
    if unknown:
        raise ValueError(f"there is no dataset {unknown[0]!r} to fill; there are {list(FILLS)}")
    return found


def _as_type(name: str, value: Any, dtype: np.dtype[Any]) -> Any:
    try:
        return dtype.type(value)
    except (ValueError, OverflowError) as exc:
        raise ValueError(f"{value!r} cannot stand for missing {name}, which is {dtype}") from exc


def frame_bytes(shown: Shown) -> int:
    """Give the size of one frame of one module."""
    return prod(shown.inner) * shown.layout.dtype.itemsize
