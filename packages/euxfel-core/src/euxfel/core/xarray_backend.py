"""Sources as xarray datasets: ``xr.open_dataset(run, engine="euxfel", source=...)``.

Found by xarray through the entry point ``xarray.backends``; nothing else imports it.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray, BackendEntrypoint
from xarray.core import indexing

from euxfel.fileaccess import EuxfelError

from .arrays import short_key
from .collection import DataCollection
from .keydata import KeyData
from .lazy import DEFAULT_CHUNK_BYTES, train_groups
from .opening import H5File, RunDirectory
from .problems import DataProblemWarning
from .row_picking import read_positions
from .sourcedata import SourceData
from .user_warning import warn_user

_TRAIN = "trainId"
Keys = str | Iterable[str] | None


class KeyArray(BackendArray):
    """A key of which only the part is read that is asked for; pickles by path."""

    def __init__(self, kd: KeyData) -> None:
        self.kd = kd
        self.shape = kd.shape
        self.dtype = np.dtype(object) if kd.dtype.kind in "OS" else kd.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        # Every slice and list can be read as it is, also those that xarray would take apart.
        if isinstance(key, indexing.BasicIndexer | indexing.OuterIndexer):
            return self._read(key.tuple)
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        rows = np.arange(self.shape[0])[key[0]]
        found = read_positions(self.kd, np.atleast_1d(rows), key[1:])
        return found if rows.ndim else found[0]


class EuxfelBackend(BackendEntrypoint):
    """Opens runs for xarray.

    Examples
    --------
    >>> import tempfile
    >>> import xarray as xr
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = small_run().write(folder).path
    ...     camera = xr.open_dataset(
    ...         path, engine="euxfel", source="SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
    ...     )
    ...     camera["data.image.pixels"].isel(trainId=slice(3, 5)).load().shape
    (2, 24, 32)
    """

    description = "Open European XFEL runs (EXDF files) as datasets, a source each"
    supports_groups = True

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Tell whether this is an open run; files are opened only if ``engine`` says so."""
        return isinstance(filename_or_obj, DataCollection | SourceData)

    def open_dataset(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        source: str | None = None,
        keys: Keys = None,
        index_group: str | None = None,
        timestamps: bool = False,
    ) -> xr.Dataset:
        """Open one source as a Dataset whose data is read when it is needed.

        Parameters
        ----------
        filename_or_obj : DataCollection, SourceData, str or path-like
            An open run or source, or the path of a run's folder or of a file.
        drop_variables : str or iterable of str, optional
            Variables to leave out.
        source : str, optional
            Name of the source; needed if there are several.
        keys : str or iterable of str, optional
            Keys, or a glob for them; all by default.
        index_group : str, optional
            Needed if the index groups of the source have different rows.
        timestamps : bool
            True to include the ``.timestamp`` keys of control data.

        Returns
        -------
        xarray.Dataset
            With dimension and coordinate ``trainId`` for the rows. A train with several rows
            is there several times.
        """
        found = _source(filename_or_obj, source)
        dropped = {drop_variables} if isinstance(drop_variables, str) else set(drop_variables or ())
        return _dataset(found, keys, index_group, timestamps, dropped)

    def open_groups_as_dict(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        source: str = "*",
        timestamps: bool = False,
    ) -> dict[str, xr.Dataset]:
        """Open all sources that match a glob, by name; index groups are below their source."""
        dropped = {drop_variables} if isinstance(drop_variables, str) else set(drop_variables or ())
        data = _collection(filename_or_obj).select(source)
        found: dict[str, xr.Dataset] = {}
        for name in sorted(data.control_sources | data.instrument_sources):
            for group in sorted(data[name].index_groups):
                path = f"/{name}/{group}" if group else f"/{name}"
                found[path] = _dataset(data[name], None, group, timestamps, dropped)
        return found

    def open_datatree(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        source: str = "*",
        timestamps: bool = False,
    ) -> xr.DataTree:
        """Open all sources that match a glob as a tree.

        The parts of their names between slashes are groups, and so are index groups. The header
        of every dataset is read.
        """
        groups = self.open_groups_as_dict(
            filename_or_obj, drop_variables=drop_variables, source=source, timestamps=timestamps
        )
        return xr.DataTree.from_dict(groups)


def _collection(data: Any) -> DataCollection:
    if isinstance(data, DataCollection):
        return data
    if not isinstance(data, str | os.PathLike):
        raise TypeError(f"expected an open run or a path, not a {type(data).__name__}")
    return RunDirectory(data) if os.path.isdir(data) else H5File(data)


def _source(data: Any, name: str | None) -> SourceData:
    if isinstance(data, SourceData):
        return data
    run = _collection(data)
    known = sorted(run.control_sources | run.instrument_sources)
    if name is None:
        if len(known) != 1:
            raise ValueError(
                f"there are {len(known)} sources, and a dataset is one of them: give source=..., "
                "or use xarray.open_datatree()"
            )
        name = known[0]
    found: SourceData = run[name]
    return found


def _dataset(
    source: SourceData, keys: Keys, index_group: str | None, timestamps: bool, dropped: set[str]
) -> xr.Dataset:
    names = source.select_keys(keys).keys(inc_timestamps=timestamps)
    chosen = [source[name] for name in sorted(names)]
    if index_group is not None:
        chosen = [kd for kd in chosen if kd.index_group == index_group]
    chosen = [kd for kd in chosen if short_key(kd.key) not in dropped and _is_sound(kd)]
    groups = {kd.index_group for kd in chosen}
    narrowed = source.select_keys({kd.key for kd in chosen})
    rows = narrowed.train_id_coordinates(groups.pop() if len(groups) == 1 else index_group)
    sizes = _chunk_sizes(chosen)
    variables = {short_key(kd.key): _variable(kd, sizes) for kd in chosen}
    return xr.Dataset(variables, coords={_TRAIN: rows}, attrs={"source": source.source})


def _is_sound(kd: KeyData) -> bool:
    """Whether files agree on the type and shape of a key; one that is not is left out aloud."""
    try:
        kd.dtype  # noqa: B018 - looks at the files
    except (EuxfelError, OSError) as exc:
        warn_user(f"{kd.source} {kd.key} is left out: {exc}", DataProblemWarning)
        return False
    return True


def _variable(kd: KeyData, sizes: tuple[int, ...]) -> xr.Variable:
    name = short_key(kd.key)
    dims = [_TRAIN, *(f"{name}_dim_{i}" for i in range(kd.ndim - 1))]
    attrs: dict[Hashable, Any] = {} if kd.units is None else {"units": kd.units}
    data = indexing.LazilyIndexedArray(KeyArray(kd))
    return xr.Variable(dims, data, attrs, {"preferred_chunks": {_TRAIN: sizes}})


def _chunk_sizes(keys: list[KeyData]) -> tuple[int, ...]:
    """Cut the rows for Dask: at the ends of files and trains, the same for all keys."""
    if not keys:
        return (0,)
    row_bytes = max(kd.nbytes // max(1, kd.shape[0]) for kd in keys)
    groups = train_groups(keys[0]._entries, max(1, DEFAULT_CHUNK_BYTES // max(1, row_bytes)))
    return tuple(group.n_rows for group in groups)
