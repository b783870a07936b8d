"""Reading one key of all modules into arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .lazy import as_dask
from .masked import MaskedRead, check_value
from .view_axes import HasAxes

if TYPE_CHECKING:
    import xarray as xr


class ReadsArrays(HasAxes):
    """The methods of a key of all modules that give arrays."""

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
        stored = self.dtype if astype is None else np.dtype(astype)
        at = self._gap_positions() if module_gaps else range(len(self.modules))
        plan = self._key.plan(
            self._picked,
            at=at,
            n_places=shape[0],
            roi=roi,
            dtype=stored if out is None else out.dtype,
            fill_value=fill_value,
        )
        if out is None:
            out = plan.allocated()
        elif fill_value is not None:
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
