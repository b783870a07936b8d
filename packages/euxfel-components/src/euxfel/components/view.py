"""One key of all modules of a detector, as one array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from euxfel.core import KeyData
from euxfel.fileaccess.cached import cached_property

from . import plot, reductions
from .frames import I64, Frames
from .lazy import as_dask
from .masked import Mask, MaskedRead, check_value
from .module_key import ModuleKey, kept
from .workers import Progress

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from .detector import MultimodDetector


class MultimodKeyData:
    """Data of one key of all modules, shape (modules, entries, ...).

    Made by ``det[key]``. Nothing is read until an array is asked for; then all modules are read
    together.
    """

    # Without this, iterating would try data[0], data[1] and so on.
    __iter__ = None
    _squeezed = False

    def __init__(self, det: MultimodDetector, key: str) -> None:
        self.det = det
        self.key = key
        self._mask: Mask | None = None

    def __repr__(self) -> str:
        masked = "masked " if self._mask else ""
        return f"<{type(self).__name__} {masked}{self.key!r} of {self.det!r}>"

    def __getitem__(self, trains: Any) -> Self:
        return self.select_trains(trains)

    def _masked(self, mask: Mask) -> Self:
        masked = copy(self)
        masked._mask = mask
        return masked

    def _of(self, det: MultimodDetector) -> Self:
        """Give the same for other trains."""
        other = type(self)(det, self.key)
        other._mask = self._mask
        return other

    # What it is -----------------------------------------------------------------------------

    @property
    def _frames(self) -> Frames:
        return self.det._frames_of(self.key)

    @cached_property
    def _key(self) -> ModuleKey:
        return ModuleKey(self.det._modules, self.key, self._frames, self._squeezed)

    @cached_property
    def _mask_key(self) -> ModuleKey:
        assert self._mask is not None
        return ModuleKey(self.det._modules, self._mask.key, self._frames, self._squeezed)

    @property
    def _picked(self) -> I64 | None:
        """Frames chosen among those of the trains, None for all."""
        return None

    @property
    def modno_to_keydata(self) -> Mapping[int, KeyData]:
        """The key of each module, by module number."""
        data = self.det.data
        return {m: data[source, self.key] for m, source in self.det.modno_to_source.items()}

    @property
    def modules(self) -> list[int]:
        """Numbers of the modules, in the order of the array."""
        return sorted(self.det.modno_to_source)

    @property
    def train_ids(self) -> list[int]:
        """IDs of the trains, in increasing order."""
        return self.det.train_ids

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the data as stored."""
        return self._key.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions of the array."""
        return 2 + len(self._key.entry_shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that `ndarray` gives."""
        return self.buffer_shape()

    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions."""
        return ["module", "trainId", *(f"dim_{i}" for i in range(self.ndim - 2))]

    def _dimensions_of(self, roi: Any) -> list[str]:
        """Name the dimensions that a region of interest leaves."""
        return kept(self.dimensions, self._key.region(roi))

    def buffer_shape(self, module_gaps: bool = False, roi: Any = ()) -> tuple[int, ...]:
        """Give the shape that `ndarray` needs for ``out``.

        Parameters
        ----------
        module_gaps : bool
            True to count missing modules too.
        roi : slice, int or tuple of these
            How to index each entry.
        """
        n_modules = self.det.n_modules if module_gaps else len(self.det._modules)
        return (n_modules, self._n_frames, *self._key.region(roi).shape)

    @property
    def _n_frames(self) -> int:
        picked = self._picked
        return self._frames.total if picked is None else len(picked)

    def train_id_coordinates(self) -> NDArray[np.uint64]:
        """Give the train ID of each position on the second axis."""
        train_of, picked = self._frames.train_of, self._picked
        return self._frames.train_ids[train_of if picked is None else train_of[picked]]

    def data_availability(self, module_gaps: bool = False) -> NDArray[np.bool_]:
        """Tell where there is data, shape (modules, entries).

        Parameters
        ----------
        module_gaps : bool
            True to count missing modules too.
        """
        found = self._frames.available(self._picked)
        if not module_gaps:
            return found
        out = np.zeros((self.det.n_modules, found.shape[1]), dtype=np.bool_)
        out[self._gap_positions()] = found
        return out

    def _gap_positions(self) -> list[int]:
        """Give the positions of the modules in an array with places for all of them."""
        positions = [number - self._first_module for number in self.modules]
        if positions[0] < 0 or positions[-1] >= self.det.n_modules:
            raise ValueError(
                f"modules {self.modules} do not fit into {self.det.n_modules} places from module "
                f"{self._first_module} on"
            )
        return positions

    @property
    def _first_module(self) -> int:
        return self.det.kind.first_module

    # Which trains ---------------------------------------------------------------------------

    def select_trains(self, trains: Any) -> Self:
        """Give the same data for some of the trains.

        Parameters
        ----------
        trains : slice, int, list, array, ``by_id[...]`` or ``by_index[...]``
            Positions or IDs of trains, or a boolean per train.
        """
        return self._of(self.det.select_trains(trains))

    def split_trains(
        self,
        parts: int | None = None,
        trains_per_part: int | None = None,
        frames_per_part: int | None = None,
    ) -> Iterator[Self]:
        """Go through parts of the trains: see `MultimodDetector.split_trains`."""
        for det in self.det.split_trains(parts, trains_per_part, frames_per_part):
            yield self._of(det)

    # Arrays ---------------------------------------------------------------------------------

    def ndarray(
        self,
        *,
        fill_value: float | None = None,
        out: NDArray[Any] | None = None,
        roi: Any = (),
        astype: DTypeLike | None = None,
        module_gaps: bool = False,
        decompress_threads: int | None = None,
    ) -> NDArray[Any]:
        """Read all modules into one NumPy array.

        Parameters
        ----------
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default;
            `data_availability` tells the one from the other.
        out : ndarray, optional
            Where to put the data, of the shape that `buffer_shape` gives. Without
            ``fill_value``, what is there for missing data stays.
        roi : slice, int or tuple of these
            How to index each entry; only that is read where the file allows it.
        astype : dtype_like, optional
            Type of the result; as stored by default.
        module_gaps : bool
            True to leave places for missing modules.
        decompress_threads : int, optional
            Threads to read with.

        Raises
        ------
        DataError
            The index contradicts the data, or data cannot be decoded.
        """
        shape = self.buffer_shape(module_gaps, roi)
        if out is not None and out.shape != shape:
            raise ValueError(f"out has shape {out.shape}, the data {shape}")
        self._check()
        fill = out is None or fill_value is not None
        if out is None:
            out = np.empty(shape, self.dtype if astype is None else np.dtype(astype))
        at = self._gap_positions() if module_gaps else range(len(self.modules))
        plan = self._key.plan(
            self._picked,
            at=at,
            n_places=len(out),
            roi=roi,
            dtype=out.dtype,
            fill_value=fill_value,
        )
        if fill:
            plan.fill_gaps(out)
        if self._mask is None:
            plan.read_into(out, decompress_threads)
        else:
            check_value(self._mask.value, out.dtype)
            self._masked_read(roi).read_into(out, at, decompress_threads)
        return out

    def _check(self) -> None:
        self._key.check_rows()
        if self._mask is not None:
            self._mask_key.check_rows()

    def _masked_read(self, roi: Any) -> MaskedRead:
        assert self._mask is not None
        picked = np.arange(self._frames.total) if self._picked is None else self._picked
        return MaskedRead(self._key, self._mask_key, self._mask, picked, roi)

    def _wrapped(self, array: Any, roi: Any = ()) -> xr.DataArray:
        import xarray as xr

        dims = self._dimensions_of(roi)
        coords = {"module": self.modules, "trainId": self.train_id_coordinates()}
        return xr.DataArray(array, dims=dims, coords=coords)

    def xarray(
        self, *, fill_value: float | None = None, roi: Any = (), astype: DTypeLike | None = None
    ) -> xr.DataArray:
        """Read all modules into one labelled array; arguments as for `ndarray`."""
        array = self.ndarray(fill_value=fill_value, roi=roi, astype=astype)
        return self._wrapped(array, roi)

    def dask_array(
        self,
        *,
        labelled: bool = False,
        fill_value: float | None = None,
        astype: DTypeLike | None = None,
        frames_per_chunk: int | None = None,
    ) -> Any:
        """Give a lazy Dask array, cut into chunks of whole trains.

        Parameters
        ----------
        labelled : bool
            True for an xarray DataArray around it.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        astype : dtype_like, optional
            Type of the result; as stored by default.
        frames_per_chunk : int, optional
            Most frames of a chunk, one train at least; 128 MiB by default.
        """
        array = as_dask(self, fill_value, astype, frames_per_chunk)
        return self._wrapped(array) if labelled else array

    # Reductions -----------------------------------------------------------------------------

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
            Position of the frame in the train.
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
