"""The short way for the smallest and most frequent reads: one range of a contiguous dataset.

A run has tens of thousands of small datasets; planning each as if it were a detector's would
cost more than reading it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import DataError
from ..handle import FileHandle
from .chunk_table import ChunkIndex
from .guard import data_error
from .layout import DatasetLayout, LayoutKind
from .rawio import CutOffError, read_exactly
from .request import ReadRequest

# Larger reads are cut up, so that threads can share them.
QUICK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class QuickUnit:
    """One stretch of bytes that goes straight to a contiguous array."""

    request: ReadRequest
    address: int

    @property
    def handle(self) -> FileHandle:
        """The file."""
        return self.request.handle

    @property
    def nbytes(self) -> int:
        """Bytes to read."""
        return self.request.out.nbytes

    def run(self, fd: int) -> None:
        """Read them."""
        memory = self.request.out.data.cast("B")
        try:
            read_exactly(fd, [memory], self.address)
        except CutOffError:
            raise self._error() from None

    def _error(self) -> DataError:
        what = "the file ends before the data does"
        return data_error(self.request.handle, self.request.dataset, what)


def quick_unit(
    request: ReadRequest, layout: DatasetLayout, index: ChunkIndex | None
) -> QuickUnit | None:
    """Make the unit for a request, None if it is not of the simple kind, or not in order."""
    out = request.out
    if (
        index is None
        or layout.kind is not LayoutKind.CONTIGUOUS
        or request.roi
        or request.rows.shape != (1, 2)
        or not 0 < out.nbytes <= QUICK_BYTES
        or out.dtype != layout.dtype
        or not out.flags.c_contiguous
    ):
        return None
    start, stop = request.rows.tolist()[0]
    if not 0 <= start < stop <= layout.rows or out.shape != (stop - start, *layout.entry_shape):
        return None
    base = int(index.address[0])
    address = base + out.nbytes // (stop - start) * start
    if base < 0 or address + out.nbytes > request.handle.identity.size:
        return None
    return QuickUnit(request, address)
