"""One key with a row for every frame: pulses can be chosen, and frames are labelled with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from euxfel.fileaccess.cached import cached_property

from .frames import I64, Frames
from .labels import frame_coordinates, unstacked
from .lazy import as_dask
from .pulses import PulseChoice, picked_by_id, picked_by_position, pulse_choice
from .view import MultimodKeyData

if TYPE_CHECKING:
    import xarray as xr

    from .xtdf import XtdfDetector

Subtrain = str | Sequence[str]


class FrameKeyData(MultimodKeyData):
    """Data of one key of all modules, shape (modules, frames, ...)."""

    det: XtdfDetector
    _squeezed = True

    def __init__(self, det: XtdfDetector, key: str) -> None:
        super().__init__(det, key)
        self._choice: PulseChoice | None = None

    def _of(self, det: Any) -> Self:
        other = super()._of(det)
        other._choice = self._choice
        return other

    @property
    def _frames(self) -> Frames:
        return self.det._frames

    @cached_property
    def _chosen(self) -> I64 | None:
        if self._choice is None:
            return None
        if self._choice.by_id:
            ids = self.det._ids("pulseId")
            return picked_by_id(self._choice, ids, self._frames, self.det._gain_stages)
        return picked_by_position(self._choice, self._frames, self.det._gain_stages)

    @property
    def _picked(self) -> I64 | None:
        return self._chosen

    @property
    def dimensions(self) -> list[str]:
        """Names of the dimensions."""
        n_inner = self.ndim - 2
        names = {3: ["data_gain", "slow_scan", "fast_scan"], 2: ["slow_scan", "fast_scan"]}
        return ["module", "train_pulse", *names.get(n_inner, [f"dim_{i}" for i in range(n_inner)])]

    def select_pulses(self, pulses: Any) -> Self:
        """Give the same data for some pulses of each train.

        Parameters
        ----------
        pulses : slice, int, list, array, ``by_index[...]`` or ``by_id[...]``
            Positions in each train, where negative ones count from its end, or pulse IDs. A
            list or array gives the order of the frames in a train. What a train does not have
            is passed over.
        """
        chosen = self._of(self.det)
        chosen._choice = pulse_choice(pulses)
        return chosen

    def pulse_id_coordinates(self) -> NDArray[np.uint64]:
        """Give the pulse ID of each frame.

        Raises
        ------
        DataError
            Modules have different IDs.
        """
        return self._of_frames(self.det._ids("pulseId"))

    def cell_id_coordinates(self) -> NDArray[np.uint64]:
        """Give the memory cell of each frame.

        Raises
        ------
        DataError
            Modules have different IDs.
        """
        return self._of_frames(self.det._ids("cellId"))

    def _pulse_labels(self) -> NDArray[np.uint64]:
        return self._of_frames(self.det._labels("pulseId"))

    def _of_frames(self, values: NDArray[Any]) -> NDArray[Any]:
        return values.copy() if self._picked is None else values[self._picked]

    def _labelled(self, array: Any, subtrain_index: Subtrain, roi: Any = ()) -> xr.DataArray:
        import xarray as xr

        coords = frame_coordinates(self.det, self._picked, subtrain_index)
        dims = self._dimensions_of(roi)
        labelled = xr.DataArray(array, dims=dims, coords={"module": self.modules})
        return labelled.assign_coords(coords)

    def xarray(
        self,
        *,
        pulses: Any = None,
        fill_value: float | None = None,
        roi: Any = (),
        astype: DTypeLike | None = None,
        subtrain_index: Subtrain = "pulseId",
        unstack_pulses: bool = False,
        decompress_threads: int | None = None,
    ) -> xr.DataArray:
        """Read all modules into one labelled array.

        Parameters
        ----------
        pulses : pulse selection, optional
            As for `select_pulses`.
        fill_value, roi, astype, decompress_threads
            As for `ndarray`.
        subtrain_index : str or sequence of str
            ``"pulseId"`` or ``"cellId"`` to label the frames of a train. Of several, the first
            makes the index, the others are coordinates beside it.
        unstack_pulses : bool
            True for separate dimensions of trains and pulses.

        Returns
        -------
        xarray.DataArray
            The ``train_pulse`` index has the levels ``train`` and ``pulse`` or ``cell``.
        """
        if pulses is not None:
            return self.select_pulses(pulses).xarray(
                fill_value=fill_value,
                roi=roi,
                astype=astype,
                subtrain_index=subtrain_index,
                unstack_pulses=unstack_pulses,
                decompress_threads=decompress_threads,
            )
        array = self.ndarray(
            fill_value=fill_value, roi=roi, astype=astype, decompress_threads=decompress_threads
        )
        labelled = self._labelled(array, subtrain_index, roi)
        return unstacked(labelled) if unstack_pulses else labelled

    def dask_array(
        self,
        *,
        labelled: bool = False,
        subtrain_index: Subtrain = "pulseId",
        fill_value: float | None = None,
        astype: DTypeLike | None = None,
        frames_per_chunk: int | None = None,
    ) -> Any:
        """Give a lazy Dask array, cut into chunks of whole trains.

        Parameters
        ----------
        labelled : bool
            True for an xarray DataArray around it.
        subtrain_index : str or sequence of str
            ``"pulseId"`` or ``"cellId"`` to label the frames of a train.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        astype : dtype_like, optional
            Type of the result; as stored by default.
        frames_per_chunk : int, optional
            Most frames of a chunk, one train at least; 128 MiB by default.
        """
        array = as_dask(self, fill_value, astype, frames_per_chunk)
        return self._labelled(array, subtrain_index) if labelled else array
