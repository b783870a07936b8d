"""What is known of the datasets of a file: looked up once, or remembered from an earlier process.

All of it is kept with the file's handle, and so as long as the file stays the one it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
from h5py import h5d
from numpy.typing import NDArray

from ..errors import EuxfelError
from ..foreign import FOREIGN
from ..handle import FileHandle
from .book import Arrays, LayoutBook, keepable, pack_layouts, unpack_layouts
from .chunk_table import ChunkIndex
from .chunks import chunks_of
from .examine import examined, opened
from .layout import DatasetLayout

_Known = tuple[DatasetLayout, ChunkIndex]


def dataset_layout(handle: FileHandle, dataset: str) -> DatasetLayout:
    """Shape, dtype and storage of a dataset.

    Parameters
    ----------
    handle : FileHandle
        The file.
    dataset : str
        HDF5 path of the dataset.

    Returns
    -------
    DatasetLayout

    Raises
    ------
    DataError
        If the file holds no such dataset.
    FileStructureError
        If the file is damaged where the dataset is described.
    FileChangedError
        If the file is not the one opened before.
    """
    if not is_known(handle, dataset):
        with opened(handle, dataset) as (file, dataset_id):
            handle.cache[DatasetLayout, dataset] = examined(file, dataset_id)
    found: DatasetLayout = handle.cache[DatasetLayout, dataset]
    return found


def chunk_index(handle: FileHandle, dataset: str) -> ChunkIndex | None:
    """Where the chunks of a dataset lie.

    Returns
    -------
    ChunkIndex or None
        None if the dataset can only be read through the HDF5 library.
    """
    return ensure_known(handle, dataset)[1]


def ensure_known(handle: FileHandle, dataset: str) -> tuple[DatasetLayout, ChunkIndex | None]:
    """Layout and chunk index, with one look into the file if neither is known."""
    if (ChunkIndex, dataset) not in handle.cache and not _recall(handle, dataset):
        with opened(handle, dataset) as (file, dataset_id):
            layout = handle.cache.get((DatasetLayout, dataset)) or examined(file, dataset_id)
            index = chunks_of(layout, dataset_id)
            if index is not None and _userblock(handle, file):
                index = None
        handle.cache[DatasetLayout, dataset] = layout
        handle.cache[ChunkIndex, dataset] = index
    return handle.cache[DatasetLayout, dataset], handle.cache[ChunkIndex, dataset]


def is_known(handle: FileHandle, dataset: str) -> bool:
    """Whether there is such a dataset, as far as that is known without looking into the file."""
    return (DatasetLayout, dataset) in handle.cache or _recall(handle, dataset)


def _userblock(handle: FileHandle, file: h5py.File) -> int:
    # Whether addresses count from the start of the file or from the end of the user block is
    # not the same for all calls of the library; no data file has such a block.
    size = handle.cache.get("userblock")
    if size is None:
        size = handle.cache["userblock"] = file.userblock_size
    return int(size)


# From an earlier process ------------------------------------------------------------------------


def remember_layouts(handle: FileHandle, arrays: Callable[[], Arrays]) -> None:
    """Name the arrays in which a file's layouts may be found, read when first needed."""
    handle.cache[LayoutBook] = arrays


def seen_layouts(handle: FileHandle) -> int:
    """How many layouts were looked up in the file that could be in the book, and are not."""
    book = handle.cache.get(LayoutBook)
    known = book.rows.keys() if isinstance(book, LayoutBook) else ()
    seen = ((path, *both) for path, both in _looked_up(handle).items() if path not in known)
    return sum(1 for _ in keepable(seen))


def new_layouts(handle: FileHandle) -> dict[str, NDArray[Any]]:
    """Give all that is known of a file's layouts as arrays; empty if nothing was added."""
    seen = _looked_up(handle)
    book = _book(handle)
    if book is not None:
        if seen.keys() <= book.rows.keys():
            return {}
        for path in book.rows.keys() - seen.keys():
            found = book.find(path)
            if found is not None:
                seen[path] = found
    return pack_layouts((path, *both) for path, both in sorted(seen.items()))


def _looked_up(handle: FileHandle) -> dict[str, _Known]:
    return {
        key[1]: (handle.cache[DatasetLayout, key[1]], index)
        for key, index in list(handle.cache.items())
        if isinstance(key, tuple) and key[0] is ChunkIndex and index is not None
    }


def _recall(handle: FileHandle, dataset: str) -> bool:
    """Take what is known of a dataset from the book, if it is there."""
    book = _book(handle)
    found = None if book is None else book.find(dataset)
    if found is None:
        return False
    if not handle.cache.get("book checked"):
        if not _is_true(handle, dataset, found):
            # A map that is wrong in one place counts nowhere.
            handle.cache[LayoutBook] = None
            return False
        handle.cache["book checked"] = True
    handle.cache[DatasetLayout, dataset], handle.cache[ChunkIndex, dataset] = found
    return True


def _book(handle: FileHandle) -> LayoutBook | None:
    book = handle.cache.get(LayoutBook)
    if book is not None and not isinstance(book, LayoutBook):
        book = handle.cache[LayoutBook] = unpack_layouts(book())
    return book


def _is_true(handle: FileHandle, dataset: str, found: _Known) -> bool:
    """Compare the first layout taken from a book with what the file says."""
    try:
        with opened(handle, dataset) as (file, dataset_id):
            layout, first = examined(file, dataset_id), _first_chunk(dataset_id)
            plain = not _userblock(handle, file)
    except (EuxfelError, *FOREIGN):
        return False
    told, index = found
    return plain and _same(layout, told) and first == (index.address[0], index.size[0])


def _same(one: DatasetLayout, other: DatasetLayout) -> bool:
    facts = ("shape", "dtype", "kind", "chunks", "filters", "direct", "linked")
    same = all(getattr(one, fact) == getattr(other, fact) for fact in facts)
    return same and np.array_equal(one.fill_value, other.fill_value, equal_nan=True)


def _first_chunk(dataset_id: h5d.DatasetID) -> tuple[int | None, int]:
    if dataset_id.get_create_plist().get_layout() != h5d.CHUNKED:
        return dataset_id.get_offset(), dataset_id.get_storage_size()
    info = dataset_id.get_chunk_info_by_coord((0,) * len(dataset_id.shape))
    return info.byte_offset, info.size
