"""A detector made of modules that are sources of their own: what all types have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import FileRows
from euxfel.core.plugins import upper_method
from euxfel.core.problems import Problems
from euxfel.core.selection import SelectedSource
from euxfel.core.split import split_parts
from euxfel.core.train_selection import pick_trains
from euxfel.fileaccess import NoDataError, PropertyNameError
from euxfel.fileaccess.distinct import distinct

from .errors import NoMaskError
from .frames import Frames
from .iteration import iterate_trains
from .masked import Mask, combined_bits
from .modules import find_modules, one_detector_name, with_numbers
from .parts import parts_of_frames
from .table import DetectorType
from .view import MultimodKeyData

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure


class MultimodDetector:
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

    kind: ClassVar[DetectorType]
    """The type's row in the table of detectors."""
    n_modules: int
    _slots_at_least = 1

    def __init__(
        self,
        data: DataCollection,
        detector_name: str | None = None,
        modules: Collection[int] | None = None,
        *,
        min_modules: int = 1,
        raw: bool | None = None,
    ) -> None:
        if min_modules < 1:
            raise ValueError(f"min_modules must be at least 1, not {min_modules!r}")
        selection = data._selection
        instruments = {n: s for n, s in selection.sources.items() if s.section == "INSTRUMENT"}
        name = detector_name or one_detector_name(self.kind, instruments)
        found, self._is_raw = find_modules(self.kind, instruments, name, raw)
        self.detector_name = name
        self._all_numbers = sorted(found.values())
        self._set_modules(with_numbers(found, modules, name))
        self.n_modules = self._count_modules()
        chosen = selection.with_sources(self._sources(instruments))
        # Modules are known by one name each; with the old ones there would seem to be more.
        self._selection = replace(chosen, legacy={})
        self._group_frames: dict[str, Frames] = {}
        self._frames = self._with_modules(self._all_frames(), min_modules)

    def _sources(self, known: dict[str, SelectedSource]) -> list[SelectedSource]:
        self._modules = tuple(known[name] for name in self.source_to_modno)
        return list(self._modules)

    def _set_modules(self, numbers: dict[str, int]) -> None:
        self._set_sources(numbers)

    def _set_sources(self, numbers: dict[str, int]) -> None:
        by_number = sorted(numbers.items(), key=lambda item: item[1])
        self.source_to_modno = dict(by_number)
        self.modno_to_source = {number: source for source, number in by_number}

    def _count_modules(self) -> int:
        return self.kind.n_modules or self._all_numbers[-1] - self.kind.first_module + 1

    def _all_frames(self) -> Frames:
        return self._read_frames(self._main_group, self._selection.scope.train_ids)

    def _read_frames(self, group: str, train_ids: NDArray[np.uint64]) -> Frames:
        scope = self._selection.scope.with_trains(train_ids)
        return Frames.of([s.entries(group, scope) for s in self._modules], train_ids)

    def _with_modules(self, frames: Frames, min_modules: int) -> Frames:
        present = np.flatnonzero((frames.count > 0).sum(axis=0) >= min_modules)
        if not len(present):
            raise NoDataError(
                f"no selected train has data of {min_modules} or more modules of "
                f"{self.detector_name}"
            )
        return frames.take(present)

    @property
    def _main_group(self) -> str:
        return self.kind.data_key.partition(".")[0]

    # What it is -----------------------------------------------------------------------------

    def __repr__(self) -> str:
        which = "raw" if self._is_raw else "corrected"
        return (
            f"<{type(self).__name__} {self.detector_name!r}: {which} data, "
            f"{len(self._modules)} modules, {len(self._frames.train_ids)} trains>"
        )

    def __contains__(self, key: str) -> bool:
        return all(source.has_key(key) for source in self._modules)

    @property
    def module_shape(self) -> tuple[int, int]:
        """Pixels of a module along slow and fast scan."""
        return self.kind.module_shape

    @property
    def data_key(self) -> str:
        """Key of the pixel values, such as ``"image.data"``."""
        return self.kind.data_key

    @property
    def first_module(self) -> int:
        """Number of the first module of the whole detector."""
        return self.kind.first_module

    def module_rows(self, module: int) -> Iterator[FileRows]:
        """Go through the rows of a module, for programs that write files.

        Parameters
        ----------
        module : int
            Number of the module.

        Yields
        ------
        FileRows
            Rows of one of the files of the module's source, and the places that they fill among
            the entries of all trains.
        """
        return self._frames.pieces(list(self.modno_to_source).index(module))

    @property
    def data(self) -> DataCollection:
        """The modules' sources, for the trains of this detector."""
        return DataCollection(self._selection.with_trains(self._frames.train_ids))

    @property
    def train_ids(self) -> list[int]:
        """IDs of the trains, in increasing order."""
        return list(self._frames.train_ids)

    @property
    def frame_counts(self) -> pd.Series[Any]:
        """Entries of each train, a pandas Series by train ID."""
        import pandas as pd

        return pd.Series(self._frames.slots.astype(np.uint64), index=self._frames.train_ids)

    @property
    def train_ids_perframe(self) -> NDArray[np.uint64]:
        """Train ID of each entry."""
        return np.repeat(self._frames.train_ids, self._frames.slots)

    @property
    def frames_per_train(self) -> int:
        """Frames of every train.

        Raises
        ------
        ValueError
            Trains have different numbers of frames.
        """
        counts = distinct(self._frames.slots).tolist()
        if len(counts) != 1:
            raise ValueError(f"trains have different numbers of frames: {counts}")
        return int(counts[0]) * self._frames_per_entry

    @property
    def _frames_per_entry(self) -> int:
        return 1

    @property
    def problems(self) -> Problems:
        """What was found to be wrong with the data of the modules so far."""
        names = set(self.source_to_modno)
        known = self._selection.scope.log.known()
        return Problems(p for p in known if p.source in names)

    # Which trains ---------------------------------------------------------------------------

    def select_trains(self, trains: Any) -> Self:
        """Give the same detector for some of the trains.

        Parameters
        ----------
        trains : slice, int, list, array, ``by_id[...]`` or ``by_index[...]``
            Positions or IDs of trains, or a boolean per train.
        """
        wanted = pick_trains(self._frames.train_ids, trains)
        return self._at(np.searchsorted(self._frames.train_ids, wanted))

    def _at(self, positions: NDArray[np.int64]) -> Self:
        narrowed = copy(self)
        narrowed._frames = self._frames.take(positions)
        narrowed._group_frames = {}
        return narrowed

    def split_trains(
        self,
        parts: int | None = None,
        trains_per_part: int | None = None,
        frames_per_part: int | None = None,
    ) -> Iterator[Self]:
        """Go through parts of the trains.

        Parameters
        ----------
        parts : int, optional
            How many parts at least.
        trains_per_part : int, optional
            How many trains a part may have at most.
        frames_per_part : int, optional
            How many frames a part may have at most; a part is one train at least.
        """
        if parts is None and trains_per_part is None and frames_per_part is None:
            raise ValueError("give parts, trains_per_part or frames_per_part")
        for part in self._slices(parts, trains_per_part, frames_per_part):
            yield self._at(np.arange(len(self._frames.train_ids))[part])

    def _slices(
        self, parts: int | None, trains_per_part: int | None, frames_per_part: float | None
    ) -> list[slice]:
        n_trains, counts = len(self._frames.slots), self._frames.slots * self._frames_per_entry
        if frames_per_part is None or not n_trains:
            return split_parts(n_trains, parts or 1, trains_per_part)
        if (counts == counts[0]).all():
            fitting = max(1, int(frames_per_part // int(counts[0])))
            return split_parts(n_trains, parts or 1, min(fitting, trains_per_part or fitting))
        most = n_trains if trains_per_part is None else trains_per_part
        return parts_of_frames(counts, frames_per_part, min(most, n_trains // (parts or 1)))

    def drop_bad_trains(self) -> Self:
        """Give the same detector without the trains whose index contradicts the frames.

        Reading such a train raises DataError.
        """
        refused = self[self.kind.data_key]._key.unreadable().any(axis=0)
        return self._at(np.flatnonzero(~refused))

    # Data -----------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> MultimodKeyData:
        return MultimodKeyData(self, self._checked_key(key))

    def _checked_key(self, key: str) -> str:
        for source in self._modules:
            if not source.has_key(key):
                raise PropertyNameError(
                    f"{source.name} has no key {key!r}", source=source.name, key=key
                )
        return key

    def _frames_of(self, key: str) -> Frames:
        """Give the axis of a key; trains without entries have a slot beside other trains."""
        group = key.partition(".")[0]
        if group not in self._group_frames:
            found = self._read_frames(group, self._frames.train_ids)
            slots = np.maximum(found.slots, 1)
            self._group_frames[group] = Frames(
                found.train_ids, found.file, found.first, found.count, found.bad, slots
            )
        return self._group_frames[group]

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

    def _of_modules(self, numbers: Collection[int]) -> Self:
        """Give the same detector with some of its modules, on the same axis of frames."""
        if len(numbers) == len(self._modules):
            return self
        narrowed = copy(self)
        chosen = [i for i, m in enumerate(self.modno_to_source) if m in numbers]
        narrowed._set_sources({self.modno_to_source[m]: m for m in numbers})
        narrowed._modules = tuple(self._modules[i] for i in chosen)
        narrowed._frames = self._frames.of_modules(chosen)
        narrowed._group_frames = {}
        return narrowed

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
