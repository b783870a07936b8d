"""JUNGFRAU: an entry is a train, with one frame or a burst of 16 memory cells."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from euxfel.core import DataCollection
from euxfel.fileaccess import DataError

from .detector import MultimodDetector
from .table import TABLE

if TYPE_CHECKING:
    import xarray as xr


class CellDetector(MultimodDetector):
    """Data of a detector whose entries have an axis of memory cells.

    Parameters
    ----------
    data, detector_name, modules, min_modules, raw
        As for `MultimodDetector`; `modules` are numbers as the sources have them.
    n_modules : int, optional
        Modules of the whole detector; by default as many as its highest number tells.
    first_modno : int
        Number that the source of the first module has. Modules are numbered from 1 here.
    """

    def __init__(
        self,
        data: DataCollection,
        detector_name: str | None = None,
        modules: Collection[int] | None = None,
        *,
        min_modules: int = 1,
        n_modules: int | None = None,
        first_modno: int = 1,
        raw: bool | None = None,
    ) -> None:
        self._n_modules_said = n_modules
        self._first_modno = first_modno
        super().__init__(data, detector_name, modules, min_modules=min_modules, raw=raw)

    def _set_modules(self, numbers: dict[str, int]) -> None:
        shift = self.kind.first_module - self._first_modno
        super()._set_modules({source: n + shift for source, n in numbers.items()})

    def _count_modules(self) -> int:
        said = self._n_modules_said or self.kind.n_modules
        return int(said or self._all_numbers[-1] - self._first_modno + 1)

    @property
    def _frames_per_entry(self) -> int:
        return int(self[self.kind.data_key]._key.entry_shape[0])

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
            Such as ``"data.adc"``.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        roi : slice, int or tuple of these
            How to index each entry of each module; the first axis is memory cells.
        astype : dtype_like, optional
            Type of the result.

        Returns
        -------
        xarray.DataArray
            Pixels with the dimensions module, train, cell, slow_scan, fast_scan.
        """
        array = super().get_array(key, fill_value=fill_value, roi=roi, astype=astype)
        return self._label_train(array)

    def get_dask_array(
        self, key: str, fill_value: float | None = None, astype: DTypeLike | None = None
    ) -> xr.DataArray:
        """Give a lazy labelled array of a key: see `get_array`."""
        array = super().get_dask_array(key, fill_value=fill_value, astype=astype)
        return self._label_train(array)

    def _label_train(self, array: xr.DataArray) -> xr.DataArray:
        """Name the axes of an entry."""
        has_pixels = array.ndim - ("trainId" in array.dims) == 4 or "dim_2" in array.dims
        names = {
            f"dim_{i}": n for i, n in enumerate(self._entry_dimensions(3 if has_pixels else 1))
        }
        names = {old: new for old, new in names.items() if old in array.dims}
        return array.rename({**names, **({"trainId": "train"} if "trainId" in array.dims else {})})

    def _entry_dimensions(self, n_axes: int) -> list[str]:
        known = {3: ["cell", "slow_scan", "fast_scan"], 1: ["cell"]}
        return known.get(n_axes, super()._entry_dimensions(n_axes))

    def cell_ids(self) -> NDArray[np.uint8]:
        """Give the memory cell of each frame of a train, from the first train.

        Raises
        ------
        DataError
            Modules have different cells.
        """
        view = self.select_trains(slice(0, 1))["data.memoryCell"]
        cells = view.ndarray()[:, 0][view.data_availability()[:, 0]]
        if (cells != cells[0]).any():
            raise DataError(
                f"modules of {self.detector_name} have different memory cells in train "
                f"{self.train_ids[0]}; choose some with modules=",
                key="data.memoryCell",
                trains=self.train_ids[:1],
            )
        first: NDArray[np.uint8] = cells[0]
        return first


class JUNGFRAU(CellDetector):
    """JUNGFRAU: any number of modules of 512 x 1024 pixels.

    Arguments are those of `CellDetector`.
    """

    kind = TABLE["JUNGFRAU"]
