"""Files of virtual datasets: a run as one file, which refers to the data where it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import Self

import h5py

from euxfel.core import DataCollection
from euxfel.core.allocation import allocated
from euxfel.core.reading import read_rows
from euxfel.core.region import Region
from euxfel.core.source_files import SourceFiles
from euxfel.fileaccess.sections import Section

from . import skeleton
from .companions import copy_key_attributes, copy_snapshot, link_old_name
from .links import group_at
from .refusal import AnyPath, refuse
from .target import AtomicTarget
from .virtual_dataset import VirtualDatasets
from .virtual_plan import COPIED, KeyPlan, SourcePlan, plan_of, plan_source

# The first version of the library that knows virtual datasets: files are for all its readers.
LIBVER = ("v110", "v110")


class VirtualFileWriter:
    """Writes selected data as a file of virtual datasets.

    What `write_virtual` does, under the name that EXtra-data has for it.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    data : DataCollection
        What to show in it.
    overwrite : bool
        Whether to replace a file that exists.
    """

    def __init__(self, path: AnyPath, data: DataCollection, *, overwrite: bool = False) -> None:
        self.path = path
        self.data = data
        self._overwrite = overwrite

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The file is closed when `write` returns.
        return

    def write(self) -> None:
        """Write the file."""
        refuse(os.path.abspath(self.path), _inputs(self.data), self._overwrite)
        _write(self.data, self.path, plan_of(self.data), self._overwrite, self._extra)

    def _extra(self, file: h5py.File) -> None:
        """Write what this kind of file has more than others."""


def write_virtual(data: DataCollection, path: AnyPath, *, overwrite: bool = False) -> None:
    """Write a file of virtual datasets that show the selected data.

    No data is copied, so that this takes seconds whatever the size. The file is of use where the
    files of the run are, by the same paths.

    Parameters
    ----------
    data : DataCollection
        Trains, sources and keys to show.
    path : str or path-like
        The file to write.
    overwrite : bool
        Whether to replace a file that exists.

    Raises
    ------
    DataError
        If files differ in dtype or shape, or an index contradicts the data.
    WriteError
        If the file cannot be written; it is then absent, or what it was before.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import H5File, RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     path = os.path.join(folder, "virtual.h5")
    ...     run.select("*XGM*").write_virtual(path)
    ...     sorted(H5File(path).all_sources)
    ['SPB_XTD9_XGM/DOOCS/MAIN', 'SPB_XTD9_XGM/DOOCS/MAIN:output']
    """
    VirtualFileWriter(path, data, overwrite=overwrite).write()


def get_virtual_dataset(
    data: DataCollection,
    source: str,
    key: str,
    filename: AnyPath | None = None,
    *,
    overwrite: bool = False,
) -> h5py.Dataset:
    """Give an h5py dataset that shows a key over all files of the run.

    Parameters
    ----------
    data : DataCollection
        Trains to show.
    source, key : str
        What to show.
    filename : str or path-like, optional
        A file to write it to; a temporary file by default.
    overwrite : bool
        Whether to replace a file that exists.

    Returns
    -------
    h5py.Dataset
        In a file open for reading. It is read by the HDF5 library, which gives zeros, and says
        nothing, where a file of the run is missing; reading with euxfel raises.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     path = os.path.join(folder, "virtual.h5")
    ...     data = run.get_virtual_dataset("SPB_XTD9_XGM/DOOCS/MAIN:output", "data.intensityTD", path)
    ...     data.is_virtual, data.shape == run[
    ...         "SPB_XTD9_XGM/DOOCS/MAIN:output", "data.intensityTD"].shape
    (True, True)
    """  # noqa: E501
    full = data[source, key]
    one = data.select([(source, full.key)])
    [selected] = one._selection.sources.values()
    plan = plan_source(selected, one._selection.scope)
    path = _temporary() if filename is None else os.path.abspath(filename)
    # The temporary file is there already, so that nobody else takes its name.
    _write(one, path, [plan], overwrite or filename is None, copied=frozenset())
    return h5py.File(path, "r")[selected.section.data_path(selected.name, full.key)]


def _temporary() -> str:
    number, path = tempfile.mkstemp(prefix="euxfel-", suffix="-virtual.h5")
    os.close(number)
    return path


def _inputs(data: DataCollection) -> list[str]:
    return [file.filename for file in data._selection.files]


def _write(
    data: DataCollection,
    path: AnyPath,
    plans: Sequence[SourcePlan],
    overwrite: bool,
    extra: Callable[[h5py.File], None] | None = None,
    copied: Collection[str] = COPIED,
) -> None:
    with (
        AtomicTarget(path, inputs=_inputs(data), overwrite=overwrite) as target,
        target.h5file(libver=LIBVER) as file,
    ):
        skeleton.sign(file)
        if extra is not None:
            extra(file)
        version = skeleton.format_version(data)
        skeleton.write_trains(file, data, version)
        listed: list[str] = []
        for plan in plans:
            listed += _write_source(file, plan, copied)
            target.check()
        listed += _link_old_names(file, data, plans)
        skeleton.write_metadata(file, data, version, listed)


def _write_source(file: h5py.File, plan: SourcePlan, copied: Collection[str]) -> list[str]:
    """Write datasets, index and snapshot of a source; give its names for METADATA."""
    selected, section = plan.selected, plan.selected.section
    group = group_at(file, section.source_path(selected.name))
    datasets = VirtualDatasets(file, selected.stored)
    for key in plan.keys:
        path = section.data_path(selected.name, key.key)
        if key.key in copied:
            _copy_rows(file, selected.stored, path, key)
        else:
            datasets.make(path, key)
    for index_group, index in plan.indexes.items():
        skeleton.write_index(file, section.index_path(selected.name, index_group), index)
    first_with = {key.key: min(key.lengths) for key in plan.keys if key.lengths}
    copy_key_attributes(file, selected.stored, selected.name, first_with)
    if section is Section.CONTROL:
        copy_snapshot(file, selected.stored, selected.name)
    # After the attributes of the source, which are copied where there are none yet.
    group.attrs["source_files"] = [f.filename for f in plan.files]
    return skeleton.listed_names(section, selected.name, plan.indexes)


def _copy_rows(file: h5py.File, stored: SourceFiles, path: str, key: KeyPlan) -> None:
    """Copy the rows of a key, which is read more often than the data it belongs to."""
    values = allocated(key.shape, key.dtype, key.key)
    read_rows(stored, key.key, key.entries, Region.of((), key.entry_shape), values)
    compression = "gzip" if values.size else None
    file.create_dataset(path, data=values, compression=compression)


def _link_old_names(
    file: h5py.File, data: DataCollection, plans: Sequence[SourcePlan]
) -> list[str]:
    """Make the old names of sources links to the present ones; give them for METADATA."""
    by_name = {plan.selected.name: plan for plan in plans}
    listed: list[str] = []
    for old, new in sorted(data._selection.implied.items()):
        plan = by_name[new]
        section = plan.selected.section
        link_old_name(file, section, old, new)
        listed += skeleton.listed_names(section, old, plan.indexes)
    return listed
