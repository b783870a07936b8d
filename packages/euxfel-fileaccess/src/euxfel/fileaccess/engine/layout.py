"""How a dataset is stored: what has to be known before its bytes can be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import Any

import numpy as np

# Filter numbers of the HDF5 library.
DEFLATE, SHUFFLE = 1, 2
# The order in which the library's filters that are undone here can stand.
KNOWN_FILTERS = {(): "", (DEFLATE,): "", (SHUFFLE,): "", (SHUFFLE, DEFLATE): ""}


class LayoutKind(StrEnum):
    """How the bytes of a dataset lie."""

    CONTIGUOUS = "contiguous"
    CHUNKED = "chunked"
    VIRTUAL = "virtual"
    EXTERNAL = "external"
    COMPACT = "compact"
    OTHER = "other"


@dataclass(frozen=True, slots=True, eq=False)
class DatasetLayout:
    """Shape, type and storage of one dataset.

    Attributes
    ----------
    shape : tuple of int
        Shape of the dataset; the first axis counts rows.
    dtype : numpy.dtype
        Type of one element, as h5py gives it; object for strings of variable length.
    entry_shape : tuple of int
        Shape of one row.
    kind : LayoutKind
        How the bytes lie.
    chunks : tuple of int or None
        Shape of a chunk, None if the dataset is not chunked.
    filters : tuple of int
        HDF5 numbers of the filters, in the order in which they were applied.
    fill_value : object
        What elements are that were never written.
    direct : bool
        Whether rows can be read without the HDF5 library.
    linked : tuple of str or None
        The other file, and the path in it, if an external link leads there.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    entry_shape: tuple[int, ...]
    kind: LayoutKind
    chunks: tuple[int, ...] | None
    filters: tuple[int, ...]
    fill_value: Any
    direct: bool
    linked: tuple[str, str] | None = None

    @property
    def rows(self) -> int:
        """Length of the first axis; 0 for a dataset without axes."""
        return self.shape[0] if self.shape else 0

    @property
    def chunk_shape(self) -> tuple[int, ...]:
        """Shape of a chunk; a contiguous dataset counts as one chunk."""
        return self.chunks if self.chunks is not None else self.shape

    @property
    def chunk_bytes(self) -> int:
        """Bytes of one chunk when no filter is applied."""
        return prod(self.chunk_shape) * self.dtype.itemsize

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of chunks along each axis."""
        chunk = self.chunk_shape
        return tuple(-(-n // c) if c else 0 for n, c in zip(self.shape, chunk, strict=True))
