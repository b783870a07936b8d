"""One key of all modules: its layout, and how it is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from euxfel.core.region import Region
from euxfel.core.selection import SelectedSource
from euxfel.core.source_files import KeyLayout
from euxfel.fileaccess import DataError
from euxfel.fileaccess.cached import cached_property

from .frames import I64, Frames
from .plan import Place, ReadPlan


@dataclass(frozen=True, eq=False)
class ModuleKey:
    """One key of some modules on a common axis of frames.

    Attributes
    ----------
    sources : tuple of SelectedSource
        The modules, in order of number.
    key : str
        Name of the key.
    frames : Frames
        Which rows go where.
    squeezed : bool
        Whether entries may lose a first axis of length 1, which raw files have for no reason.
    """

    sources: Sequence[SelectedSource]
    key: str
    frames: Frames
    squeezed: bool = False

    @cached_property
    def layout(self) -> KeyLayout:
        """Type and shape of an entry as stored, the same in all modules.

        Raises
        ------
        DataError
            If modules or files differ: nothing is cast without being asked.
        """
        layouts = [self._layout_of(i) for i in range(len(self.sources))]
        for source, found in zip(self.sources, layouts, strict=True):
            if found != layouts[0]:
                first = self.sources[0].name
                raise DataError(
                    f"{source.name} has {self.key} as {found}, {first} as {layouts[0]}; "
                    "choose modules of one kind with modules=",
                    source=source.name,
                    key=self.key,
                )
        return layouts[0]

    def _layout_of(self, module: int) -> KeyLayout:
        return self.sources[module].layout(self.key, self.frames.entries(module))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the data as stored."""
        return self.layout.dtype

    @property
    def has_spare_axis(self) -> bool:
        """Whether stored entries have a first axis of length 1 that is left out."""
        return self.squeezed and self.layout.entry_shape[:1] == (1,)

    @property
    def entry_shape(self) -> tuple[int, ...]:
        """Shape of an entry."""
        shape = self.layout.entry_shape
        return shape[1:] if self.has_spare_axis else shape

    def region(self, roi: Any) -> Region:
        """Give the part of an entry that a user asked for.

        Raises
        ------
        IndexError
            It has more axes than an entry, or names a position outside of it.
        """
        return Region.of(roi, self.entry_shape)

    def check_rows(self) -> None:
        """Refuse rows that cannot be read rightly.

        Raises
        ------
        DataError
            If an index makes no sense or claims rows that a dataset lacks.
        """
        for i, source in enumerate(self.sources):
            source.stored.check_rows(self.key, self.frames.entries(i))

    def unreadable(self) -> NDArray[np.bool_]:
        """Tell which entries `check_rows` refuses, shape (modules, trains)."""
        return np.stack(
            [
                source.stored.unreadable(self.key, self.frames.entries(i))
                for i, source in enumerate(self.sources)
            ]
        )

    def plan(
        self,
        picked: I64 | None = None,
        *,
        modules: Sequence[int] | None = None,
        at: Sequence[int] | None = None,
        n_places: int | None = None,
        roi: Any = (),
        dtype: DTypeLike | None = None,
        fill_value: Any = None,
    ) -> ReadPlan:
        """Say what to read for some frames of some modules.

        Parameters
        ----------
        picked : ndarray of int64, optional
            Places on the axis, in the order wanted; all by default.
        modules : sequence of int, optional
            Positions of modules; all by default.
        at : sequence of int, optional
            Where on the first axis of the result the modules go; one after the other by default.
        n_places : int, optional
            Length of that axis, if there are places for modules that are missing.
        roi : slice, int, list or tuple of these
            How to index each entry.
        dtype : dtype_like, optional
            Type of the result; as stored by default.
        fill_value : number, optional
            What stands in gaps; NaN for floats and 0 for others by default.
        """
        chosen = range(len(self.sources)) if modules is None else modules
        targets = range(len(chosen)) if at is None else at
        places = [
            place
            for target, module in zip(targets, chosen, strict=True)
            for place in self._places(target, module, picked)
        ]
        n_frames = self.frames.total if picked is None else len(picked)
        region = self.region(roi)
        length = len(chosen) if n_places is None else n_places
        return ReadPlan(
            tuple(places),
            (length, n_frames, *region.shape),
            self.dtype if dtype is None else np.dtype(dtype),
            self._gaps(picked, chosen, targets, (length, n_frames)),
            fill_value,
            region,
            self.has_spare_axis,
            self._what,
        )

    def _gaps(
        self,
        picked: I64 | None,
        chosen: Sequence[int],
        targets: Sequence[int],
        shape: tuple[int, int],
    ) -> NDArray[np.bool_] | None:
        if self.frames.is_full and len(targets) == shape[0]:
            return None
        gaps = np.ones(shape, dtype=np.bool_)
        gaps[list(targets)] = ~self.frames.available(picked)[list(chosen)]
        return gaps if gaps.any() else None

    def _places(self, position: int, module: int, picked: I64 | None) -> list[Place]:
        stored = self.sources[module].stored
        path = stored.section.data_path(stored.source, self.key)
        return [
            Place(stored.files[p.file].handle, path, p.ranges, position, p.start, p.stop)
            for p in self.frames.pieces(module, picked)
        ]

    @property
    def _what(self) -> str:
        return f"{self.key} of {self.sources[0].name} and {len(self.sources) - 1} other modules"

    @property
    def frame_bytes(self) -> int:
        """Size of one entry of one module."""
        return self.dtype.itemsize * math.prod(self.entry_shape)


def kept(dimensions: Sequence[str], region: Region) -> list[str]:
    """Leave out the names of the inner axes that a region drops.

    Examples
    --------
    >>> from euxfel.components.module_key import kept
    >>> from euxfel.core.region import Region
    >>> kept(["module", "trainId", "dim_0", "dim_1"], Region.of((0, slice(4)), (8, 8)))
    ['module', 'trainId', 'dim_1']
    """
    outer = len(dimensions) - len(region.basic)
    inner = zip(dimensions[outer:], region.basic, strict=True)
    return [*dimensions[:outer], *(name for name, item in inner if isinstance(item, slice))]
