"""One value from data that should not change during a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from euxfel.fileaccess import NoDataError

if TYPE_CHECKING:
    from .keydata import KeyData


def reduce(kd: KeyData, rtol: float, atol: float, reduce_by: Any) -> Any:
    """Reduce data to one value and check that no row is far from it.

    Raises
    ------
    NoDataError
        If there is no data.
    ValueError
        If a row differs from the result by more than ``atol + rtol * |result|``.
    """
    data = kd.ndarray()
    if not len(data):
        raise NoDataError(
            f"{kd.source} {kd.key} has no data in the selected trains", source=kd.source
        )
    value = _reduced(data, "median" if reduce_by is None else reduce_by)
    if not _all_close(data, value, rtol, atol):
        raise ValueError(
            f"{kd.source} {kd.key} is not constant: it goes from {data.min()} to {data.max()}, "
            f"further from {value} than rtol={rtol}, atol={atol} allow"
            if data.dtype.kind not in "OSU"
            else f"{kd.source} {kd.key} is not constant: {sorted(set(data.ravel()))[:5]}"
        )
    return value


def _reduced(data: Any, reduce_by: Any) -> Any:
    if data.dtype.kind in "OSU":
        if reduce_by not in ("median", "first"):
            raise TypeError(f"text cannot be reduced by {reduce_by!r}: leave reduce_by out")
        return data[0]
    if isinstance(reduce_by, str) and reduce_by == "first":
        return data[0]
    if callable(reduce_by):
        return reduce_by(data)
    function = getattr(np, reduce_by, None) if isinstance(reduce_by, str) else None
    if not callable(function):
        raise ValueError(
            f"reduce_by={reduce_by!r} is no function, no name of one in NumPy, and not 'first'"
        )
    return function(data, axis=0)


def _all_close(data: Any, value: Any, rtol: float, atol: float) -> bool:
    if data.dtype.kind in "OSUb":
        return bool(np.all(data == value))
    return bool(np.allclose(data, value, rtol=rtol, atol=atol))
