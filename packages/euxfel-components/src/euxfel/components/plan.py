"""What to read into an array of modules and frames; small, and complete for other processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.core.allocation import allocated
from euxfel.core.region import Region
from euxfel.fileaccess import DataError, FileHandle, ReadRequest, read

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Rows of one dataset, and the frames of one module that they become.

    Attributes
    ----------
    handle : FileHandle
        The file; pickles by path.
    dataset : str
        Path inside it.
    ranges : ndarray of int64, shape (n, 2)
        Half-open ranges of rows.
    module : int
        Position on the first axis.
    start, stop : int
        Positions on the second axis.
    """

    handle: FileHandle
    dataset: str
    ranges: I64
    module: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class ReadPlan:
    """An array that is not read yet.

    Attributes
    ----------
    places : tuple of Place
        What to read.
    shape : tuple of int
        Modules, frames, then what the region of interest leaves of an entry.
    dtype : numpy.dtype
        Type of the result.
    gaps : ndarray of bool, shape (modules, frames), or None
        True where there is no data; None if there is data everywhere.
    fill_value : number or None
        What stands in the gaps; None for NaN in floats, 0 in others.
    region : Region
        Which part of each entry.
    spare_axis : bool
        Whether entries are stored with a first axis of length 1, which is left out.
    what : str
        What this is, for messages.
    """

    places: tuple[Place, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    gaps: NDArray[np.bool_] | None
    fill_value: Any
    region: Region
    spare_axis: bool
    what: str

    def read(self, threads: int | None = None) -> NDArray[Any]:
        """Read into a new array; gaps hold the fill value."""
        out = self.allocated()
        self.read_into(out, threads)
        return out

    def allocated(self) -> NDArray[Any]:
        """Give a new array that holds the fill value where there is no data.

        Raises
        ------
        TooMuchDataError
            There is not enough memory.
        """
        # Zeros come with new memory: gaps need not be touched for them.
        as_zeros = not any(filling(self.dtype, self.fill_value).tobytes())
        zeros = self.gaps is not None and as_zeros
        out = allocated(self.shape, self.dtype, self.what, zeros=zeros)
        if not as_zeros:
            self.fill_gaps(out)
        return out

    def fill_gaps(self, out: NDArray[Any]) -> None:
        """Write the fill value where there is no data."""
        if self.gaps is not None:
            out[self.gaps] = filling(out.dtype, self.fill_value)

    def read_into(self, out: NDArray[Any], threads: int | None = None) -> None:
        """Read into an array; what is there in gaps stays.

        Raises
        ------
        DataError
            If data cannot be decoded.
        """
        into = out
        if self.region.picked:
            into = np.empty((*self.shape[:2], *self.region.read_shape), dtype=out.dtype)
        try:
            read(self.requests(into), threads=threads)
        except DataError as exc:
            exc.add_note(f"while reading {self.what}")
            raise
        if self.region.picked:
            self._pick(into, out)

    def _pick(self, read_in: NDArray[Any], out: NDArray[Any]) -> None:
        for module, frames in enumerate(read_in):
            chosen = self.region.pick(frames)
            there: Any = True
            if self.gaps is not None:
                there = ~self.gaps[module].reshape(-1, *(1 for _ in self.shape[2:]))
            np.copyto(out[module], chosen, where=there)

    def requests(self, out: NDArray[Any]) -> list[ReadRequest]:
        """Give what the engine must do."""
        roi = self.region.basic
        if self.spare_axis:
            roi = (0, *roi)
        return [
            ReadRequest(p.handle, p.dataset, p.ranges, out[p.module, p.start : p.stop], roi)
            for p in self.places
        ]


def filling(dtype: np.dtype[Any], fill_value: Any) -> Any:
    """Give the value that stands for missing data in arrays of a type."""
    if fill_value is None:
        fill_value = np.nan if dtype.kind in "fc" else 0
    return dtype.type(fill_value)
