"""Labels of frames: trains, pulses or memory cells, and gain stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .frames import I64

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from .xtdf import XtdfDetector

FIELDS = ("pulseId", "cellId")


def checked_fields(subtrain_index: str | Sequence[str]) -> list[str]:
    """Give the fields that label frames, as a list.

    Raises
    ------
    ValueError
        One is neither ``"pulseId"`` nor ``"cellId"``.
    """
    fields = [subtrain_index] if isinstance(subtrain_index, str) else list(subtrain_index)
    if not fields or any(field not in FIELDS for field in fields):
        raise ValueError(f"subtrain_index is 'pulseId', 'cellId' or both, not {subtrain_index!r}")
    return fields


def frame_index(det: XtdfDetector, picked: I64 | None, field: str) -> pd.MultiIndex:
    """Give the index of frames: train, gain stage where there is one, pulse or cell."""
    import pandas as pd

    levels: dict[str, NDArray[Any]] = {"train": det.train_ids_perframe}
    if det._gain_stages > 1:
        levels["gain"] = det._gain_stage_of_frames()
    levels[level_name(field)] = det._labels(field)
    chosen = [values if picked is None else values[picked] for values in levels.values()]
    return pd.MultiIndex.from_arrays(chosen, names=list(levels))


def level_name(field: str) -> str:
    """Give the name of a field as a level of the index: ``"pulse"`` for ``"pulseId"``."""
    return field.removesuffix("Id")


def index_coordinates(index: pd.MultiIndex) -> dict[str, Any]:
    """Give the coordinates that make an index that of the frames."""
    import xarray as xr

    found: Any = xr.Coordinates.from_pandas_multiindex(index, "train_pulse")
    return dict(found)


def frame_coordinates(
    det: XtdfDetector, picked: I64 | None, subtrain_index: str | Sequence[str]
) -> dict[str, Any]:
    """Give the coordinates of frames: the index, and further IDs beside it."""
    first, *others = checked_fields(subtrain_index)
    coords = index_coordinates(frame_index(det, picked, first))
    for field in others:
        ids = det._ids(field)
        coords[level_name(field)] = ("train_pulse", ids if picked is None else ids[picked])
    return coords


def unstacked(labelled: xr.DataArray) -> xr.DataArray:
    """Give trains and pulses dimensions of their own.

    Pulses chosen in an order of their own keep it; a pulse that a train lacks is NaN, and the
    data is then of a float type.
    """
    index: Any = labelled.indexes["train_pulse"]
    inner = str(index.names[-1])
    order = index.get_level_values(inner).unique()
    dims = ["module", *index.names, *labelled.dims[2:]]
    apart = labelled.unstack("train_pulse").transpose(*dims)
    if not order.is_monotonic_increasing and _one_order(index, order):
        return apart.sel({inner: np.asarray(order)})
    return apart


def _one_order(index: pd.MultiIndex, order: pd.Index[Any]) -> bool:
    """Whether frames stand in the same order of pulses in every train."""
    rank = order.get_indexer(index.get_level_values(-1))
    outer = np.stack([index.codes[i] for i in range(index.nlevels - 1)])
    same_train = (outer[:, 1:] == outer[:, :-1]).all(axis=0)
    return bool((np.diff(rank)[same_train] > 0).all())
