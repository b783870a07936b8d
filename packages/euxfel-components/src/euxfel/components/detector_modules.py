"""The modules of a detector: which there are, and what is known without reading data."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import FileRows
from euxfel.core.problems import Problems
from euxfel.core.selection import SelectedSource
from euxfel.fileaccess import NoDataError
from euxfel.fileaccess.distinct import distinct

from .frames import Frames
from .modules import find_modules, one_detector_name, with_numbers
from .table import DetectorType

if TYPE_CHECKING:
    import pandas as pd


class HasModules:
    """The modules of a detector, and the axis of frames that they share."""

    kind: ClassVar[DetectorType]
    """The type's row in the table of detectors."""
    n_modules: int
    _frames: Frames

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
