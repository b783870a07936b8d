"""Several keys side by side in one xarray Dataset, aligned by train."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import name_trains

from .arrays import short_key
from .block_reading import Column, Part, read_block
from .keydata import KeyData

if TYPE_CHECKING:
    import xarray as xr

    from .collection_aliases import HasAliases

_TRAIN = "trainId"


def named_keys(data: HasAliases, wanted: Any) -> dict[str, KeyData]:
    """Give the keys that are meant, by the name of their variable.

    Parameters
    ----------
    data : DataCollection
        Where to look them up.
    wanted : mapping or iterable
        By name a pair of source and key, or an alias of a key; or such without names.
    """
    if isinstance(wanted, Mapping):
        return {str(name): _key(data, what) for name, what in wanted.items()}
    if isinstance(wanted, str) or not isinstance(wanted, Iterable):
        raise TypeError(
            f"give the keys as a dictionary of names, or as a list, not a {type(wanted).__name__}"
        )
    found = [(what, _key(data, what)) for what in wanted]
    return {
        what if isinstance(what, str) else f"{kd.source}.{short_key(kd.key)}": kd
        for what, kd in found
    }


def _key(data: HasAliases, what: Any) -> KeyData:
    found = data.alias[what] if isinstance(what, str) else data[tuple(what)]
    if not isinstance(found, KeyData):
        raise TypeError(f"{what!r} stands for a source: name a key of it, as a pair (source, key)")
    if found.dtype.names is not None:
        raise ValueError(
            f"{found.source} {found.key} has a structured type, which cannot be a variable beside "
            "others: use its own .xarray()"
        )
    return found


def aligned_dataset(
    keys: Mapping[str, KeyData],
    train_ids: NDArray[np.uint64],
    join: str,
    fill_value: Any,
    extra_dims: Mapping[str, Sequence[str]],
) -> xr.Dataset:
    """Read keys in one go and put them side by side.

    Parameters
    ----------
    keys : mapping of str to KeyData
        By name of the variable; all with the trains `train_ids`.
    train_ids : ndarray of uint64
        The trains to choose from.
    join : str
        ``"inner"`` or ``"outer"``.
    fill_value : object
        For trains without data, for all variables or by name.
    extra_dims : mapping
        Names of the dimensions after the trains, by name of the variable.
    """
    import xarray as xr

    _refuse_names(keys, fill_value, extra_dims)
    trains = _joined(train_ids, list(keys.values()), join)
    chosen = {name: kd._with_trains(trains) for name, kd in keys.items()}
    columns = [Column.of(kd._selected, kd.key, kd._scope) for kd in chosen.values()]
    parts = read_block(columns, trains)
    variables = {}
    for (name, kd), part in zip(chosen.items(), parts, strict=True):
        data, attrs = _by_train(name, kd, part, trains, _fill_for(name, fill_value))
        variables[name] = (_dims(name, data.ndim - 1, extra_dims.get(name)), data, attrs)
    return xr.Dataset(variables, coords={_TRAIN: trains})


def _refuse_names(keys: Mapping[str, KeyData], fill_value: Any, extra_dims: Any) -> None:
    for option, named in (("fill_value", fill_value), ("extra_dims", extra_dims)):
        unknown = [n for n in named if n not in keys] if isinstance(named, Mapping) else []
        if unknown:
            raise ValueError(f"{option} names {unknown[0]!r}, which is none of {list(keys)}")
    if _TRAIN in keys:
        raise ValueError(f"{_TRAIN!r} is the coordinate: give the variable another name")


def _dims(name: str, n_inner: int, extra_dims: Sequence[str] | None) -> list[str]:
    """Name dimensions; those without a name get the variable's, as sizes differ between keys."""
    if extra_dims is None:
        return [_TRAIN, *(f"{name}_dim_{i}" for i in range(n_inner))]
    if len(extra_dims) != n_inner:
        raise ValueError(
            f"extra_dims of {name!r} are {list(extra_dims)}, but it has {n_inner} dimensions after "
            f"{_TRAIN}"
        )
    return [_TRAIN, *extra_dims]


