"""A detector made of modules that are sources of their own: what all types have in common.

The methods stand in rooms by what they are for; here they come together with those that read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from euxfel.core.plugins import upper_method
from euxfel.fileaccess import PropertyNameError

from .detector_trains import GoesByTrain
from .errors import NoMaskError
from .iteration import iterate_trains
from .masked import Mask, combined_bits
from .view import MultimodKeyData

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


class MultimodDetector(GoesByTrain):
    """Data of a detector with several modules, as one array per key.

    Use the class of a certain detector, such as `AGIPD1M`; `identify_multimod_detectors` finds
    out which.

    Parameters
    ----------
    data : DataCollection
        A run, or a selection of its trains.
    detector_name : str, optional
        Such as ``"SPB_DET_AGIPD1M-1"``; needed if there are several of the type.
    modules : collection of int, optional
        Numbers of the modules to use; all by default.
    min_modules : int
        Trains with data of fewer modules are left out.
    raw : bool, optional
        True for raw data, False for corrected data. By default corrected data is taken if there
        is any, else raw data with a warning.

    Raises
    ------
    SourceNameError
        There is no such data.
    NoDataError
        No train has data of so many modules.
    ValueError
        There are several detectors of the type.
    """

    def __getitem__(self, key: str) -> MultimodKeyData:
        return MultimodKeyData(self, self._checked_key(key))

    def _checked_key(self, key: str) -> str:
        for source in self._modules:
            if not source.has_key(key):
                raise PropertyNameError(
                    f"{source.name} has no key {key!r}", source=source.name, key=key
                )
        return key

    def masked_data(
        self,
        key: str | None = None,
        *,
        mask_bits: int | Collection[int] | None = None,
        masked_value: float = np.nan,
    ) -> MultimodKeyData:
        """Give corrected data without bad pixels.

        Parameters
        ----------
        key : str, optional
            The data; pixel values by default.
        mask_bits : int or collection of int, optional
            Reasons to leave out a pixel, as bits of the mask; any by default.
        masked_value : number
            What stands for bad pixels.

        Raises
        ------
        NoMaskError
            The data has no mask.
        """
        mask = self._mask(mask_bits, masked_value)
        return self[key or self.kind.data_key]._masked(mask)

    def _mask(self, bits: int | Collection[int] | None, value: float) -> Mask:
        key = self.kind.mask_key
        if key not in self:
            raise NoMaskError(
                f"{self.detector_name} has no {key} here: masks come with corrected data, "
                "see raw=False",
                key=key,
            )
        return Mask(key, combined_bits(bits), value)

    def data_availability(self, module_gaps: bool = False) -> NDArray[np.bool_]:
        """Tell which modules have pixel data, shape (modules, frames).

        Parameters
        ----------
        module_gaps : bool
            True to count missing modules too.
        """
        return self[self.kind.data_key].data_availability(module_gaps)

    def get_array(
        self,
        key: str,
        *,
        fill_value: float | None = None,
        roi: Any = (),
        astype: DTypeLike | None = None,
    ) -> xr.DataArray:
        """Read a key of all modules into a labelled array.

        Parameters
        ----------
        key : str
            Such as ``"header.pulseCount"``.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        roi : slice, int or tuple of these
            How to index each entry of each module.
        astype : dtype_like, optional
            Type of the result.
        """
        return self[key].xarray(fill_value=fill_value, roi=roi, astype=astype)

    def get_dask_array(
        self, key: str, fill_value: float | None = None, astype: DTypeLike | None = None
    ) -> xr.DataArray:
        """Give a lazy labelled array of a key of all modules.

        Parameters
        ----------
        key : str
            Such as ``"header.pulseCount"``.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        astype : dtype_like, optional
            Type of the result.
        """
        lazy: xr.DataArray = self[key].dask_array(
            labelled=True, fill_value=fill_value, astype=astype
        )
        return lazy

    def trains(self, require_all: bool = True) -> Iterator[tuple[int, dict[str, xr.DataArray]]]:
        """Go through the trains, reading ahead in the background.

        Parameters
        ----------
        require_all : bool
            True to skip trains in which any module lacks data.

        Yields
        ------
        train_id : int
        data : dict
            Labelled arrays by key; modules without data are left out.
        """
        return iterate_trains(self, None, require_all)

    def _label_train(self, array: xr.DataArray) -> xr.DataArray:
        return array

    def _entry_dimensions(self, n_axes: int) -> list[str]:
        """Name the axes of an entry."""
        return [f"dim_{i}" for i in range(n_axes)]

    def plot(self, key: str | None = None, **options: Any) -> Figure:
        """Draw one frame, or a mean of frames; options as for `MultimodKeyData.plot`.

        Parameters
        ----------
        key : str, optional
            What to draw; pixel values by default.
        """
        return self[key or self.kind.data_key].plot(**options)

    def drop_bad_trains(self) -> Self:
        """Give the same detector without the trains whose index contradicts the frames.

        Reading such a train raises DataError.
        """
        refused = self[self.kind.data_key]._key.unreadable().any(axis=0)
        return self._at(np.flatnonzero(~refused))

    # Files, by other packages ---------------------------------------------------------------

    def write_virtual_cxi(
        self,
        filename: str | PathLike[str],
        fillvalues: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Write a virtual CXI file that gives access to the detector data.

        Parameters
        ----------
        filename : path
            The file to write.
        fillvalues : dict, optional
            What stands for missing data, by dataset: data, gain, mask.
        **options
            ``overwrite=True`` to replace a file that exists.

        Raises
        ------
        MissingPackageError
            euxfel-writer is not installed.
        """
        upper_method("write_virtual_cxi", "euxfel-writer", "detector")(
            self, filename, fillvalues=fillvalues, **options
        )

    def write_cxi(
        self,
        filename: str | PathLike[str],
        photon_energy: ArrayLike | None = None,
        fillvalues: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Write a CXI file that holds the frames themselves, to be moved elsewhere.

        Parameters
        ----------
        filename : path
            The file to write.
        photon_energy : float or array_like, optional
            Photon energy in eV, for all frames or one value for each.
        fillvalues : dict, optional
            What stands for missing data, by dataset: data, gain, mask.
        **options
            ``compression`` (a level of deflate, 1 by default), ``overwrite``, ``progress``.

        Raises
        ------
        MissingPackageError
            euxfel-writer is not installed.
        """
        upper_method("write_cxi", "euxfel-writer", "detector")(
            self, filename, photon_energy, fillvalues, **options
        )
