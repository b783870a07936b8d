"""What is known of a key without reading its data: place, type, shape, units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from euxfel.fileaccess.cached import cached_property

from . import arrays
from .entries import EntryTable
from .one_source import OneSource
from .scope import Scope
from .selection import SelectedSource
from .source_files import KeyLayout
from .units import unit_name, unit_symbol


class KeyOutline(OneSource):
    """A key of one source, with what the headers of its datasets say."""

    def __init__(self, selected: SelectedSource, key: str, scope: Scope) -> None:
        super().__init__(selected, scope)
        self.key = key

    @property
    def index_group(self) -> str:
        """First part of an instrument key, whose rows are counted together; else empty."""
        return self._selected.section.index_group(self.key)

    @property
    def hdf5_data_path(self) -> str:
        """Path of the dataset inside the files."""
        stored = self._selected.stored
        return "/" + stored.section.data_path(stored.source, self.key)

    @property
    def source_file_paths(self) -> list[Path]:
        """Paths of the files with data of the selected trains, seen through virtual ones."""
        paths = arrays.source_paths(self._selected.stored, self.key, self._entries)
        return [Path(p) for p in paths]

    @cached_property
    def _entries(self) -> EntryTable:
        return self._selected.entries(self.index_group, self._scope)

    @cached_property
    def _layout(self) -> KeyLayout:
        return self._selected.layout(self.key, self._entries)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the data as it is stored; object for strings."""
        return self._layout.dtype

    @property
    def entry_shape(self) -> tuple[int, ...]:
        """Shape of one row."""
        return self._layout.entry_shape

    @property
    def ndim(self) -> int:
        """Number of dimensions of the array, the first one being rows."""
        return 1 + len(self.entry_shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that `ndarray` gives."""
        return (self._entries.n_rows, *self.entry_shape)

    @property
    def nbytes(self) -> int:
        """Size of the array in bytes."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=np.int64))

    @property
    def size_mb(self) -> float:
        """Size of the array in megabytes (10**6 bytes)."""
        return self.nbytes / 1e6

    @property
    def size_gb(self) -> float:
        """Size of the array in gigabytes (10**9 bytes)."""
        return self.nbytes / 1e9

    def attributes(self) -> dict[str, Any]:
        """Read the Karabo attributes of the key, from the first file with it.

        Returns
        -------
        dict
            For instance ``unitSymbol``, ``alias``, ``description``; attributes that cannot be
            read are left out.
        """
        stored = self._selected.stored
        for number, file in enumerate(stored.files):
            if stored.file_layout(number, self.key) is not None:
                return file.attributes(stored.section, stored.source, self.key)
        return {}

    @cached_property
    def _units(self) -> tuple[str | None, str | None]:
        found = self.attributes()
        return unit_symbol(found), unit_name(found)

    @property
    def units(self) -> str | None:
        """Symbol of the units, such as ``"μJ"``; None if the file names none."""
        return self._units[0]

    @property
    def units_name(self) -> str | None:
        """Name of the units, such as ``"microjoule"``; None if the file names none."""
        return self._units[1]
