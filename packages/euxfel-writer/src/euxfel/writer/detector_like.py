"""What the writers need of a detector: any object that has it will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import FileRows


class DetectorLike(Protocol):
    """A detector made of modules, as `euxfel.components` has them."""

    detector_name: str
    n_modules: int
    source_to_modno: Mapping[str, int]

    @property
    def data(self) -> DataCollection:
        """The modules' sources, for the selected trains."""

    @property
    def first_module(self) -> int:
        """Number of the first module of the whole detector."""

    @property
    def data_key(self) -> str:
        """Key of the pixel values, such as ``"image.data"``."""

    @property
    def train_ids_perframe(self) -> NDArray[Any]:
        """Train ID of each entry."""

    def module_rows(self, module: int) -> Iterator[FileRows]:
        """Go through the rows of a module, with the places that they fill among all entries."""


def ids_of_frames(values: NDArray[Any]) -> NDArray[np.uint64]:
    """Give IDs as one list of numbers: raw data has an axis of length 1 beside the frames."""
    return values.reshape(-1).astype(np.uint64)
