"""One key of all modules of a detector, as one array.

The methods stand in rooms by what they are for; here they come together with those that make
less of the data: means and their like, and pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import plot, reductions
from .view_arrays import ReadsArrays
from .workers import Progress

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


class MultimodKeyData(ReadsArrays):
    """Data of one key of all modules, shape (modules, entries, ...).

    Made by ``det[key]``. Nothing is read until an array is asked for; then all modules are read
    together.
    """

    def mean(
        self,
        over: reductions.Over = reductions.ALL,
        *,
        roi: Any = (),
        progress: Progress | None = None,
    ) -> xr.DataArray:
        """Read block by block and give the mean: see ``euxfel.components.reductions``.

        Parameters
        ----------
        over : str or tuple of str
            ``"trains"``, ``"pulses"`` or both.
        roi : slice, int or tuple of these
            How to index each entry.
        progress : callable, optional
            Called with the number of blocks done and of all blocks.

        Returns
        -------
        DataArray of float64
            What is missing or masked is left out; NaN where nothing is left.
        """
        return reductions.reduced(self, "mean", over, roi, progress)

    def std(
        self,
        over: reductions.Over = reductions.ALL,
        *,
        roi: Any = (),
        progress: Progress | None = None,
    ) -> xr.DataArray:
        """Read block by block and give the standard deviation (``ddof=0``): see `mean`."""
        return reductions.reduced(self, "std", over, roi, progress)

    def sum(
        self,
        over: reductions.Over = reductions.ALL,
        *,
        roi: Any = (),
        progress: Progress | None = None,
    ) -> xr.DataArray:
        """Read block by block and give the sum: see `mean`.

        Integers add up to 64-bit integers, floats to float64; 0 where nothing is left.
        """
        return reductions.reduced(self, "sum", over, roi, progress)

    def max(
        self,
        over: reductions.Over = reductions.ALL,
        *,
        roi: Any = (),
        progress: Progress | None = None,
    ) -> xr.DataArray:
        """Read block by block and give the largest value: see `mean`.

        The type is that of the data; float64 with NaN where integers leave nothing.
        """
        return reductions.reduced(self, "max", over, roi, progress)

    def min(
        self,
        over: reductions.Over = reductions.ALL,
        *,
        roi: Any = (),
        progress: Progress | None = None,
    ) -> xr.DataArray:
        """Read block by block and give the smallest value: see `max`."""
        return reductions.reduced(self, "min", over, roi, progress)

    def plot(
        self,
        *,
        train: int | None = 0,
        frame: int = 0,
        geometry: Any = None,
        percentiles: tuple[float, float] = (1, 99),
        cmap: str = "viridis",
        ax: Any = None,
    ) -> Figure:
        """Draw one frame, or the mean of all.

        Parameters
        ----------
        train : int or None
            Position of the train; None for the mean over all trains and pulses.
        frame : int
            Position of the frame in the train, among the chosen ones after `select_pulses`. The
            title says where in the whole train it is.
        geometry : object, optional
            A geometry of EXtra-geom, which says where the modules are; True for the nominal one.
            By default modules stand side by side with their numbers.
        percentiles : tuple of float
            The part of the values that the colours spread over.
        cmap : str
            Name of a Matplotlib colour map.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.figure.Figure
        """
        image, title = plot.picture_of(self, train, frame)
        look = plot.Look(percentiles, cmap)
        return plot.draw(self.det, image, self.modules, title, look, geometry, ax)
