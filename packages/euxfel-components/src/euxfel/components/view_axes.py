"""The axes of one key of all modules: modules, entries, pixels, and which trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.core import KeyData
from euxfel.fileaccess.cached import cached_property

from .frames import I64, Frames
from .masked import Mask
from .module_key import ModuleKey, kept

if TYPE_CHECKING:
    from .detector import MultimodDetector


class HasAxes:
    """What is known of one key of all modules before it is read."""

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
