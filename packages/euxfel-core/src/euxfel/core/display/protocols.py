"""What the display needs of a collection, its sources and keys: nothing that reads values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess.filenames import FileNameFacts, PathFacts
from euxfel.fileaccess.problems import Problem


class FileLike(Protocol):
    """One data file, as far as it is known without opening it again."""

    @property
    def filename(self) -> str:
        """Path of the file."""

    @property
    def aggregator(self) -> str | None:
        """Data aggregator that wrote the file, by its name."""

    @property
    def name_facts(self) -> FileNameFacts | None:
        """What the file's name says."""

    @property
    def path_facts(self) -> PathFacts | None:
        """What the file's place says."""

    @property
    def train_ids(self) -> NDArray[np.uint64]:
        """Trains that the file lists."""


class KeyLike(Protocol):
    """One key of a source."""

    @property
    def source(self) -> str:
        """Name of the source."""

    @property
    def key(self) -> str:
        """Name of the key."""

    @property
    def section(self) -> str:
        """Where in the files the source stands."""

    @property
    def train_ids(self) -> Sequence[int]:
        """Selected trains."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the data."""

    @property
    def entry_shape(self) -> tuple[int, ...]:
        """Shape of one entry."""

    @property
    def units(self) -> str | None:
        """Symbol of the units."""


class SourceLike(Protocol):
    """One source with its selected trains."""

    @property
    def source(self) -> str:
        """Name of the source."""

    @property
    def section(self) -> str:
        """Where in the files the source stands."""

    @property
    def train_ids(self) -> Sequence[int]:
        """Selected trains."""

    @property
    def is_control(self) -> bool:
        """Whether the source has one entry per train."""

    @property
    def files(self) -> Sequence[FileLike]:
        """Files that hold the source."""

    @property
    def index_groups(self) -> AbstractSet[str]:
        """Parts of the source with entries of their own."""

    @property
    def device_class(self) -> str | None:
        """Class of the device, None if it is not known."""

    def keys(self, inc_timestamps: bool = True) -> AbstractSet[str]:
        """Give the names of the keys."""

    def run_keys(self, inc_timestamps: bool = True) -> AbstractSet[str]:
        """Give the names of the keys in the snapshot at the start of the run."""

    def data_counts(
        self, labelled: Literal[False], index_group: str | None = None
    ) -> NDArray[np.int64]:
        """Give the number of entries per selected train."""

    def __getitem__(self, key: str, /) -> KeyLike: ...


class AuxiliaryLike(Protocol):
    """Sources that tell about other sources."""

    @property
    def reduction_sources(self) -> AbstractSet[str]:
        """Sources that tell how data was reduced."""

    @property
    def errata_sources(self) -> AbstractSet[str]:
        """Sources that tell what is wrong with data."""

    def __getitem__(self, source: str, /) -> SourceLike: ...


class CollectionLike(Protocol):
    """Files, trains and sources seen as one."""

    @property
    def train_ids(self) -> Sequence[int]:
        """Selected trains."""

    @property
    def suspect_train_ids(self) -> NDArray[np.uint64]:
        """Trains whose IDs did not come from the time server."""

    @property
    def control_sources(self) -> AbstractSet[str]:
        """Sources with one entry per train."""

    @property
    def instrument_sources(self) -> AbstractSet[str]:
        """Sources with any number of entries per train."""

    @property
    def legacy_sources(self) -> Mapping[str, str]:
        """Old names of sources, each with its present name."""

    @property
    def train_offsets(self) -> Mapping[str, int]:
        """Train offsets that are not 0, by source."""

    @property
    def files(self) -> Iterable[FileLike]:
        """Files of the collection."""

    @property
    def is_single_run(self) -> bool:
        """Whether all files are of one run."""

    @property
    def known_problems(self) -> Iterable[Problem]:
        """What was found wrong so far."""

    @property
    def auxiliary(self) -> AuxiliaryLike:
        """Sources that tell about other sources."""

    def __getitem__(self, source: str, /) -> SourceLike: ...
