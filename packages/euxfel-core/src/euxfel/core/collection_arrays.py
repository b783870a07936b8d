"""Arrays and tables straight from a collection, by names of sources and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .collection_aliases import HasAliases
from .keydata import KeyData

if TYPE_CHECKING:
    import dask.array
    import pandas as pd
    import xarray as xr


class ReadsArrays(HasAliases):
    """The methods of a collection that read keys."""

    def keys_for_source(self, source: str) -> set[str]:
        """Give the keys of a source."""
        return self._source_data(source).keys()

    def get_entry_shape(self, source: str, key: str) -> tuple[int, ...]:
        """Give the shape of one row of a key."""
        return self._source_data(source)[key].entry_shape  # type: ignore[no-any-return]

    def get_dtype(self, source: str, key: str) -> np.dtype[Any]:
        """Give the type of the data of a key."""
        return self._source_data(source)[key].dtype  # type: ignore[no-any-return]

    def get_data_counts(self, source: str, key: str) -> pd.Series[int]:
        """Count the rows of a key in each selected train, as a pandas Series."""
        return self._source_data(source)[key].data_counts()  # type: ignore[no-any-return]

    def get_series(self, source: str, key: str) -> pd.Series[Any]:
        """Read a key with single values into a pandas Series by train ID."""
        return self._source_data(source)[key].series()  # type: ignore[no-any-return]

    def get_array(
        self,
        source: str,
        key: str,
        extra_dims: Sequence[str] | None = None,
        roi: Any = (),
        name: str | None = None,
    ) -> xr.DataArray | xr.Dataset:
        """Read a key into a labelled array: see `KeyData.xarray`."""
        kd: KeyData = self._source_data(source)[key]
        return kd.xarray(extra_dims, roi, name)

    def get_dask_array(
        self, source: str, key: str, labelled: bool = False
    ) -> dask.array.Array | xr.DataArray | xr.Dataset:
        """Give a lazy array of a key: see `KeyData.dask_array`."""
        kd: KeyData = self._source_data(source)[key]
        return kd.dask_array(labelled=True) if labelled else kd.dask_array()

    def get_dataframe(self, fields: Any = None, *, timestamps: bool = False) -> pd.DataFrame:
        """Read keys with single values into one table, a row per train.

        Parameters
        ----------
        fields : selection, optional
            Which keys, in the forms that `select` takes; all by default.
        timestamps : bool
            True to include the ``.timestamp`` keys of control data.
        """
        chosen = self if fields is None else self.select(fields)
        from .tables import dataframe

        return dataframe(chosen._selection, timestamps)

    def xarray(
        self,
        keys: Any,
        *,
        join: str = "inner",
        fill_value: Any = None,
        extra_dims: Mapping[str, Sequence[str]] | None = None,
    ) -> xr.Dataset:
        """Read several keys into one Dataset, aligned by train.

        Parameters
        ----------
        keys : dict or list
            By name of the variable a pair (source, key) or the alias of a key. A list of these
            names variables ``source.key``, or by the alias.
        join : str
            ``"inner"`` keeps the trains in which all keys have data, ``"outer"`` those in which
            any has.
        fill_value : object or dict, optional
            What stands for missing data with ``join="outer"``, for all variables or by name. By
            default it is NaN, also among strings; integers of up to 32 bits become floats, those
            of 64 bits need a fill value. What was filled in stands in the attribute ``fill_value``
            of a variable with gaps.
        extra_dims : dict, optional
            Names of the dimensions after ``trainId``, by variable; ``<name>_dim_0`` and so on
            by default.

        Returns
        -------
        xarray.Dataset
            With the coordinate ``trainId``, and ``units``, ``source`` and ``key`` as attributes of
            the variables. A key with the same number of rows in each train, more than one, gets
            a dimension for them after ``trainId``.

        Raises
        ------
        ValueError
            If a key has other numbers of rows in other trains, or a gap needs a fill value.

        Examples
        --------
        >>> import tempfile
        >>> from euxfel.core import RunDirectory
        >>> from euxfel.fileaccess.testing import small_run
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunDirectory(small_run().write(folder).path)
        ...     data = run.xarray({"x": ("SPB_IRU_SAMPLE/MOTOR/X", "actualPosition"),
        ...                        "image": ("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput",
        ...                                  "data.image.pixels")},
        ...                       extra_dims={"image": ["y", "x_pixel"]})
        >>> dict(data.sizes)
        {'trainId': 20, 'y': 24, 'x_pixel': 32}
        >>> data.x.units
        'mm'
        """
        from .aligned import aligned_dataset, named_keys

        found = named_keys(self, keys)
        train_ids = self._selection.scope.train_ids
        return aligned_dataset(found, train_ids, join, fill_value, extra_dims or {})
