"""Data files as Zarr, in place: references that say where each chunk lies in the HDF5 file.

A reference set is a JSON document in the form of kerchunk, version 1, with arrays as of Zarr
format 2. Readers need neither this library nor HDF5, only ``zarr`` and ``fsspec``; the data may be
on a disk, a web server or an object store. Nothing is copied.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np

from euxfel.fileaccess import FileAccess, FileIdentity
from euxfel.fileaccess.engine import (
    ChunkIndex,
    DatasetLayout,
    LayoutKind,
    chunk_index,
    dataset_layout,
)
from euxfel.fileaccess.engine.layout import DEFLATE, SHUFFLE
from euxfel.fileaccess.foreign import translated
from euxfel.fileaccess.values import read_attributes

from .target import AtomicTarget

# What is read at once of a dataset without chunks.
_BLOCK = 16 << 20

Json = dict[str, Any]


class HasFiles(Protocol):
    """What is needed of a run."""

    @property
    def files(self) -> Iterable[FileAccess]:
        """The files that hold what is selected."""


def write_references(
    run: HasFiles,
    folder: str | os.PathLike[str],
    *,
    url: str | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write a Zarr view of each file of a run: a JSON document that points into it.

    All datasets of numbers are there, under their HDF5 paths: ``CONTROL``, ``INSTRUMENT``, and
    the ``INDEX`` that says which rows belong to which train. What cannot be referred to, such as
    text, is listed with the reason in the attribute ``left_out`` of the root group.

    Parameters
    ----------
    run : DataCollection
        Run whose files are described, each as a whole.
    folder : str or path-like
        Where to write; made if need be.
    url : str, optional
        Folder where readers will find the data files, such as ``"https://example.org/r0001"``.
        By default the folder they are in.
    overwrite : bool
        Whether to replace documents that exist.

    Returns
    -------
    list of Path
        One document for each file, named as it is, with ``.json``.

    Raises
    ------
    TargetExistsError
        If a document exists and may not be overwritten.
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> import json, tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> from euxfel.writer import write_references
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     first, *_ = write_references(run, folder + "/zarr", url="https://example.org/r0001")
    ...     found = json.loads(first.read_text())
    >>> first.name
    'RAW-R0001-DA01-S00000.h5.json'
    >>> found["refs"]["INSTRUMENT/SPB_XTD9_XGM/DOOCS/MAIN:output/data/intensityTD/0.0"]
    ['https://example.org/r0001/RAW-R0001-DA01-S00000.h5', ..., 800]
    """
    os.makedirs(folder, exist_ok=True)
    files = list(run.files)
    inputs = [file.filename for file in files]
    written = []
    for file in files:
        where = None if url is None else f"{url.rstrip('/')}/{file.basename}"
        path = Path(folder, f"{file.basename}.json")
        document = json.dumps(references(file, where), allow_nan=False)
        with (
            AtomicTarget(path, inputs=inputs, overwrite=overwrite) as target,
            target.open() as out,
        ):
            out.write(document.encode())
        written.append(path)
    return written


def references(file: FileAccess, url: str | None = None) -> Json:
    """Give the reference set of one file, as `write_references` writes it."""
    refs: Json = {}
    left_out: dict[str, str] = {}
    for path, is_dataset, attributes in _objects(file):
        if is_dataset:
            reason = _add_array(refs, file, path, url or file.filename, attributes)
            if reason:
                left_out[path] = reason
        else:
            _add(refs, f"{path}/.zgroup", {"zarr_format": 2})
            _add(refs, f"{path}/.zattrs", attributes)
    told = {"left_out": left_out, "described_file": _facts(file.handle.identity)}
    _add(refs, ".zgroup", {"zarr_format": 2})
    _add(refs, ".zattrs", told)
    return {"version": 1, "refs": refs}


def _add(refs: Json, name: str, value: Json) -> None:
    refs[name] = json.dumps(value, allow_nan=False)


def _facts(identity: FileIdentity) -> Json:
    """What tells whether the file is still the one that was described."""
    return {"size": identity.size, "mtime_ns": identity.mtime_ns}


