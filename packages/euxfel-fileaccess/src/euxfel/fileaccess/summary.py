"""What a map of a run remembers of one file: its trains and its sources."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .names import is_valid_path
from .sections import Section
from .trains import TrainTable, inspected, rogue_ids

_NAME_MAX = 1000


@dataclass(frozen=True, slots=True, eq=False)
class FileSummary:
    """Trains and sources of one file, so that it need not be opened to know them.

    Attributes
    ----------
    train_ids : ndarray of uint64, shape (trains,)
        IDs of all trains in the order they are stored, padding left out.
    suspect_indices : ndarray of int64
        Positions in `train_ids` of trains whose ID did not come from the time server.
    control_sources, instrument_sources : frozenset of str
        Names of sources, legacy names left out.
    legacy_sources : dict of str to str
        Old name of a source to its present one.
    reduction_sources, errata_sources : frozenset of str or None
        Names of auxiliary sources; None if the map does not tell them.
    shared_table : TrainTable or None
        What `table` gives where it is known already, for many files with the same trains.
    """

    train_ids: NDArray[np.uint64]
    suspect_indices: NDArray[np.int64]
    control_sources: frozenset[str]
    instrument_sources: frozenset[str]
    legacy_sources: dict[str, str]
    reduction_sources: frozenset[str] | None = None
    errata_sources: frozenset[str] | None = None
    shared_table: TrainTable | None = field(default=None, repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileSummary):
            return NotImplemented
        return (
            np.array_equal(self.train_ids, other.train_ids)
            and np.array_equal(self.suspect_indices, other.suspect_indices)
            and self._sources == other._sources
        )

    # Holds arrays, so that there is nothing stable to hash.
    __hash__ = None  # type: ignore[assignment]

    def table(self, filename: str) -> TrainTable:
        """Give the trains as a table, with what is wrong with them."""
        if self.shared_table is not None:
            return self.shared_table
        ids = np.asarray(self.train_ids, dtype=np.uint64)
        # Not every writer of maps looks for rogue IDs.
        valid = ~rogue_ids(ids)
        valid[self.suspect_indices] = False
        return inspected(TrainTable(ids, valid, np.arange(len(ids))), filename)

    def sources(self, section: Section) -> frozenset[str] | None:
        """Give the sources of one section, legacy names left out; None if it is not told."""
        if section is Section.REDUCTION:
            return self.reduction_sources
        if section is Section.ERRATA:
            return self.errata_sources
        control = section is Section.CONTROL
        names = self.control_sources if control else self.instrument_sources
        # Run maps list old names both among the sources and apart.
        return names.difference(self.legacy_sources) if self.legacy_sources else names

    @property
    def _sources(self) -> tuple[object, ...]:
        return (
            self.control_sources,
            self.instrument_sources,
            self.legacy_sources,
            self.reduction_sources,
            self.errata_sources,
        )


def is_source_name(name: object) -> bool:
    """Whether something read from a map can be the name of a source.

    Examples
    --------
    >>> from euxfel.fileaccess.summary import is_source_name
    >>> is_source_name("SPB_XTD9_XGM/DOOCS/MAIN"), is_source_name("../INDEX"), is_source_name(7)
    (True, False, False)
    """
    if not isinstance(name, str) or len(name) > _NAME_MAX or not is_valid_path(name):
        return False
    # JSON can spell half of a surrogate pair, which no file can hold.
    return name.isascii() or name == name.encode(errors="replace").decode()
