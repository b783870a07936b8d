"""Virtual overviews: a whole run as one file beside it, which tells whether it still fits."""

from __future__ import annotations

import os

import h5py
import numpy as np

from euxfel.core import DataCollection, DataError, RunDirectory
from euxfel.fileaccess.errors import WriteError
from euxfel.fileaccess.overview import OVERVIEW_VERSION, overview_paths

from .refusal import AnyPath
from .virtual import VirtualFileWriter


class VirtualOverviewFileWriter(VirtualFileWriter):
    """Writes selected data as a virtual overview, as EXtra-data names it.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    data : DataCollection
        The run.
    overwrite : bool
        Whether to replace a file that exists.
    """

    def _extra(self, file: h5py.File) -> None:
        file.attrs["virtual_overview_version"] = OVERVIEW_VERSION
        group = file.create_group(".source_files")
        names = [f.basename.encode() for f in self.data.files]
        text = h5py.special_dtype(vlen=bytes)
        group.create_dataset("names", data=np.array(names, dtype=object), dtype=text)
        # Sizes as they were when the indexes were read: files that grew since do not fit.
        sizes = [f.handle.identity.size for f in self.data.files]
        group.create_dataset("sizes", data=np.array(sizes, dtype=np.uint64))


def make_overview(
    run_folder: AnyPath, path: AnyPath | None = None, *, overwrite: bool = True
) -> str:
    """Make the virtual overview of a run, and give its path.

    Parameters
    ----------
    run_folder : str or path-like
        Folder of the run.
    path : str or path-like, optional
        The file to write. By default the first of the places where readers look for it that can
        be written: ``overview.h5`` in the folder, or a file in the proposal's ``usr`` folder.
    overwrite : bool
        Whether to replace an overview that exists.

    Raises
    ------
    DataError
        If a file of the run cannot be used: an overview shows all of them, or none.
    WriteError
        If no place can be written.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import H5File
    >>> from euxfel.fileaccess.testing import small_run
    >>> from euxfel.writer import make_overview
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = make_overview(small_run().write(folder).path)
    ...     os.path.basename(made), len(H5File(made).train_ids)
    ('overview.h5', 20)
    """
    run = RunDirectory(os.fspath(run_folder))
    _refuse_incomplete(run, os.fspath(run_folder))
    target = _place(run_folder) if path is None else os.path.abspath(path)
    VirtualOverviewFileWriter(target, run, overwrite=overwrite).write()
    return target


def _refuse_incomplete(run: DataCollection, folder: str) -> None:
    left_out = [p for p in run.known_problems if p.kind in ("unusable-file", "skipped-file")]
    if left_out:
        raise DataError(
            f"{folder} has files that cannot be used, so that its overview would never fit: "
            f"{left_out[0]}",
            file=left_out[0].file,
        )


def _place(run_folder: AnyPath) -> str:
    places = overview_paths(run_folder)
    for place in places:
        if _can_be_written(os.path.dirname(place)):
            return place
    raise WriteError(
        f"none of the places for an overview can be written: {', '.join(places)}; name a file "
        "of your own",
        file=places[0],
    )


def _can_be_written(folder: str) -> bool:
    above, name = os.path.split(folder)
    if name == ".extra_data" and os.path.isdir(above):
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            return False
    return os.path.isdir(folder) and os.access(folder, os.W_OK)
