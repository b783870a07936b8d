"""Which sources lack which trains, as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .missing import MissingData, missing_data
from .plain import counted, percent, plain
from .protocols import CollectionLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Grey and vermilion can be told apart with any kind of colour vision.
_SAVED = "#d9dee3"
_MISSING = "#c8401e"
# A single missing train must show where many trains share a pixel.
_LEAST_SHADE = 0.45
# Each is wider than a pixel at the usual size; narrower ones would vanish in the drawing.
_MAX_COLUMNS = 500
_MAX_ROWS = 150
_LABEL_LENGTH = 60
_ROW_HEIGHT = 0.24
_CHARACTER_WIDTH = 0.068


def plot_missing_data(
    collection: CollectionLike, min_saved_pct: float = 95, expand_instrument: bool = False
) -> Axes:
    """Draw which sources lack data for which trains.

    Each row is a source, or several with similar names that lack the same trains; the row that
    lacks most is on top. Needs matplotlib.

    Parameters
    ----------
    collection : DataCollection
        What to look at.
    min_saved_pct : float
        Leave out sources with data for at least this percentage of trains.
    expand_instrument : bool
        Give each index group of instrument sources a row of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The drawing, in a new figure.
    """
    return draw_missing_data(missing_data(collection, min_saved_pct, expand_instrument))


def draw_missing_data(missing: MissingData) -> Axes:
    """Draw what `missing_data` found."""
    from matplotlib import pyplot as plt

    labels = [_elided(plain(label)) for label in missing.labels[:_MAX_ROWS]]
    longest = max(map(len, labels), default=0)
    height = 1.5 + _ROW_HEIGHT * max(len(labels), 1)
    figure, ax = plt.subplots(figsize=(8 + _CHARACTER_WIDTH * longest, height))
    figure.set_layout_engine("constrained")
    if labels:
        _draw_rows(ax, missing, labels)
    else:
        _draw_nothing_missing(ax, missing)
    ax.set_title(_title(missing), loc="left", fontsize=11)
    _draw_train_axis(ax, missing.train_ids)
    return ax


def trains_per_column(n_trains: int, max_columns: int = _MAX_COLUMNS) -> int:
    """Give how many trains share a column of the drawing.

    Examples
    --------
    >>> from euxfel.core.display.plotting import trains_per_column
    >>> trains_per_column(64), trains_per_column(36000)
    (1, 72)
    """
    return max(-(-n_trains // max_columns), 1)


def shades(saved: NDArray[np.bool_], per_column: int) -> NDArray[np.float64]:
    """Give how dark to draw columns of trains.

    Parameters
    ----------
    saved : ndarray of bool, shape (rows, trains)
        Where there is data.
    per_column : int
        Trains that share a column; the last one may have fewer.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        0 where nothing is missing, 1 where everything is; anything else is at least 0.45.
    """
    starts = np.arange(0, saved.shape[1], per_column)
    n_missing = np.add.reduceat(~saved, starts, axis=1, dtype=np.int64)
    share = n_missing / np.diff(starts, append=saved.shape[1])
    return np.where(share > 0, np.maximum(share, _LEAST_SHADE), 0.0)


def _draw_rows(ax: Axes, missing: MissingData, labels: list[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("missing", [_SAVED, _MISSING])
    rows, n_trains = len(labels), len(missing.train_ids)
    per_column = trains_per_column(n_trains)
    shown = shades(missing.saved[:rows], per_column)
    ax.imshow(
        shown,
        cmap=colours,
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=(0, shown.shape[1] * per_column, rows, 0),
    )
    ax.set_xlim(0, n_trains)
    # White lines make bands of the image's rows.
    ax.hlines(np.arange(1, rows), 0, n_trains, color="white", linewidth=3)
    ax.set_yticks(np.arange(rows) + 0.5, labels, fontsize=8.5, family="monospace")
    ax.tick_params(axis="y", length=0)
    for row, n_saved in enumerate(missing.n_saved[:rows].tolist()):
        ax.text(
            1.01,
            row + 0.5,
            percent(n_saved, n_trains),
            transform=ax.get_yaxis_transform(),
            va="center",
            fontsize=8.5,
        )
    swatches = [("saved", 0.0), ("missing", 1.0)]
    if ((shown > 0) & (shown < 1)).any():
        swatches.insert(1, ("some missing", _LEAST_SHADE))
    _draw_legend(ax, [(label, colours(shade)) for label, shade in swatches])


def _draw_legend(ax: Axes, swatches: list[tuple[str, Any]]) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=label) for label, colour in swatches]
    ax.legend(
        handles=patches,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=3,
        frameon=False,
        fontsize=8.5,
        borderaxespad=0.2,
    )
    ax.text(1.01, 1.0, "saved", transform=ax.transAxes, va="bottom", fontsize=8.5)


def _draw_nothing_missing(ax: Axes, missing: MissingData) -> None:
    n = len(missing.train_ids)
    ax.set(xlim=(0, max(n, 1)), ylim=(0, 1))
    ax.set_yticks([])
    if n and missing.n_sources:
        ax.axhspan(0, 1, color=_SAVED)
    ax.text(0.5, 0.5, _all_there(missing), transform=ax.transAxes, ha="center", va="center")


def _all_there(missing: MissingData) -> str:
    if not len(missing.train_ids):
        return "No trains are selected"
    if not missing.n_sources:
        return "No sources are selected"
    sources, trains = counted(missing.n_sources, "source"), len(missing.train_ids)
    return f"{sources}: data for at least {missing.min_saved_pct:g} % of {trains} trains"


def _draw_train_axis(ax: Axes, train_ids: NDArray[np.uint64]) -> None:
    from matplotlib.ticker import MaxNLocator

    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
    ends = f" (IDs {train_ids[0]} to {train_ids[-1]})" if len(train_ids) else ""
    ax.set_xlabel(f"Position of train{ends}")


def _title(missing: MissingData) -> str:
    lines = [plain(missing.place)] if missing.place else []
    if len(missing):
        listed = sum(map(len, missing.sources))
        lines.append(
            f"{listed} of {counted(missing.n_sources, 'source')} with less than "
            f"{missing.min_saved_pct:g} % of trains saved"
        )
    else:
        lines.append(f"No source with less than {missing.min_saved_pct:g} % of trains saved")
    if len(missing) > _MAX_ROWS:
        lines.append(f"the worst {_MAX_ROWS} of {len(missing)} rows")
    if missing.unreadable:
        lines.append(f"{counted(len(missing.unreadable), 'source')} could not be read")
    return "\n".join(lines)


def _elided(label: str) -> str:
    """Shorten a label in the middle: the ends of names tell most."""
    if len(label) <= _LABEL_LENGTH:
        return label
    head = _LABEL_LENGTH // 2 - 2
    tail = _LABEL_LENGTH - head - 3
    return f"{label[:head]}...{label[-tail:]}"
