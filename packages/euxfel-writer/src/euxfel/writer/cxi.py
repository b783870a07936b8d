"""CXI 1.5 files, for CrystFEL, Hummingbird and others: virtual ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

from euxfel.core import MultiRunError

from .cxi_plan import CXIPlan, Shown
from .detector_like import DetectorLike
from .refusal import AnyPath, refuse
from .target import AtomicTarget
from .virtual import LIBVER

ENTRY = "entry_1"
DETECTOR = f"{ENTRY}/instrument_1/detector_1"
IDENTIFIERS = f"{ENTRY}/experiment_identifier"
CXI_VERSION = 150
FRAMES_AXES = "experiment_identifier:module_identifier"


def write_virtual_cxi(
    detector: DetectorLike,
    filename: AnyPath,
    fillvalues: Mapping[str, Any] | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Write a virtual CXI file, which shows the frames of all modules as one array.

    No data is copied; the file is of use where the files of the run are.

    Parameters
    ----------
    detector : DetectorLike
        Such as ``AGIPD1M(run)``.
    filename : str or path-like
        The file to write.
    fillvalues : dict, optional
        What stands for missing data in ``data``, ``gain`` and ``mask``. By default NaN, or 0 in
        whole numbers; 0; and all bits.
    overwrite : bool
        Whether to replace a file that exists.

    Raises
    ------
    DataError
        If modules differ in type or shape, or in the IDs of their frames.
    WriteError
        If the file cannot be written; it is then absent, or what it was before.
    """
    refuse(os.path.abspath(filename), (), overwrite)
    plan = CXIPlan(detector)
    fills = plan.fill_values(fillvalues)
    with (
        AtomicTarget(filename, inputs=plan.inputs, overwrite=overwrite) as target,
        target.h5file(libver=LIBVER) as file,
    ):
        write_head(file, plan)
        cells = _virtual(file, f"{ENTRY}/cellId", plan, plan.cells, None)
        cells.attrs["axes"] = FRAMES_AXES
        for name, shown in {"data": plan.data, **plan.planes}.items():
            made = _virtual(file, f"{DETECTOR}/{name}", plan, shown, fills[name])
            made.attrs["axes"] = axes_of(plan)
            target.check()
        write_links(file, plan)


def axes_of(plan: CXIPlan) -> str:
    """Name the axes of the data; raw AGIPD data has one of data and gain."""
    between = ":data_gain" if len(plan.data.inner) == 3 else ""
    return f"{FRAMES_AXES}{between}:y:x"


def write_head(file: h5py.File, plan: CXIPlan) -> None:
    """Write what identifies the frames."""
    file.create_dataset("cxi_version", data=[CXI_VERSION])
    entry = file.create_group(ENTRY)
    pairs = zip(plan.train_ids.tolist(), plan.ids.tolist(), strict=True)
    names = [f"{train}:{number}" for train, number in pairs]
    _write_text(file, IDENTIFIERS, names)
    try:
        about = plan.detector.data.run_metadata()
    except MultiRunError:
        about = {}
    if "proposalNumber" in about and "runNumber" in about:
        proposal, run = about["proposalNumber"], about["runNumber"]
        entry.attrs["name"] = f"EuXFEL proposal {proposal} run {run}"
        entry.attrs["euxfelProposalNumber"] = proposal
        entry.attrs["euxfelRunNumber"] = run
    entry.create_dataset(plan.id_name, data=plan.ids)
    entry.create_dataset("trainId", data=plan.train_ids.astype(np.uint64))
    group = file.create_group(DETECTOR)
    group.attrs["name"] = plan.detector.detector_name


def write_links(file: h5py.File, plan: CXIPlan) -> None:
    """Write the links that CXI asks for, and the names along the axes of the data."""
    if len(plan.data.inner) == 3:
        names = [plan.label, "gain"][: plan.data.inner[0]]
        _write_text(file, f"{ENTRY}/data_gain", names)
        file[f"{DETECTOR}/data_gain"] = h5py.SoftLink(f"/{ENTRY}/data_gain")
    file[f"{DETECTOR}/experiment_identifier"] = h5py.SoftLink(f"/{IDENTIFIERS}")
    file[f"{ENTRY}/data_1"] = h5py.SoftLink(f"/{DETECTOR}")
    file.create_dataset(f"{DETECTOR}/module_identifier", data=plan.modules)


def _write_text(file: h5py.File, path: str, values: list[str]) -> None:
    dataset = file.create_dataset(path, shape=(len(values),), dtype=h5py.string_dtype())
    if values:
        dataset[:] = values


def _virtual(file: h5py.File, path: str, plan: CXIPlan, shown: Shown, fill: Any) -> h5py.Dataset:
    """Make a virtual dataset of frames by modules."""
    dtype = shown.layout.dtype
    shape = (plan.n_frames, len(plan.modules), *shown.inner)
    created = h5p.create(h5p.DATASET_CREATE)
    created.set_layout(h5d.VIRTUAL)
    if fill is not None:
        created.set_fill_value(np.array([fill], dtype=dtype))
    for part in shown.parts:
        rows, entry = part.rows, shown.layout.entry_shape
        here, there = h5s.create_simple(shape), h5s.create_simple((part.length, *entry))
        first, count = rows.place * shown.per_row, rows.count * shown.per_row
        inner = shown.inner
        here.select_hyperslab((first, part.module, *[0] * len(inner)), (count, 1, *inner))
        there.select_hyperslab((rows.first, *[0] * len(entry)), (rows.count, *entry))
        created.set_virtual(here, part.file.encode(), f"/{part.dataset}".encode(), there)
    h5d.create(
        file.id,
        path.encode(),
        h5t.py_create(dtype, logical=True),
        h5s.create_simple(shape),
        created,
    )
    return file[path]
