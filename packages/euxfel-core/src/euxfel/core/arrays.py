"""Views of key data in the libraries that people analyse with.

xarray, pandas and dask are imported where they are used: opening a run needs none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import NotMappableError, engine

from .entries import EntryTable
from .region import Region
from .source_files import SourceFiles

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from .keydata import KeyData


def short_key(key: str) -> str:
    """Give a key without the ``.value`` of control data."""
    return key.removesuffix(".value")


def by_train(values: NDArray[Any], train_ids: NDArray[np.uint64]) -> pd.Series[Any]:
    """Label one value per train with the train IDs."""
    import pandas as pd

    return pd.Series(values, index=train_ids)


def by_train_known(values: NDArray[np.int64], train_ids: NDArray[np.uint64]) -> pd.Series[int]:
    """Label numbers with the train IDs, those below 0 standing for unknown ones."""
    import pandas as pd

    known: Any = pd.arrays.IntegerArray(values, values < 0)
    return pd.Series(known, index=train_ids)


def bounds_frame(
    start: NDArray[Any], stop: NDArray[Any], train_ids: NDArray[np.uint64]
) -> pd.DataFrame:
    """Label the bounds of each train's rows with the train IDs."""
    import pandas as pd

    columns = {"start": start.astype(np.int64), "stop": stop.astype(np.int64)}
    return pd.DataFrame(columns, index=train_ids)


def as_series(kd: KeyData) -> pd.Series[Any]:
    """Read single values into a Series by train ID."""
    import pandas as pd

    name = f"{kd.source}/{short_key(kd.key)}"
    index = pd.Index(kd.train_id_coordinates(), name="trainId")
    return pd.Series(kd.ndarray(), name=name, index=index)


def as_xarray(
    kd: KeyData,
    data: Any,
    extra_dims: Sequence[str] | None,
    name: str | None,
    extra_coords: Mapping[str, Any] | None,
) -> xr.DataArray | xr.Dataset:
    """Label rows with train IDs, dimensions and units."""
    import xarray as xr

    if extra_dims is None:
        extra_dims = [f"dim_{i}" for i in range(data.ndim - 1)]
    dims = ["trainId", *extra_dims[: data.ndim - 1]]
    coords = {"trainId": kd.train_id_coordinates(), **(extra_coords or {})}
    attrs = {"units": kd.units} if kd.units is not None else {}
    if data.dtype.names is not None:
        fields = {f: (dims, data[f], attrs) for f in data.dtype.names}
        return xr.Dataset(fields, coords=coords)
    if name is None:
        name = f"{kd.source}.{short_key(kd.key)}"
    return xr.DataArray(data, dims=dims, coords=coords, name=name, attrs=attrs)


def region_coordinates(
    region: Region, extra_dims: Sequence[str] | None, extra_coords: Mapping[str, Any] | bool | None
) -> Mapping[str, Any]:
    """Give the coordinates of the inner dimensions: those given, or positions in the row."""
    if isinstance(extra_coords, Mapping):
        return extra_coords
    if not extra_coords and extra_dims is None:
        return {}
    positions = region.coordinates()
    if extra_dims is not None and len(extra_dims) < len(positions):
        # Names for what is left of a row: those of dropped axes are not known.
        positions = [p for p in positions if np.ndim(p)]
    names = extra_dims or [f"dim_{i}" for i in range(len(positions))]
    return dict(zip(names, positions, strict=False))


def region_dims(
    region: Region, extra_dims: Sequence[str] | None, coords: Mapping[str, Any]
) -> Sequence[str] | None:
    """Give the names of the dimensions that are left when positions label each axis of a row.

    An axis of which one position was cut out keeps its name for that position's coordinate.
    """
    if extra_dims is not None and len(extra_dims) == len(region.basic):
        named = zip(extra_dims, region.basic, strict=True)
        return [name for name, item in named if isinstance(item, slice)]
    if extra_dims is not None or not coords:
        return extra_dims
    return [name for name, positions in coords.items() if np.ndim(positions)]


def as_memmap(stored: SourceFiles, key: str, entries: EntryTable) -> NDArray[Any]:
    """Map the bytes of a selection that lies in one piece in one file."""
    stored.check_rows(key, entries)
    pieces = list(entries.pieces)
    where = stored.section.data_path(stored.source, key)
    if len(pieces) != 1 or len(pieces[0].ranges) != 1:
        n = sum(len(p.ranges) for p in pieces)
        raise NotMappableError(
            f"{where}: the selected rows are {n} separate pieces in {len(pieces)} files; a "
            "memory map needs one piece: use .ndarray(), or select fewer trains",
            source=stored.source,
            key=key,
        )
    start, stop = pieces[0].ranges[0].tolist()
    return engine.memory_map(stored.files[pieces[0].file].handle, where, start, stop)


def source_paths(stored: SourceFiles, key: str, entries: EntryTable) -> list[str]:
    """List the files with data of some entries, in order of first use."""
    used = [stored.files[rows.file].filename for rows in entries.pieces]
    if not used:
        numbers = range(len(stored.files))
        held = (n for n in numbers if stored.file_layout(n, key) is not None)
        used = [stored.files[n].filename for n in held]
    return list(dict.fromkeys(used))
