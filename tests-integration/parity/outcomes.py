"""What a call gave, as plain values that can be compared across libraries.

Objects of the two libraries, arrays, series and labelled arrays become nested dictionaries, lists
and numpy arrays; an exception becomes the built-in class that a user would catch.
"""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import pandas as pd
import xarray as xr


@dataclass(frozen=True)
class Outcome:
    """The result of one call.

    Attributes
    ----------
    value : object
        The plain value; None if the call raised.
    error : str
        Name of the nearest built-in exception class; empty if the call returned.
    caught_by : frozenset of str
        Names of all built-in classes that the exception is an instance of.
    message : str
        Text of the exception; not compared.
    warned : frozenset of str
        Kinds of warnings that were meant for the user.
    """

    value: Any = None
    error: str = ""
    caught_by: frozenset[str] = frozenset()
    message: str = ""
    warned: frozenset[str] = frozenset()


def outcome(call: Callable[[], Any]) -> Outcome:
    """Run a call and record what came out of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value = plain(call())
        except Exception as error:  # noqa: BLE001 - any exception is a result here
            return _failure(error)
    return Outcome(value, warned=frozenset(_kinds(caught)))


def _failure(error: Exception) -> Outcome:
    classes = [c.__name__ for c in type(error).__mro__ if c.__module__ == builtins.__name__]
    message = f"{type(error).__name__}: {error}"
    return Outcome(error=classes[0], caught_by=frozenset(classes), message=message)


def _kinds(caught: list[warnings.WarningMessage]) -> Iterator[str]:
    # Other kinds come from the libraries below (pandas, dask), not from the ones compared.
    for warning in caught:
        for kind in (UserWarning, DeprecationWarning):
            if issubclass(warning.category, kind):
                yield kind.__name__


def mismatch(one: Any, other: Any, where: str = "") -> str | None:
    """Say where two plain values differ first; None if they are equal."""
    if type(one) is not type(other):
        return f"{where}: {type(one).__name__} {one!r} is not {type(other).__name__} {other!r}"
    if isinstance(one, np.ndarray):
        return _array_mismatch(one, other, where)
    if isinstance(one, Mapping):
        if one.keys() != other.keys():
            return f"{where}: keys differ: {sorted(map(str, one.keys() ^ other.keys()))[:8]}"
        pairs = [(f"{where}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list | tuple):
        if len(one) != len(other):
            return f"{where}: {len(one)} items are not {len(other)}: {one!r:.200} | {other!r:.200}"
        pairs = [(f"{where}[{n}]", a, b) for n, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        equal = one == other or (one != one and other != other)
        return None if equal else f"{where}: {one!r} is not {other!r}"
    return next((found for w, a, b in pairs if (found := mismatch(a, b, w))), None)


def _array_mismatch(one: Any, other: Any, where: str) -> str | None:
    if one.dtype != other.dtype:
        return f"{where}: dtype {one.dtype} is not {other.dtype}"
    if one.shape != other.shape:
        return f"{where}: shape {one.shape} is not {other.shape}"
    if one.dtype.kind == "O":
        return mismatch(one.ravel().tolist(), other.ravel().tolist(), where)
    if one.tobytes() == other.tobytes() or np.array_equal(one, other, one.dtype.kind == "f"):
        return None
    place = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(one != other))) if one.ndim else ()
    return f"{where}: at {place} {one[place]!r} is not {other[place]!r}"


def plain(value: Any) -> Any:
    """Turn a result into nested dictionaries, lists and arrays."""
    for kinds, convert in _CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value)
    for attribute, convert in _SHAPES:
        if hasattr(value, attribute):
            return convert(value)
    raise TypeError(f"no plain form is known for {type(value)}")


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    names = {key: key if isinstance(key, str) else repr(key) for key in value}
    return {names[key]: plain(value[key]) for key in sorted(value, key=names.__getitem__)}


def _plain_items(value: Any) -> list[Any]:
    return [plain(item) for item in value]


def _plain_set(value: Any) -> dict[str, Any]:
    return {"set": sorted(map(repr, value))}


def _plain_index(index: Any) -> dict[str, Any]:
    return {"names": [str(n) for n in index.names], "values": np.asarray(index)}


def _plain_series(series: Any) -> dict[str, Any]:
    stored = str(series.dtype)
    values = (
        np.asarray(series.dt.tz_convert("UTC").dt.tz_localize(None))
        if _zoned(series)
        else (np.asarray(series))
    )
    index = _plain_index(series.index)
    return {"series": series.name, "dtype": stored, "index": index, "values": values}


def _zoned(series: Any) -> bool:
    return isinstance(series.dtype, pd.DatetimeTZDtype)


def _plain_frame(frame: Any) -> dict[str, Any]:
    columns = {str(name): _plain_series(frame[name]) for name in sorted(frame.columns, key=str)}
    return {"frame": columns, "index": _plain_index(frame.index)}


def _plain_labelled(array: Any) -> dict[str, Any]:
    coordinates = {
        str(name): (list(c.dims), np.asarray(c)) for name, c in sorted(array.coords.items())
    }
    return {
        "name": array.name,
        "dims": list(array.dims),
        "coords": _plain_mapping(coordinates),
        "attrs": _plain_mapping(array.attrs),
        "values": plain(array.data),
    }


def _plain_dataset(dataset: Any) -> dict[str, Any]:
    variables = {str(n): _plain_labelled(v) for n, v in sorted(dataset.data_vars.items())}
    return {"variables": variables, "attrs": _plain_mapping(dataset.attrs)}


def _plain_lazy(array: Any) -> dict[str, Any]:
    return {"dtype": array.dtype, "shape": list(array.shape), "dask": array.compute()}


def _plain_scalar(value: Any) -> Any:
    return {"scalar": np.asarray(value)}


def train_list(train_ids: Any) -> list[int]:
    """Give train IDs as Python integers; EXtra-data has NumPy ones in its lists."""
    return [int(train) for train in train_ids]


def _plain_collection(run: Any) -> dict[str, Any]:
    with warnings.catch_warnings():
        # Getting a source by its legacy name warns; it is this module that gets it here.
        warnings.simplefilter("ignore")
        keys = {source: _plain_set(run[source].keys()) for source in sorted(run.all_sources)}
    return {
        "trains": train_list(run.train_ids),
        "keys": keys,
        "control": _plain_set(run.control_sources),
        "legacy": _plain_mapping(run.legacy_sources),
        "single_run": run.is_single_run,
    }


def _plain_source(source: Any) -> dict[str, Any]:
    return {
        "source": source.source,
        "section": source.section,
        "canonical_name": source.canonical_name,
        "trains": train_list(source.train_ids),
        "keys": _plain_set(source.keys()),
    }


def _plain_key(key: Any) -> dict[str, Any]:
    return {
        "source": key.source,
        "key": key.key,
        "trains": train_list(key.train_ids),
        "dtype": key.dtype,
        "shape": _plain_items(key.shape),
        "coordinates": key.train_id_coordinates(),
        "values": key.ndarray(),
    }


_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    # First, because NumPy's float64 is also a Python float.
    ((np.generic,), _plain_scalar),
    ((type(None), bool, int, float, str, bytes, np.dtype), lambda value: value),
    ((np.ndarray,), lambda value: value),
    ((Path,), lambda value: value.name),
    ((Mapping,), _plain_mapping),
    ((set, frozenset), _plain_set),
    ((pd.Series,), _plain_series),
    ((pd.DataFrame,), _plain_frame),
    ((xr.DataArray,), _plain_labelled),
    ((xr.Dataset,), _plain_dataset),
    ((dask.array.Array,), _plain_lazy),
)
# Objects of the libraries under comparison are known by what they have.
_SHAPES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("all_sources", _plain_collection),
    ("canonical_name", _plain_source),
    ("entry_shape", _plain_key),
    ("isoformat", lambda value: value.isoformat()),
    ("__iter__", _plain_items),
    ("__next__", _plain_items),
)
