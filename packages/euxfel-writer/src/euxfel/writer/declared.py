"""What a new EXDF file will hold, as it is declared before the first train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import Section
from euxfel.fileaccess.names import is_valid_path


@dataclass(frozen=True)
class NewKey:
    """One key of a new source.

    Attributes
    ----------
    dtype : object
        Type of the values, as NumPy takes it; ``str`` for text.
    shape : tuple of int
        Shape of one entry.
    attributes : mapping
        Karabo attributes, such as ``{"unitSymbol": "m", "metricPrefixSymbol": "m"}``.
    compression : int
        Level of deflate, 0 for none.
    """

    dtype: Any = "f8"
    shape: tuple[int, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    compression: int = 0

    def values(self, given: Any, what: str) -> NDArray[Any]:
        """Give values as an array of the declared type.

        Raises
        ------
        ValueError
            If they have another shape, or would be changed by the cast.
        """
        if self.dtype is str:
            array = np.array(given, dtype=object)
        else:
            array = np.asarray(given)
            dtype = np.dtype(self.dtype)
            if array.dtype != dtype:
                cast = array.astype(dtype)
                if not np.array_equal(cast, array):
                    raise ValueError(f"{what}: values of {array.dtype} are not kept by {dtype}")
                array = cast
        if array.shape[1:] != self.shape or not array.ndim:
            raise ValueError(
                f"{what}: entries are declared as {self.shape}, the values have {array.shape[1:]}"
            )
        return array


@dataclass(frozen=True)
class NewSource:
    """One source of a new file.

    Attributes
    ----------
    section : Section
        CONTROL or INSTRUMENT.
    name : str
        Its name.
    keys : mapping of str to NewKey
        Its keys; without ``.value`` for control data.
    run_values : mapping
        Values of the RUN snapshot, of control data.
    """

    section: Section
    name: str
    keys: Mapping[str, NewKey]
    run_values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        is_instrument = self.section is Section.INSTRUMENT
        if not is_valid_path(self.name) or (":" in self.name) != is_instrument:
            form = "DEVICE:CHANNEL" if is_instrument else "DEVICE"
            raise ValueError(f"{self.name!r} is no name of a {self.section} source: {form}")
        for key in (*self.keys, *self.run_values):
            if not is_valid_path(key.replace(".", "/")) or (is_instrument and "." not in key):
                raise ValueError(f"{self.name}: {key!r} is no name of a key")

    @property
    def groups(self) -> list[str]:
        """Index groups, a single nameless one for control data."""
        return sorted({self.section.index_group(key) for key in self.keys}) or [""]

    def path(self, key: str) -> str:
        """HDF5 path of the dataset of a key."""
        full = key if self.section is Section.INSTRUMENT else f"{key}.value"
        return self.section.data_path(self.name, full)