def _joined(
    train_ids: NDArray[np.uint64], keys: Sequence[KeyData], join: str
) -> NDArray[np.uint64]:
    """Give the trains in which all keys have data, or any of them."""
    if join not in ("inner", "outer"):
        raise ValueError(f"join={join!r}: give 'inner' or 'outer'")
    present = [kd.data_counts(labelled=False) > 0 for kd in keys]
    if not present:
        return train_ids[:0]
    both = np.logical_and if join == "inner" else np.logical_or
    return train_ids[both.reduce(present)]


def _by_train(
    name: str, kd: KeyData, part: Part, train_ids: NDArray[np.uint64], fill_value: Any
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Put the rows of each train in its place; also give attributes."""
    present = part.rows.count > 0
    per_train = _rows_per_train(kd, part.rows.count[present], train_ids[present])
    inner = part.data.shape[1:] if per_train == 1 else (per_train, *part.data.shape[1:])
    data = part.data.reshape(int(present.sum()), *inner)
    attrs: dict[str, Any] = {"source": kd.source, "key": short_key(kd.key)}
    if kd.units is not None:
        attrs["units"] = kd.units
    if present.all():
        return data, attrs
    gap, dtype = _gap(name, kd, data.dtype, fill_value, train_ids[~present])
    placed = np.full((len(present), *inner), gap, dtype=dtype)
    placed[present] = data
    return placed, attrs | {"fill_value": gap}


def _rows_per_train(kd: KeyData, counts: NDArray[np.int64], train_ids: NDArray[np.uint64]) -> int:
    if not len(counts):
        return 1
    if (counts != counts[0]).any():
        other = train_ids[counts != counts[0]]
        raise ValueError(
            f"{kd.source} {kd.key} has {counts.min()} to {counts.max()} rows per train, which is "
            f"no array by train ({counts[0]} in train {train_ids[0]}, others in "
            f"{name_trains(other, 3)}): read it with its own .xarray(), or select trains with as "
            "many rows"
        )
    return int(counts[0])


def _fill_for(name: str, fill_value: Any) -> Any:
    return fill_value.get(name) if isinstance(fill_value, Mapping) else fill_value


def _gap(
    name: str, kd: KeyData, dtype: np.dtype[Any], fill_value: Any, missing: NDArray[np.uint64]
) -> tuple[Any, np.dtype[Any]]:
    """Give what stands for missing data, and a type that can hold it beside the data."""
    if fill_value is not None:
        return _stated(name, dtype, fill_value), dtype
    if dtype.kind in "fcO":
        return np.nan, dtype
    if dtype.kind in "iub" and dtype.itemsize < 8:
        # Floats that hold every value of the type exactly.
        return np.nan, np.promote_types(dtype, np.float32)
    raise ValueError(
        f"{name!r} ({kd.source} {kd.key}) lacks data in {name_trains(missing, 3)}, and no value "
        f"of {dtype} can say so: give fill_value={{{name!r}: ...}}, or join='inner'"
    )


def _stated(name: str, dtype: np.dtype[Any], fill_value: Any) -> Any:
    """Give a fill value as the type holds it, refusing one that it cannot hold."""
    if dtype.kind == "O":
        return fill_value
    try:
        gap = (
            np.array(fill_value).astype(dtype)[()] if dtype.kind == "f" else dtype.type(fill_value)
        )
    except (TypeError, ValueError, OverflowError) as exc:
        raise _no_fill(name, dtype, fill_value) from exc
    if dtype.kind != "f" and gap != fill_value:
        raise _no_fill(name, dtype, fill_value)
    return gap


def _no_fill(name: str, dtype: np.dtype[Any], fill_value: Any) -> ValueError:
    return ValueError(f"fill value {fill_value!r} of {name!r} is no value of type {dtype}")
