"""Files cloned without their data: the tree, types, shapes and attributes, for bug reports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import h5py
from h5py import h5d, h5g, h5l, h5o, h5p

from euxfel.fileaccess import FileStructureError
from euxfel.fileaccess.foreign import translated

from .attributes import copy_attributes
from .refusal import AnyPath, refuse
from .target import AtomicTarget

Told = Callable[[int, int], None]


def copy_structure(
    input: AnyPath,
    output: AnyPath,
    *,
    run_data: bool = False,
    control_data: bool = False,
    overwrite: bool = False,
    progress: Told | None = None,
) -> list[str]:
    """Clone files without their data into another folder, and give the paths of the clones.

    Index and metadata are kept; data is not, so that the clones are small and tell nothing
    about a measurement.

    Parameters
    ----------
    input : str or path-like
        A file, or a folder, all HDF5 files of which are cloned.
    output : str or path-like
        Another folder, which exists.
    run_data, control_data : bool
        Whether to keep the values in RUN and CONTROL.
    overwrite : bool
        Whether to replace files that exist.
    progress : callable, optional
        Called with the number of files done and of all files.

    Raises
    ------
    ValueError
        If there is no such input, or the folder is the same.
    WriteError
        If there is no such folder, or a clone cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> from euxfel.writer import copy_structure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = small_run().write(folder).path
    ...     os.mkdir(os.path.join(folder, "empty"))
    ...     made = copy_structure(run, os.path.join(folder, "empty"))
    ...     len(made), RunDirectory(os.path.join(folder, "empty")).train_ids[:2]
    (3, [10000, 10001])
    """
    source, folder = Path(input).expanduser(), Path(output).expanduser()
    files = _files(source)
    if folder.resolve() == files[0].parent.resolve():
        raise ValueError(f"the clones would take the places of the files in {folder}")
    targets = [folder / file.name for file in files]
    for target in targets:
        refuse(os.path.abspath(target), files, overwrite)
    kept = {"RUN": run_data, "CONTROL": control_data}
    kept |= dict.fromkeys(("INSTRUMENT", "REDUCTION", "ERRATA"), False)
    for number, (file, target) in enumerate(zip(files, targets, strict=True), start=1):
        _clone(file, target, files, overwrite, {name for name, keep in kept.items() if not keep})
        if progress is not None:
            progress(number, len(files))
    return [str(target) for target in targets]


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        candidates = [p for p in sorted(source.iterdir()) if p.is_file()]
    else:
        candidates = [source] if source.is_file() else []
    found = [p for p in candidates if h5py.is_hdf5(p)]
    if not found:
        raise ValueError(f"{source} is no HDF5 file, and no folder with one")
    return found


def _clone(file: Path, target: Path, inputs: list[Path], overwrite: bool, empty: set[str]) -> None:
    with (
        AtomicTarget(target, inputs=inputs, overwrite=overwrite) as output,
        output.h5file() as made,
        translated(str(file), "cannot be cloned"),
        h5py.File(file, "r") as source,
    ):
        copy_attributes(source.id, made.id)
        _Cloner(source, made, empty, output.check).group("", source.id, made.id)


class _Cloner:
    """Goes through one file; what has several names is made once."""

    def __init__(
        self, source: h5py.File, made: h5py.File, empty: set[str], check: Callable[[], None]
    ) -> None:
        self._source = source
        self._made = made
        self._empty = empty
        self._check = check
        self._known: dict[tuple[int, int], str] = {_place(source.id): "/"}

    def group(self, path: str, source: h5g.GroupID, made: h5g.GroupID) -> None:
        """Clone all members of a group."""
        for name in list(source):
            self._link(f"{path}/{name.decode()}", name, source, made)
        self._check()

    def _link(self, path: str, name: bytes, source: h5g.GroupID, made: h5g.GroupID) -> None:
        kind = source.links.get_info(name).type
        if kind == h5l.TYPE_SOFT:
            made.links.create_soft(name, source.links.get_val(name))
        elif kind == h5l.TYPE_EXTERNAL:
            made.links.create_external(name, *source.links.get_val(name))
        elif kind == h5l.TYPE_HARD:
            self._object(path, name, h5o.open(source, name), made)

    def _object(self, path: str, name: bytes, item: object, made: h5g.GroupID) -> None:
        known = self._known.setdefault(_place(item), path)
        if known != path:
            h5g.GroupID.link(self._made.id, known.encode(), path.encode(), h5g.LINK_HARD)
        elif isinstance(item, h5g.GroupID):
            created = h5g.create(made, name)
            copy_attributes(item, created)
            self.group(path, item, created)
        elif isinstance(item, h5d.DatasetID):
            if path.split("/")[1] in self._empty:
                copy_attributes(item, _empty_like(item, made, name))
            else:
                h5o.copy(item, b".", made, name)
        else:
            raise FileStructureError(
                f"{path} in {self._source.filename} is a type by name, which is not cloned",
                file=self._source.filename,
            )


def _place(item: object) -> tuple[int, int]:
    info = h5o.get_info(item)
    return int(info.fileno), int(info.addr)


def _empty_like(item: h5d.DatasetID, made: h5g.GroupID, name: bytes) -> h5d.DatasetID:
    """Make a dataset of the same type, shape, chunks and filters, whose room is not taken up."""
    created = item.get_create_plist()
    layout = created.get_layout()
    if layout not in (h5d.CHUNKED, h5d.CONTIGUOUS) or created.get_external_count():
        # Of other layouts only the shape means something elsewhere.
        created, layout = h5p.create(h5p.DATASET_CREATE), h5d.CONTIGUOUS
    is_chunked = layout == h5d.CHUNKED
    created.set_alloc_time(h5d.ALLOC_TIME_INCR if is_chunked else h5d.ALLOC_TIME_LATE)
    space = item.get_space()
    return h5d.create(made, name, item.get_type(), space, created)