def _objects(file: FileAccess) -> list[tuple[str, bool, Json]]:
    """Give path, whether it is a dataset, and attributes of everything in the file."""
    found: list[tuple[str, bool]] = []

    def note(path: str, node: h5py.Group | h5py.Dataset) -> None:
        found.append((path, isinstance(node, h5py.Dataset)))

    with file.handle.h5() as opened, translated(file.filename, "cannot be listed"):
        opened.visititems(note)
        return [(path, is_data, _attributes(opened, path)) for path, is_data in found]


def _attributes(opened: h5py.File, path: str) -> Json:
    """Give those attributes of an object that JSON can tell."""
    found = {}
    for name, value in read_attributes(opened, path).items():
        plain = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        with suppress(TypeError, ValueError):
            json.dumps(plain, allow_nan=False)
            found[name] = plain
    return found


def _add_array(refs: Json, file: FileAccess, path: str, url: str, attributes: Json) -> str:
    """Add one dataset; give the reason if that cannot be done."""
    layout, index = dataset_layout(file.handle, path), chunk_index(file.handle, path)
    if index is None or (index.mask[index.address >= 0] != 0).any():
        return _obstacle(layout)
    blocks = _blocks(layout)
    _add(refs, f"{path}/.zarray", _array(layout, blocks))
    _add(refs, f"{path}/.zattrs", {**attributes, "_ARRAY_DIMENSIONS": _dimensions(path, layout)})
    for place, address, size in _pieces(layout, blocks, index):
        refs[f"{path}/{'.'.join(map(str, place))}"] = [url, address, size]
    return ""


def _obstacle(layout: DatasetLayout) -> str:
    if layout.dtype.hasobject:
        return "text, or other values of variable length"
    if layout.kind not in (LayoutKind.CONTIGUOUS, LayoutKind.CHUNKED):
        return f"its storage is {layout.kind}"
    return "filters or types without a counterpart in Zarr, or too many chunks"


def _dimensions(path: str, layout: DatasetLayout) -> list[str]:
    # Datasets of one group with as many rows share them; whatever else has the same length need
    # not be the same axis.
    name = path.rpartition("/")[2]
    return [f"entries_{layout.rows}", *(f"{name}_{i}" for i in range(1, len(layout.shape)))]


def _array(layout: DatasetLayout, blocks: tuple[int, ...]) -> Json:
    width = layout.dtype.itemsize
    shuffled = SHUFFLE in layout.filters and width > 1
    return {
        "zarr_format": 2,
        "shape": layout.shape,
        "chunks": blocks,
        "dtype": layout.dtype.str,
        # Any level: it says how to compress, and nothing about what was compressed.
        "compressor": {"id": "zlib", "level": 1} if DEFLATE in layout.filters else None,
        "filters": [{"id": "shuffle", "elementsize": width}] if shuffled else None,
        "fill_value": _fill_value(layout),
        "order": "C",
    }


def _fill_value(layout: DatasetLayout) -> int | float | str:
    value = np.asarray(layout.fill_value).item()
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    found: int | float = value
    return found


def _blocks(layout: DatasetLayout) -> tuple[int, ...]:
    """Give the shape of what a reader gets at once.

    A dataset without chunks is cut into equal blocks of rows: Zarr knows no shorter last one.
    """
    if layout.chunks is not None or not layout.rows:
        return tuple(max(n, 1) for n in layout.chunk_shape)
    most = max(1, min(layout.rows, _BLOCK * layout.rows // max(layout.chunk_bytes, 1)))
    rows = next(n for n in range(most, 0, -1) if layout.rows % n == 0)
    return (rows, *layout.shape[1:])


def _pieces(
    layout: DatasetLayout, blocks: tuple[int, ...], index: ChunkIndex
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Go through the chunks that were written: place in the grid, address and size."""
    if layout.chunks is not None:
        for number in np.flatnonzero(index.address >= 0).tolist():
            place = tuple(int(n) for n in np.unravel_index(number, layout.grid))
            yield place, int(index.address[number]), int(index.size[number])
    elif index.address[0] >= 0 and layout.chunk_bytes:
        size = prod(blocks) * layout.dtype.itemsize
        for number in range(layout.rows // blocks[0]):
            at = (number, *(0 for _ in blocks[1:]))
            yield at, int(index.address[0]) + number * size, size
