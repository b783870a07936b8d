"""Defects made in files after they were written; the description says what was there before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from ..defect import Defect
from ..files import SimulatedFile


@dataclass(frozen=True, kw_only=True)
class Damage(Defect):
    """A defect made in the written file; subclasses override `damage`."""

    def apply(self, file: SimulatedFile) -> SimulatedFile:
        """The file, to be damaged once it is written."""
        return file.with_damage(self.damage)

    def damage(self, path: Path) -> None:
        """Change the written file."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it damages")


@dataclass(frozen=True, kw_only=True)
class ObjectRemoved(Damage):
    """A group or dataset is missing, for instance ``METADATA`` or ``INDEX`` (B10)."""

    path: str

    def damage(self, path: Path) -> None:
        """Remove the object."""
        with h5py.File(path, "r+") as h5:
            del h5[self.path]


@dataclass(frozen=True, kw_only=True)
class DatasetReplaced(Damage):
    """A dataset holds something else: any type, shape or length (B13, B14, B15).

    Attributes
    ----------
    path : str
        Path of the dataset.
    values : array_like
        What it holds instead.
    """

    path: str
    values: Any

    def damage(self, path: Path) -> None:
        """Replace the dataset."""
        with h5py.File(path, "r+") as h5:
            if self.path in h5:
                del h5[self.path]
            h5.create_dataset(self.path, data=self.values)


@dataclass(frozen=True, kw_only=True)
class IndexCut(Damage):
    """Index datasets end before the list of trains does (B13, B14).

    Attributes
    ----------
    path : str
        ``INDEX/<source>`` or ``INDEX/<source>/<group>``.
    entries : int
        Entries that are left.
    columns : sequence of str
        Datasets concerned; one of two makes lengths that differ.
    """

    path: str
    entries: int
    columns: Sequence[str] = ("first", "count")

    def damage(self, path: Path) -> None:
        """Cut the datasets."""
        with h5py.File(path, "r+") as h5:
            for column in self.columns:
                h5[f"{self.path}/{column}"].resize((self.entries,))


@dataclass(frozen=True, kw_only=True)
class IndexEntry(Damage):
    """One entry of an index dataset is wrong: beyond the data, overlapping, huge (B14, B15).

    Attributes
    ----------
    path : str
        For instance ``INDEX/<source>/<group>/count``.
    position : int
        The entry.
    value : int
        What it holds instead.
    """

    path: str
    position: int
    value: int

    def damage(self, path: Path) -> None:
        """Change the entry."""
        with h5py.File(path, "r+") as h5:
            column = h5[self.path]
            column[self.position] = np.array(self.value).astype(column.dtype)


@dataclass(frozen=True, kw_only=True)
class DataCut(Damage):
    """A dataset has fewer rows than its index says (B14)."""

    path: str
    rows: int

    def damage(self, path: Path) -> None:
        """Cut the dataset."""
        with h5py.File(path, "r+") as h5:
            dataset = h5[self.path]
            dataset.resize((self.rows, *dataset.shape[1:]))


@dataclass(frozen=True, kw_only=True)
class SourceListed(Damage):
    """The list of sources has a further entry, for instance ``CONTROL/../INDEX``."""

    entry: str

    def damage(self, path: Path) -> None:
        """Add the entry at the end of the list."""
        with h5py.File(path, "r+") as h5:
            group = h5.get("METADATA/dataSources", h5["METADATA"])
            root, _, device = self.entry.partition("/")
            columns = (("dataSourceId", self.entry), ("root", root), ("deviceId", device))
            for name, text in columns:
                column = group[name]
                column.resize((len(column) + 1,))
                column[-1] = text


@dataclass(frozen=True, kw_only=True)
class ChunkCorrupt(Damage):
    """The bytes of one stored chunk are overwritten, so that it cannot be decoded (R2b).

    Attributes
    ----------
    path : str
        Path of a dataset with a filter.
    row : int
        A row of the chunk.
    """

    path: str
    row: int = 0

    def damage(self, path: Path) -> None:
        """Overwrite the chunk."""
        with h5py.File(path, "r") as h5:
            dataset = h5[self.path].id
            if not dataset.get_create_plist().get_nfilters():
                raise ValueError(f"{self.path} has no filter: any bytes in a chunk can be decoded")
            chunk_rows, *_ = h5[self.path].chunks
            start = (self.row - self.row % chunk_rows, *(0,) * (dataset.rank - 1))
            chunk = dataset.get_chunk_info_by_coord(start)
        with open(path, "r+b") as file:
            file.seek(chunk.byte_offset)
            file.write(b"\xa5" * chunk.size)


@dataclass(frozen=True, kw_only=True)
class FileCut(Damage):
    """The file ends too early (R5)."""

    fraction: float = 0.5

    def damage(self, path: Path) -> None:
        """Cut the file."""
        os.truncate(path, int(path.stat().st_size * self.fraction))


@dataclass(frozen=True, kw_only=True)
class ByteFlipped(Damage):
    """One byte of the file differs (F6)."""

    offset: int
    mask: int = 0xFF

    def damage(self, path: Path) -> None:
        """Change the byte."""
        with open(path, "r+b") as file:
            file.seek(self.offset)
            byte = file.read(1)[0]
            file.seek(self.offset)
            file.write(bytes([byte ^ self.mask]))


@dataclass(frozen=True, kw_only=True)
class NotAFile(Damage):
    """Something else stands in the file's place under its name."""

    kind: Literal["fifo", "directory", "empty", "text"] = "fifo"

    def damage(self, path: Path) -> None:
        """Put the other thing in the file's place."""
        path.unlink()
        if self.kind == "fifo":
            os.mkfifo(path)
        elif self.kind == "directory":
            path.mkdir()
        else:
            path.write_text("" if self.kind == "empty" else "This is not HDF5.\n")


@dataclass(frozen=True, kw_only=True)
class FileCopied(Damage):
    """A copy of the file lies beside it under another name."""

    name: str

    def damage(self, path: Path) -> None:
        """Copy the file."""
        shutil.copyfile(path, path.with_name(self.name))
