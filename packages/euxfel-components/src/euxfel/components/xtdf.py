"""Detectors with any number of frames in a train (XTDF): AGIPD, DSSC and LPD."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from euxfel.core import DataCollection
from euxfel.core.plugins import upper_method

from .alignment import aligned_by_pulse, count_problems, uneven_trains
from .detector import MultimodDetector
from .frame_view import FrameKeyData, Subtrain
from .frames import Frames
from .ids import agreed_ids, ids_of_first_stage, labels, read_ids, stage_and_position
from .iteration import iterate_trains
from .labels import checked_fields, frame_index, index_coordinates
from .table import TABLE

if TYPE_CHECKING:
    import xarray as xr

Align = Literal["auto", "pulse", "position"]


class XtdfDetector(MultimodDetector):
    """Data of a detector with several modules and any number of frames in a train.

    Parameters
    ----------
    data, detector_name, modules, min_modules, raw
        As for `MultimodDetector`.
    align : str
        How frames of modules are put together: ``"pulse"`` by pulse ID, ``"position"`` by
        position in the train; ``"auto"`` by pulse ID in trains where modules have different
        numbers of frames, else by position, which is the same if nothing is wrong.
    """

    def __init__(
        self,
        data: DataCollection,
        detector_name: str | None = None,
        modules: Collection[int] | None = None,
        *,
        min_modules: int = 1,
        raw: bool | None = None,
        align: Align = "auto",
    ) -> None:
        if align not in {"auto", "pulse", "position"}:
            raise ValueError(f"align is 'auto', 'pulse' or 'position', not {align!r}")
        self._align = align
        self._known_ids: dict[str, NDArray[np.uint64]] = {}
        super().__init__(data, detector_name, modules, min_modules=min_modules, raw=raw)

    def _all_frames(self) -> Frames:
        frames = super()._all_frames()
        self._selection.scope.log.add(count_problems(self._modules, frames))
        if self._align == "position":
            return frames
        everywhere = np.ones(len(frames.slots), dtype=np.bool_)
        where = everywhere if self._align == "pulse" else uneven_trains(frames)
        return aligned_by_pulse(self._modules, frames, where) if where.any() else frames

    def _at(self, positions: NDArray[np.int64]) -> Self:
        narrowed = super()._at(positions)
        places = self._frames.places(positions)
        narrowed._known_ids = {f: ids[places] for f, ids in self._known_ids.items()}
        return narrowed

    @property
    def _gain_stages(self) -> int:
        """How often a train repeats its pulses."""
        return 1

    def _gain_stage_of_frames(self) -> NDArray[np.uint8]:
        return stage_and_position(self._frames, self._gain_stages)[0].astype(np.uint8)

    def _ids(self, field: str) -> NDArray[np.uint64]:
        """Give the pulse or cell ID of each frame, the same in all modules."""
        if field not in self._known_ids:
            ids = read_ids(self._modules, self._frames, field)
            if self._gain_stages > 1:
                ids = ids_of_first_stage(ids, self._frames, self._gain_stages)
            self._known_ids[field] = agreed_ids(ids, self._modules, self._frames, field)
        return self._known_ids[field]

    def _labels(self, field: str) -> NDArray[np.uint64]:
        """Give IDs that are unique in a train."""
        found, problems = labels(self._ids(field), self._frames, self._gain_stages, field)
        source = self._modules[0].name
        self._selection.scope.log.add(replace(p, source=source) for p in problems)
        return found

    def __getitem__(self, key: str) -> Any:
        if key.startswith("image."):
            return FrameKeyData(self, self._checked_key(key))
        return super().__getitem__(key)

    def get_array(
        self,
        key: str,
        pulses: Any = slice(None),
        unstack_pulses: bool = True,
        *,
        fill_value: float | None = None,
        subtrain_index: Subtrain = "pulseId",
        roi: Any = (),
        astype: DTypeLike | None = None,
    ) -> xr.DataArray:
        """Read a key of all modules into a labelled array.

        Parameters
        ----------
        key : str
            Such as ``"image.data"``.
        pulses : slice, int, list, array, ``by_index[...]`` or ``by_id[...]``
            Which pulses of each train, for ``image`` keys.
        unstack_pulses : bool
            False for one dimension ``train_pulse`` instead of ``train`` and ``pulse``.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        subtrain_index : str or sequence of str
            ``"pulseId"`` or ``"cellId"`` to label the frames of a train. Of several, the first
            makes the index, the others are coordinates beside it.
        roi : slice, int or tuple of these
            How to index each frame of each module.
        astype : dtype_like, optional
            Type of the result.
        """
        checked_fields(subtrain_index)
        if not key.startswith("image."):
            return super().get_array(key, fill_value=fill_value, roi=roi, astype=astype)
        array: xr.DataArray = (
            self[key]
            .select_pulses(pulses)
            .xarray(
                fill_value=fill_value,
                roi=roi,
                astype=astype,
                subtrain_index=subtrain_index,
                unstack_pulses=unstack_pulses,
            )
        )
        return array

    def get_dask_array(  # type: ignore[override]
        self,
        key: str,
        subtrain_index: str = "pulseId",
        fill_value: float | None = None,
        astype: DTypeLike | None = None,
    ) -> xr.DataArray:
        """Give a lazy labelled array of a key of all modules.

        Parameters
        ----------
        key : str
            Such as ``"image.data"``.
        subtrain_index : str
            ``"pulseId"`` or ``"cellId"`` to label the frames of a train.
        fill_value : number, optional
            What stands for missing data: NaN for floats and 0 for others by default.
        astype : dtype_like, optional
            Type of the result.

        Returns
        -------
        xarray.DataArray
            With the dimensions ``module``, ``train_pulse``, ``dim_0``, ...; an axis of length 1
            that raw files have is kept.
        """
        import xarray as xr

        (field,) = checked_fields(subtrain_index)
        if not key.startswith("image."):
            return super().get_dask_array(key, fill_value=fill_value, astype=astype)
        view = self[key]
        array = view.dask_array(fill_value=fill_value, astype=astype)
        if view._key.has_spare_axis:
            array = array[:, :, np.newaxis]
        names = ["trainId", "gain", field] if self._gain_stages > 1 else ["trainId", field]
        index = frame_index(self, None, field).set_names(names)
        dims = ["module", "train_pulse", *(f"dim_{i}" for i in range(array.ndim - 2))]
        labelled = xr.DataArray(array, dims=dims, coords={"module": view.modules})
        return labelled.assign_coords(index_coordinates(index))

    def masked_data(
        self,
        key: str | None = None,
        *,
        mask_bits: int | Collection[int] | None = None,
        masked_value: float = np.nan,
    ) -> FrameKeyData:
        """Give corrected data without bad pixels: see `MultimodDetector.masked_data`."""
        masked = super().masked_data(key, mask_bits=mask_bits, masked_value=masked_value)
        return cast(FrameKeyData, masked)

    def trains(  # type: ignore[override]
        self, pulses: Any = slice(None), require_all: bool = True
    ) -> Iterator[tuple[int, dict[str, xr.DataArray]]]:
        """Go through the trains, reading ahead in the background.

        Parameters
        ----------
        pulses : slice, int, list, array, ``by_index[...]`` or ``by_id[...]``
            Which pulses of each train, for ``image`` keys.
        require_all : bool
            True to skip trains in which any module lacks data.

        Yields
        ------
        train_id : int
        data : dict
            Labelled arrays by key; modules without data are left out.
        """
        return iterate_trains(self, pulses, require_all)

    def write_frames(
        self,
        filename: str | PathLike[str],
        trains: ArrayLike,
        pulses: ArrayLike,
        **options: Any,
    ) -> None:
        """Write chosen frames to a new file.

        Parameters
        ----------
        filename : path
            The file to write.
        trains, pulses : array_like of int
            Train and pulse IDs, one pair for each frame.
        **options
            ``overwrite=True`` to replace a file that exists.

        Raises
        ------
        MissingPackageError
            euxfel-writer is not installed.
        """
        train_ids, pulse_ids = np.asarray(trains), np.asarray(pulses)
        if train_ids.ndim != 1 or train_ids.shape != pulse_ids.shape:
            raise ValueError(
                f"trains and pulses must be of one dimension and equal length, not "
                f"{train_ids.shape} and {pulse_ids.shape}"
            )
        upper_method("write_frames", "euxfel-writer", "detector")(
            self, filename, train_ids, pulse_ids, **options
        )


class AGIPD1M(XtdfDetector):
    """AGIPD-1M: 16 modules of 512 x 128 pixels.

    Arguments are those of `XtdfDetector`.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.components import AGIPD1M
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import SimulatedRun, detector_modules
    >>> parts = detector_modules("SPB_DET_AGIPD1M-1", modules=[0, 1], module_shape=(8, 4))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = SimulatedRun(parts, train_ids=range(10000, 10003)).write(folder)
    ...     AGIPD1M(RunDirectory(written.path), raw=True).get_array("image.pulseId").sizes
    Frozen({'module': 2, 'train': 3, 'pulse': 4})
    """

    kind = TABLE["AGIPD1M"]


class AGIPD500K(XtdfDetector):
    """AGIPD-500K: 8 modules of 512 x 128 pixels; arguments are those of `XtdfDetector`."""

    kind = TABLE["AGIPD500K"]


class DSSC1M(XtdfDetector):
    """DSSC-1M: 16 modules of 128 x 512 pixels; arguments are those of `XtdfDetector`."""

    kind = TABLE["DSSC1M"]
