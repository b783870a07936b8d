"""One key of one source: lazy, until an array of it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import TrainIDError

from . import arrays, lazy, single_value
from .allocation import allocated
from .block_reading import Column
from .key_trains import KeyInTrains
from .reading import decode_strings, read_rows
from .region import Region
from .run_values import run_value
from .train_iteration import iterate_key

if TYPE_CHECKING:
    import dask.array
    import pandas as pd
    import xarray as xr


class KeyData(KeyInTrains):
    """Data of one key, for the selected trains.

    Made by ``run[source, key]`` or ``run[source][key]``. Nothing is read until one of its
    methods is asked for an array.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     xgm = run["SPB_XTD9_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux"]
    ...     xgm.ndarray().shape == xgm.shape
    True
    """

    def __repr__(self) -> str:
        return (
            f"<euxfel.KeyData source={self.source!r} key={self.key!r} "
            f"for {len(self._scope.train_ids)} trains>"
        )

    def _repr_html_(self) -> str:
        from .display import key_html

        return key_html(self, self._selected.stored.known_layout(self.key))

    def __getitem__(self, trains: Any) -> KeyData:
        return self.select_trains(trains)

    def _selected_keys(self) -> dict[str, set[str]]:
        """Give keys by source as `select` takes them."""
        return {self.source: {self.key}}

    def _with_trains(self, train_ids: NDArray[np.uint64]) -> KeyData:
        return KeyData(self._selected, self.key, self._scope.with_trains(train_ids))

    def ndarray(self, roi: Any = (), out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Read the data into a NumPy array, shape ``(rows, *entry_shape)``.

        Parameters
        ----------
        roi : slice, int or tuple of these, optional
            Region of interest: how to index each row.
        out : ndarray, optional
            Where to put the data; its dtype may differ.

        Returns
        -------
        ndarray
            Rows of the selected trains in order of train ID; strings as ``str``.

        Raises
        ------
        DataError
            If the index contradicts the data or data cannot be decoded.
        TooMuchDataError
            If there is not enough memory.
        """
        region = Region.of(roi, self.entry_shape)
        shape = (self._entries.n_rows, *region.shape)
        if out is None:
            out = allocated(shape, self.dtype, f"{self.source} {self.key}")
        elif out.shape != shape:
            raise ValueError(f"out has shape {out.shape}, the data {shape}")
        read_rows(self._selected.stored, self.key, self._entries, region, out)
        return decode_strings(out)

    def xarray(
        self,
        extra_dims: Sequence[str] | None = None,
        roi: Any = (),
        name: str | None = None,
        extra_coords: bool | dict[str, Any] | None = None,
    ) -> xr.DataArray | xr.Dataset:
        """Read the data into a labelled array.

        Parameters
        ----------
        extra_dims : list of str, optional
            Names of the dimensions after ``trainId``; ``dim_0``, ``dim_1`` by default. With a
            name for each axis of a row, that of an axis which ``roi`` drops names a coordinate.
        roi : slice, int or tuple of these, optional
            How to index each row.
        name : str, optional
            Name of the array; source and key by default.
        extra_coords : dict or bool, optional
            Coordinates to add, by dimension; True for positions along each dimension, which
            is the default if ``extra_dims`` are given.

        Returns
        -------
        xarray.DataArray
            With units as an attribute; a Dataset with one variable per field for structured
            data.
        """
        region = Region.of(roi, self.entry_shape)
        coords = arrays.region_coordinates(region, extra_dims, extra_coords)
        labelled = {} if isinstance(extra_coords, Mapping) else coords
        dims = arrays.region_dims(region, extra_dims, labelled)
        return arrays.as_xarray(self, self.ndarray(roi), dims, name, coords)

    def series(self) -> pd.Series[Any]:
        """Read the data into a pandas Series by train ID.

        Raises
        ------
        TypeError
            If a row is more than a single value.
        """
        if self.ndim > 1:
            raise TypeError(
                f"{self.source} {self.key} has rows of shape {self.entry_shape}; a Series needs "
                "single values: use .xarray()"
            )
        return arrays.as_series(self)

    @overload
    def dask_array(
        self, labelled: Literal[False] = False, *, chunks: int | str | None = None
    ) -> dask.array.Array: ...

    @overload
    def dask_array(
        self, labelled: Literal[True], *, chunks: int | str | None = None
    ) -> xr.DataArray | xr.Dataset: ...

    def dask_array(
        self, labelled: bool = False, *, chunks: int | str | None = None
    ) -> dask.array.Array | xr.DataArray | xr.Dataset:
        """Give a lazy Dask array, whose chunks follow files and trains.

        Parameters
        ----------
        labelled : bool
            True for an xarray DataArray around it.
        chunks : int or str, optional
            Size of a chunk at most: rows, or bytes as in ``"64MiB"``; 128 MiB by default.
        """
        array = lazy.as_dask(self, chunks)
        return arrays.as_xarray(self, array, None, None, None) if labelled else array

    def trains(
        self, keep_dims: bool = False, include_empty: bool = False
    ) -> Iterator[tuple[int, Any]]:
        """Go through the trains, reading blocks of them ahead in the background.

        Parameters
        ----------
        keep_dims : bool
            True to keep the first dimension also where a train has a single row.
        include_empty : bool
            True to give trains without data too, as None or with an empty array.

        Yields
        ------
        train_id : int
        data : ndarray or scalar
        """
        column = Column.of(self._selected, self.key, self._scope)
        return iterate_key(column, self._scope.train_ids, keep_dims, include_empty)

    def train_from_id(self, tid: int, keep_dims: bool = False) -> tuple[int, Any]:
        """Read the data of the train with an ID.

        Returns
        -------
        train_id : int
        data : ndarray or scalar
            A single row comes without its first dimension unless ``keep_dims``.

        Raises
        ------
        TrainIDError
            If the train is not selected.
        """
        wanted = np.array([tid]).astype(np.uint64)
        if not np.isin(wanted, self._scope.train_ids)[0]:
            raise TrainIDError(f"train {tid} is not in this data", source=self.source, trains=[tid])
        data = self._with_trains(wanted).ndarray()
        return tid, data[0] if len(data) == 1 and not keep_dims else data

    def train_from_index(self, i: int, keep_dims: bool = False) -> tuple[int, Any]:
        """Read the data of the train at a position among the selected ones."""
        return self.train_from_id(self.train_ids[i], keep_dims=keep_dims)

    def run_value(self, allow_multi_run: bool = False) -> Any:
        """Give the value at the start of the run, for control data.

        Parameters
        ----------
        allow_multi_run : bool
            True for a list of values if the data is from several runs.

        Raises
        ------
        ValueError
            If this is not control data.
        MultiRunError
            If the data is from several runs and ``allow_multi_run`` is not set.
        """
        return run_value(self._selected, self.key, self._scope, allow_multi_run)

    def as_single_value(self, rtol: float = 1e-5, atol: float = 0.0, reduce_by: Any = None) -> Any:
        """Give the one value of data that does not change.

        Parameters
        ----------
        rtol, atol : float
            How far values may be from the result, relative and absolute.
        reduce_by : str or callable
            How to make one value from all: the name of a NumPy function such as ``"median"``
            (the default) or ``"first"``, or a function of an array and ``axis``.

        Raises
        ------
        ValueError
            If a value is further away than allowed.
        NoDataError
            If there is no data.
        """
        return single_value.reduce(self, rtol, atol, reduce_by)

    def memmap(self) -> NDArray[Any]:
        """Give the data as a read-only array over the bytes of the file, without copying.

        Raises
        ------
        NotMappableError
            If the bytes do not lie in one file as they do in the array; it says why.
        """
        return arrays.as_memmap(self._selected.stored, self.key, self._entries)

    def __dask_tokenize__(self) -> Any:
        return lazy.token(self)
