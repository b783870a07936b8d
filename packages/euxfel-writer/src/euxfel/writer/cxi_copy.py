"""CXI files that hold the frames themselves, to be moved away from the files of the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from euxfel.core.reading import execute
from euxfel.fileaccess import FileHandle, ReadRequest
from euxfel.fileaccess.engine.layout import DEFLATE, SHUFFLE

from .cxi import DETECTOR, ENTRY, FRAMES_AXES, axes_of, write_head, write_links
from .cxi_plan import CXIPlan, Part, Shown, frame_bytes
from .detector_like import DetectorLike
from .encode import encoder
from .refusal import AnyPath, refuse
from .target import AtomicTarget

SOURCE = f"{ENTRY}/instrument_1/source_1"
# Frames are read and written in pieces of this size.
PIECE_BYTES = 64_000_000
# Exact since 2019, by the definition of the SI units.
JOULE_PER_EV = 1.602176634e-19

Progress = Callable[[int, int], None]


def write_cxi(
    detector: DetectorLike,
    filename: AnyPath,
    photon_energy: ArrayLike | None = None,
    fillvalues: Mapping[str, Any] | None = None,
    *,
    compression: int = 1,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a CXI file that holds the frames themselves.

    It has the datasets of a virtual one, and needs no other file.

    Parameters
    ----------
    detector : DetectorLike
        Such as ``AGIPD1M(run)``.
    filename : str or path-like
        The file to write.
    photon_energy : float or array_like, optional
        Photon energy in eV, for all frames or one value for each. CrystFEL reads it from
        ``/entry_1/instrument_1/source_1/photon_energy_eV``; ``energy`` beside it is in joule,
        as the CXI format asks for.
    fillvalues : dict, optional
        What stands for missing data in ``data``, ``gain`` and ``mask``. By default NaN, or 0 in
        whole numbers; 0; and all bits.
    compression : int
        Level of deflate, 0 for none.
    overwrite : bool
        Whether to replace a file that exists.
    progress : callable, optional
        Called with the number of frames that are done, and that of all.

    Raises
    ------
    DataError
        If modules differ in type or shape, or in the IDs of their frames.
    ValueError
        If the number of photon energies is not that of the frames.
    WriteError
        If the file cannot be written; it is then absent, or what it was before.
    """
    refuse(os.path.abspath(filename), (), overwrite)
    plan = CXIPlan(detector)
    fills = plan.fill_values(fillvalues)
    energy = None if photon_energy is None else _energies(photon_energy, plan.n_frames)
    datasets = {f"{ENTRY}/cellId": (plan.cells, 0)}
    datasets |= {
        f"{DETECTOR}/{name}": (shown, fills[name])
        for name, shown in {"data": plan.data, **plan.planes}.items()
    }
    with (
        AtomicTarget(filename, inputs=plan.inputs, overwrite=overwrite) as target,
        target.h5file() as file,
    ):
        write_head(file, plan)
        for path, (shown, _) in datasets.items():
            made = _create(file, path, plan, shown, compression)
            made.attrs["axes"] = FRAMES_AXES if shown is plan.cells else axes_of(plan)
        if energy is not None:
            _write_energies(file, energy)
        write_links(file, plan)
        for low, high in _pieces(plan):
            for path, (shown, fill) in datasets.items():
                _write_piece(file[path], plan, shown, fill, (low, high))
                target.check()
            if progress is not None:
                progress(high * plan.per_entry, plan.n_frames)


def _energies(energy: ArrayLike, frames: int) -> NDArray[np.float64]:
    values = np.asarray(energy, dtype=np.float64)
    if values.ndim and values.shape != (frames,):
        raise ValueError(f"there are {frames} frames, and photon energies of shape {values.shape}")
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("a photon energy, in eV, is a number above 0")
    return values


def _write_energies(file: h5py.File, energy: NDArray[np.float64]) -> None:
    for name, values, unit in (
        ("photon_energy_eV", energy, "eV"),
        ("energy", energy * JOULE_PER_EV, "J"),
    ):
        file.create_dataset(f"{SOURCE}/{name}", data=values).attrs["units"] = unit


def _create(
    file: h5py.File, path: str, plan: CXIPlan, shown: Shown, compression: int
) -> h5py.Dataset:
    # One module of one frame is what programs read at a time. IDs are too small for that.
    chunks = (1, 1, *shown.inner) if shown.inner and plan.n_frames else None
    filters = {"compression": compression, "shuffle": True} if chunks and compression else {}
    shape = (plan.n_frames, len(plan.modules), *shown.inner)
    return file.create_dataset(path, shape, shown.layout.dtype, chunks=chunks, **filters)


def _pieces(plan: CXIPlan) -> Iterator[tuple[int, int]]:
    """Cut all entries into pieces that fit into memory."""
    entry = frame_bytes(plan.data) * plan.per_entry * len(plan.modules)
    per_piece = max(1, PIECE_BYTES // max(1, entry))
    entries = plan.n_frames // plan.per_entry
    return ((low, min(low + per_piece, entries)) for low in range(0, entries, per_piece))


def _write_piece(
    made: h5py.Dataset, plan: CXIPlan, shown: Shown, fill: Any, span: tuple[int, int]
) -> None:
    frames = _read_piece(plan, shown, fill, span)
    first = span[0] * plan.per_entry
    if made.compression is None:
        made[first : first + len(frames)] = frames
        return
    encode = encoder((SHUFFLE, DEFLATE), made.compression_opts, made.dtype.itemsize)
    tail = (0,) * len(shown.inner)
    for frame, modules in enumerate(frames, start=first):
        for module, pixels in enumerate(modules):
            chunk = encode(np.ascontiguousarray(pixels).reshape(-1).view(np.uint8))
            made.id.write_direct_chunk((frame, module, *tail), chunk)


def _read_piece(plan: CXIPlan, shown: Shown, fill: Any, span: tuple[int, int]) -> NDArray[Any]:
    """Read some entries of all modules, frame by frame, missing ones filled."""
    low, high = span
    shape = (high - low, shown.per_row, len(plan.modules), *shown.inner)
    buffer = np.full(shape, fill, shown.layout.dtype)
    handles = plan.handles
    requests = [
        request
        for part in shown.parts
        if (request := _request(part, shown, handles[part.file], buffer, low)) is not None
    ]
    execute(requests, plan.detector.detector_name, "", plan.train_ids[:0])
    return buffer.reshape(-1, *shape[2:])


def _request(
    part: Part, shown: Shown, handle: FileHandle, buffer: NDArray[Any], low: int
) -> ReadRequest | None:
    """Read the rows of a part that belong to a piece which begins with an entry."""
    start = max(part.rows.place, low)
    stop = min(part.rows.place + part.rows.count, low + len(buffer))
    if stop <= start:
        return None
    out = buffer[start - low : stop - low, :, part.module]
    entry = shown.layout.entry_shape
    # Without an axis of cells there is one frame in a row; IDs of raw data have an axis of 1.
    out = out if out.shape[1:] == entry else out[:, 0]
    out = out if out.shape[1:] == entry else out[..., np.newaxis]
    first = part.rows.first + start - part.rows.place
    rows = np.array([[first, first + stop - start]])
    return ReadRequest(handle, part.dataset, rows, out)
