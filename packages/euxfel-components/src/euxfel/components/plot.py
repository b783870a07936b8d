"""A quick look at a detector: modules side by side with their numbers, or where they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import MissingPackageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .detector import MultimodDetector
    from .frame_view import FrameKeyData
    from .view import MultimodKeyData

# Pixels between modules in a picture.
GAP_FRACTION = 0.06
# The longer side of a picture; the colour bar and the title stand beside it.
PICTURE_INCHES = 7.0


@dataclass(frozen=True, slots=True)
class Look:
    """How values become colours.

    Attributes
    ----------
    percentiles : tuple of float
        The part of the values that the colours spread over.
    cmap : str
        Name of a Matplotlib colour map.
    """

    percentiles: tuple[float, float]
    cmap: str

    def limits(self, image: NDArray[Any]) -> tuple[float, float]:
        """Give the values of the first and the last colour."""
        finite = image[np.isfinite(image)]
        if not finite.size:
            return 0.0, 1.0
        low, high = np.percentile(finite, self.percentiles)
        return float(low), float(high if high > low else low + 1)


def picture_of(
    view: MultimodKeyData, train: int | None, frame: int
) -> tuple[NDArray[np.float64], str]:
    """Give one image of each module, NaN where there is none, and what it shows.

    Parameters
    ----------
    view : MultimodKeyData
        Pixel data.
    train : int or None
        Position of the train; None for the mean of all frames.
    frame : int
        Position of the frame among those chosen of the train.
    """
    if train is None:
        return _flat(view.mean().values, view), f"mean of {view.key}"
    one = view.select_trains([train])
    at = f"{view.key}, train {one.train_ids[0]}"
    if hasattr(one, "select_pulses"):
        image, place = _one_frame(cast("FrameKeyData", one), frame, at)
        return _flat(image, view), f"{at}, frame {place}"
    array = one.ndarray(astype=np.float64, fill_value=np.nan)[:, 0]
    if array.ndim == 4:
        array = array[:, frame]
    return _flat(array, view), f"{at}, cell {frame}"


def _one_frame(one: FrameKeyData, frame: int, at: str) -> tuple[NDArray[np.float64], int]:
    """Read a chosen frame of the only train, and tell its place through all gain stages."""
    chosen = np.arange(one._frames.total) if one._picked is None else one._picked
    if not -len(chosen) <= frame < len(chosen):
        raise IndexError(f"{at} has no frame at position {frame}")
    place = int(chosen[frame])
    stage, pulse = divmod(place, one._frames.total // one.det._gain_stages)
    array = one.select_pulses([pulse]).ndarray(astype=np.float64, fill_value=np.nan)
    return array[:, stage], place


def _flat(image: NDArray[Any], view: MultimodKeyData) -> NDArray[np.float64]:
    """Take the first of what lies before the pixels: the data of raw AGIPD, not its gain."""
    while image.ndim > 3:
        image = image[:, 0]
    if image.ndim != 3:
        raise ValueError(f"{view.key} holds no images: its entries are {view.shape[2:]}")
    return image.astype(np.float64, copy=False)


def draw(
    det: MultimodDetector,
    image: NDArray[np.float64],
    modules: Sequence[int],
    title: str,
    look: Look,
    geometry: Any,
    ax: Axes | None,
) -> Figure:
    """Draw images of modules; arguments as for `MultimodKeyData.plot`."""
    import matplotlib.pyplot as plt

    is_new = ax is None
    if ax is None:
        _, ax = plt.subplots(layout="constrained")
    if geometry is None or geometry is False:
        shown = _draw_grid(ax, image, modules, look)
    else:
        placed = _placed(det, image, modules, nominal(det) if geometry is True else geometry)
        shown = _show(ax, placed, look)
    ax.set_title(f"{det.detector_name}: {title}", fontsize="medium")
    ax.set_xticks([])
    ax.set_yticks([])
    figure = cast("Figure", ax.figure)
    figure.colorbar(shown, ax=ax, shrink=0.7, extend="both")
    if is_new:
        height, width = shown.get_array().shape
        inches = PICTURE_INCHES / max(height, width)
        figure.set_size_inches(max(4, width * inches) + 1, max(3, height * inches) + 0.5)
    return figure


def _show(ax: Axes, canvas: NDArray[np.float64], look: Look, origin: Any = "lower") -> Any:
    import matplotlib as mpl

    low, high = look.limits(canvas)
    colours = mpl.colormaps[look.cmap].with_extremes(bad="0.85")
    return ax.imshow(
        canvas, cmap=colours, vmin=low, vmax=high, origin=origin, interpolation="nearest"
    )


def _draw_grid(ax: Axes, image: NDArray[np.float64], modules: Sequence[int], look: Look) -> Any:
    # Upright images side by side: the long axis of a module runs down.
    turned = image if image.shape[1] >= image.shape[2] else image.transpose(0, 2, 1)
    rows, columns = grid_of(len(modules), *turned.shape[1:])
    height, width = turned.shape[1:]
    gap = max(2, round(GAP_FRACTION * max(height, width)))
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap)
    canvas = np.full(shape, np.nan)
    for i, module in enumerate(modules):
        top, left = (i // columns) * (height + gap), (i % columns) * (width + gap)
        canvas[top : top + height, left : left + width] = turned[i]
        ax.text(
            left + width / 2,
            top - gap * 0.15,
            str(module),
            ha="center",
            va="bottom",
            fontsize="small",
        )
    shown = _show(ax, canvas, look, origin="upper")
    ax.set_ylim(shape[0], -gap)
    ax.set_frame_on(False)
    return shown


def grid_of(n_modules: int, height: int, width: int) -> tuple[int, int]:
    """Give the rows and columns that make the whole nearly square.

    Examples
    --------
    >>> from euxfel.components.plot import grid_of
    >>> grid_of(16, 512, 128)
    (2, 8)

    Rows are equally long as far as possible: six modules are not five and one.

    >>> grid_of(6, 512, 128)
    (2, 3)
    """
    columns = min(n_modules, max(1, round(np.sqrt(n_modules * height / width))))
    rows = math.ceil(n_modules / columns)
    return rows, math.ceil(n_modules / rows)


def _placed(
    det: MultimodDetector, image: NDArray[np.float64], modules: Sequence[int], geometry: Any
) -> NDArray[np.float64]:
    """Put modules where a geometry says they are."""
    whole = np.full((det.n_modules, *image.shape[1:]), np.nan)
    whole[[number - det.kind.first_module for number in modules]] = image
    placed, _ = geometry.position_modules(whole)
    # Seen along the beam, as EXtra-geom draws it.
    return np.asarray(placed)[:, ::-1]


def nominal(det: MultimodDetector) -> Any:
    """Give the nominal geometry of a detector, from EXtra-geom.

    Raises
    ------
    MissingPackageError
        EXtra-geom is not installed.
    ValueError
        It knows none for the detector.
    """
    try:
        import extra_geom
    except ImportError:
        raise MissingPackageError(
            "plot(geometry=True) needs EXtra-geom: pip install extra-geom"
        ) from None
    names = {
        "AGIPD1M": "AGIPD_1MGeometry",
        "AGIPD500K": "AGIPD_500K2GGeometry",
        "DSSC1M": "DSSC_1MGeometry",
        "LPD1M": "LPD_1MGeometry",
        "JUNGFRAU": "JUNGFRAUGeometry",
    }
    if det.kind.name not in names:
        raise ValueError(f"there is no nominal geometry of {det.kind.name}: give geometry=")
    found = getattr(extra_geom, names[det.kind.name])
    return found.example(det.n_modules) if det.kind.name == "JUNGFRAU" else found.example()
