"""One key as a picture, in memory that does not grow with the number of trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from euxfel.fileaccess.errors import NoDataError

from .mistakes import UsageError
from .text import counted, plain, size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from euxfel.core import KeyData

# Read at a time; frames are added up.
_BLOCK_BYTES = 64 << 20
# A picture shows a row for each entry, and no more than a screen has of them.
_MOST_BYTES = 500_000_000
# The brightest pixels would leave the rest of a frame dark.
_BRIGHTEST_SHOWN = 99.5

Progress = Callable[[int, int], None]


def key_picture(key: KeyData, progress: Progress) -> Figure:
    """Draw a key.

    Parameters
    ----------
    key : KeyData
        What to draw.
    progress : callable
        Called with the number of entries read, and of all.

    Raises
    ------
    UsageError
        If it holds no numbers.
    NoDataError
        If it is empty.
    """
    where = f"{key.source}, {key.key}"
    if key.dtype.kind not in "biuf":
        raise UsageError(f"{where} cannot be drawn: it holds {key.dtype}, not numbers")
    if not key.shape[0]:
        raise NoDataError(f"{where} has no data for these trains", source=key.source, key=key.key)
    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    _DRAWN.get(len(key.entry_shape), _draw_frames)(axes, key, progress)
    axes.set_title(f"{plain(key.source)}\n{plain(key.key)}", loc="left", fontsize=10)
    return figure


def _draw_line(axes: Axes, key: KeyData, progress: Progress) -> None:
    values = key.ndarray()
    ids = key.train_id_coordinates()
    progress(len(values), len(values))
    # Markers show where single trains are between gaps.
    axes.plot(ids.astype(np.int64), values, ".-", linewidth=0.8, markersize=3)
    axes.set_xlabel("train ID")
    axes.set_ylabel(_label(key))
    axes.ticklabel_format(axis="x", style="plain", useOffset=False)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))


def _draw_rows(axes: Axes, key: KeyData, progress: Progress) -> None:
    if key.nbytes > _MOST_BYTES:
        shown = f"{size(key.nbytes)}, more than {size(_MOST_BYTES)}"
        raise UsageError(f"the values of these trains take {shown}: choose some with --trains")
    values = key.ndarray()
    progress(len(values), len(values))
    image = axes.imshow(values, aspect="auto", interpolation="nearest", **_limits(values))
    ids = key.train_id_coordinates()
    axes.set_ylabel(f"entry, from train {ids[0]} to {ids[-1]}")
    axes.set_xlabel("index")
    _colour_bar(axes, image, _label(key))


def _draw_frames(axes: Axes, key: KeyData, progress: Progress) -> None:
    mean, n = mean_frame(key, progress)
    image = axes.imshow(mean, interpolation="nearest", **_limits(mean))
    axes.set_xlabel("fast scan")
    axes.set_ylabel("slow scan")
    _colour_bar(axes, image, f"mean of {counted(n, 'entry').replace('entrys', 'entries')}")


_DRAWN = {0: _draw_line, 1: _draw_rows}


def mean_frame(key: KeyData, progress: Progress) -> tuple[NDArray[np.float64], int]:
    """Give the mean of all frames, what is no number left out, and the number of entries."""
    total = np.zeros(key.entry_shape[-2:])
    counts = np.zeros(key.entry_shape[-2:], dtype=np.int64)
    n_done = 0
    for part in _parts(key):
        frames = part.ndarray().reshape(-1, *key.entry_shape[-2:])
        good = np.isfinite(frames)
        total += np.where(good, frames, 0).sum(axis=0, dtype=np.float64)
        counts += good.sum(axis=0)
        n_done += part.shape[0]
        progress(n_done, key.shape[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / counts, n_done


def _parts(key: KeyData) -> list[KeyData]:
    n_parts = min(max(-(-key.nbytes // _BLOCK_BYTES), 1), len(key.train_ids))
    return list(key.split_trains(parts=n_parts))


def _limits(values: NDArray[Any]) -> dict[str, Any]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return {}
    return {"vmin": float(finite.min()), "vmax": float(np.percentile(finite, _BRIGHTEST_SHOWN))}


def _label(key: KeyData) -> str:
    return plain(key.units or key.key.removesuffix(".value"))


def _colour_bar(axes: Axes, image: Any, label: str) -> None:
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(image, ax=axes, label=label)
