"""Lazy Dask arrays whose chunks follow the files and trains that hold the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileHandle, ReadRequest, engine

from .allocation import allocated
from .entries import EntryTable
from .reading import decode_strings

if TYPE_CHECKING:
    import dask.array

    from .keydata import KeyData

# Large enough that scheduling costs nothing beside reading, small enough for a worker's memory.
DEFAULT_CHUNK_BYTES = 128 * 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What a worker needs to read one chunk; pickles by path.

    Attributes
    ----------
    dataset : str
        Path inside the files.
    pieces : tuple of (FileHandle, ndarray)
        Files and the row ranges to read from each.
    shape, dtype
        Of the result.
    """

    dataset: str
    pieces: tuple[tuple[FileHandle, NDArray[np.int64]], ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def read(self) -> NDArray[Any]:
        """Read the chunk; runs in whatever thread or process Dask chooses."""
        out = allocated(self.shape, self.dtype, f"a chunk of {self.dataset}")
        wanted, start = [], 0
        for handle, ranges in self.pieces:
            stop = start + int((ranges[:, 1] - ranges[:, 0]).sum())
            wanted.append(ReadRequest(handle, self.dataset, ranges, out[start:stop]))
            start = stop
        engine.read(wanted)
        return decode_strings(out)


def as_dask(kd: KeyData, chunks: int | str | None) -> dask.array.Array:
    """Give the data of a key as a lazy array.

    Parameters
    ----------
    kd : KeyData
        What to read.
    chunks : int or str, optional
        Most rows of a chunk, or most bytes as in ``"64MiB"``.
    """
    import dask.array as da
    from dask.highlevelgraph import HighLevelGraph

    kd._selected.stored.check_rows(kd.key, kd._entries)
    dtype = np.dtype(object) if kd.dtype.kind in "OS" else kd.dtype
    groups = train_groups(kd._entries, _most_rows(kd, chunks))
    name = f"euxfel-{token(kd)}-{_most_rows(kd, chunks)}"
    inner = (0,) * len(kd.entry_shape)
    layer: dict[Any, Any] = {
        (name, i, *inner): (Block.read, _block(kd, part)) for i, part in enumerate(groups)
    }
    sizes = (tuple(part.n_rows for part in groups), *((n,) for n in kd.entry_shape))
    graph = HighLevelGraph.from_collections(name, layer)
    return da.Array(graph, name, sizes, dtype=dtype)


def token(kd: KeyData) -> str:
    """Name the data of a key: the same for the same files and rows, in any process."""
    import hashlib

    digest = hashlib.blake2b(digest_size=16)
    entries = kd._entries
    for file in kd._selected.stored.files:
        i = file.handle.identity
        digest.update(f"{file.filename}\0{i.size}\0{i.mtime_ns}\0{i.ctime_ns}\n".encode())
    digest.update(f"{kd.hdf5_data_path}\0{kd.dtype}\0{kd._selected.train_offset}".encode())
    for array in (entries.train_ids, entries.file, entries.first, entries.count):
        digest.update(array.tobytes())
    return digest.hexdigest()


def train_groups(entries: EntryTable, most_rows: int) -> list[EntryTable]:
    """Put trains into groups that lie in one file and have at most so many rows.

    A train with more rows than that is a group of its own. There is at least one group, so
    that an empty selection is an empty array.
    """
    used = entries.take(entries.count > 0)
    if not len(used):
        return [used]
    cuts: list[int] = [0]
    rows = 0
    changes = np.append(True, np.diff(used.file) != 0).tolist()
    for i, (count, new_file) in enumerate(zip(used.count.tolist(), changes, strict=True)):
        if i and (new_file or rows + count > most_rows):
            cuts.append(i)
            rows = 0
        rows += count
    bounds = zip(cuts, [*cuts[1:], len(used)], strict=True)
    return [used.take(np.arange(low, high)) for low, high in bounds]


def _most_rows(kd: KeyData, chunks: int | str | None) -> int:
    if isinstance(chunks, int):
        return max(1, chunks)
    if chunks is None:
        limit = DEFAULT_CHUNK_BYTES
    else:
        from dask.utils import parse_bytes

        limit = int(parse_bytes(chunks))
    row = kd.dtype.itemsize * int(np.prod(kd.entry_shape, dtype=np.int64))
    return max(1, limit // max(1, row))


def _block(kd: KeyData, part: EntryTable) -> Block:
    stored = kd._selected.stored
    return Block(
        stored.section.data_path(stored.source, kd.key),
        tuple((stored.files[r.file].handle, r.ranges) for r in part.pieces),
        (part.n_rows, *kd.entry_shape),
        kd.dtype,
    )
