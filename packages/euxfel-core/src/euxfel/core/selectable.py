"""Sources and trains that can be indexed, narrowed and put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, Section, SourceNameError
from euxfel.fileaccess.distinct import without

from . import run_metadata
from .inspection import inspect
from .problems import Problems
from .selecting import deselected, is_train_selection, selected_sources, without_empty_trains
from .selection import Selection
from .sourcedata import SourceData
from .split import split_parts
from .train_selection import pick_trains
from .user_warning import warn_user


class Selectable:
    """What every kind of collection can do: `DataCollection` adds the reading."""

    # Without this, iterating would try data[0], data[1] and so on.
    __iter__ = None

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def __repr__(self) -> str:
        n = len(self._selection.scope.train_ids)
        return f"<euxfel.DataCollection for {len(self.all_sources)} sources and {n} trains>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._selection.files:
            file.close()

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, str):
            return self._source_data(item)
        if isinstance(item, tuple) and len(item) == 2 and all(isinstance(s, str) for s in item):
            return self._source_data(item[0])[item[1]]
        if is_train_selection(item):
            return self.select_trains(item)
        raise TypeError(
            "index this data by source, by source and key, or by trains; "
            f"not by {type(item).__name__}"
        )

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return item in self._selection.sources or item in self._selection.legacy
        if isinstance(item, tuple) and len(item) == 2:
            source, key = item
            found = self._selection.find(source) if isinstance(source, str) else None
            return found is not None and isinstance(key, str) and found.full_key(key) is not None
        return False

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(self.all_sources)

    def _source_data(self, source: str) -> SourceData:
        found = self._selection.find(source)
        if found is None:
            raise SourceNameError(
                f"this data has no source {source!r}{_near(source, self.all_sources)}; see "
                ".all_sources, or .info()",
                source=source,
            )
        if found.name != found.stored.source:
            warn_user(
                f"{source} is an old name of {found.stored.source}; data to come will not have it",
                DeprecationWarning,
            )
        return SourceData(found, self._selection.scope)

    def _selected_keys(self) -> dict[str, set[str]]:
        """Give keys by source as `select` takes them, an empty set for all."""
        found = self._selection.by_every_name()
        return {name: set(source.keys or ()) for name, source in found.items()}

    def _sources_in(self, section: Section) -> frozenset[str]:
        found = self._selection.sources.items()
        return frozenset(name for name, source in found if source.section is section)

    @property
    def control_sources(self) -> frozenset[str]:
        """Names of the sources with one row per train."""
        return self._sources_in(Section.CONTROL)

    @property
    def instrument_sources(self) -> frozenset[str]:
        """Names of the sources with any number of rows per train."""
        return self._sources_in(Section.INSTRUMENT)

    @property
    def all_sources(self) -> frozenset[str]:
        """Names of all sources, old names included."""
        return frozenset(self._selection.sources) | frozenset(self._selection.legacy)

    @property
    def legacy_sources(self) -> dict[str, str]:
        """Old names of sources, each with its present name."""
        return dict(self._selection.legacy)

    @property
    def detector_sources(self) -> set[str]:
        """Names of the modules of multi-module detectors, by present name."""
        from .detector_names import is_detector

        return {name for name in self.instrument_sources if is_detector(name)}

    @property
    def selection(self) -> dict[str, set[str] | None]:
        """Selected keys by source, None where all are selected."""
        found = self._selection.sources.items()
        return {name: None if s.keys is None else set(s.keys) for name, s in found}

    @property
    def files(self) -> list[FileAccess]:
        """Files with the sources that list selected trains; one of each source at least."""
        return self._selection.files_with_trains

    @property
    def is_single_run(self) -> bool:
        """Whether all data is from one run."""
        return self._selection.scope.is_single_run

    @property
    def inc_suspect_trains(self) -> bool:
        """Whether data of suspect trains is used."""
        return self._selection.scope.inc_suspect

    @property
    def train_ids(self) -> list[int]:
        """IDs of the selected trains, in increasing order."""
        return self._selection.scope.listed()

    @property
    def suspect_train_ids(self) -> NDArray[np.uint64]:
        """IDs of selected trains that no file has from the time server."""
        chosen = self._selection.scope.train_ids
        good = [f.valid_train_ids for f in self._selection.files]
        return without(chosen, np.concatenate(good)) if good else chosen

    def select_trains(self, train_range: Any) -> Self:
        """Give the same sources for some of the trains.

        Parameters
        ----------
        train_range : slice, int, list, array, ``by_id[...]`` or ``by_index[...]``
            Positions or IDs of trains, or a boolean per train.
        """
        return self._with_trains(pick_trains(self._selection.scope.train_ids, train_range))

    def _with_trains(self, train_ids: NDArray[np.uint64]) -> Self:
        return type(self)(self._selection.with_trains(train_ids))

    @property
    def train_offsets(self) -> dict[str, int]:
        """Train offsets that are not 0, by source."""
        found = self._selection.sources.items()
        return {name: s.train_offset for name, s in found if s.train_offset}

    def with_train_offset(self, source: Any, offset: int) -> Self:
        """Give the same data with the train IDs of some sources moved.

        Some devices label their data with the ID of an earlier or later train. Everything that
        is done with the result aligns the moved train IDs: counts, arrays, selections, trains.

        Parameters
        ----------
        source : str, list or other selection
            Which sources, in the forms that `select` takes, such as a name or glob.
        offset : int
            Added to the train IDs as they are stored: with 1, the data stored for train 10000
            is that of train 10001. It replaces an offset given before; 0 takes it back.

        Returns
        -------
        DataCollection
            With the same `train_ids`: data moved to other trains cannot be selected. Errors name
            trains with the offset; `problems` names them as they are stored.

        Examples
        --------
        >>> import tempfile
        >>> from euxfel.core import RunDirectory
        >>> from euxfel.fileaccess.testing import small_run
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunDirectory(small_run().write(folder).path)
        ...     late = run.with_train_offset("*:daqOutput", 2)
        ...     late["SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"].data_counts(labelled=False)[:4]
        array([0, 0, 1, 1])
        """
        from .train_offset import with_train_offset

        return type(self)(with_train_offset(self._selection, source, offset))

    def split_trains(
        self, parts: int | None = None, trains_per_part: int | None = None
    ) -> Iterator[Self]:
        """Go through near-equal parts of the trains.

        Parameters
        ----------
        parts : int, optional
            How many parts at least.
        trains_per_part : int, optional
            How many trains a part may have at most.
        """
        train_ids = self._selection.scope.train_ids
        for part in split_parts(len(train_ids), parts, trains_per_part):
            yield self._with_trains(train_ids[part])

    def select(
        self,
        seln_or_source_glob: Any,
        key_glob: str = "*",
        require_all: bool = False,
        require_any: bool = False,
        *,
        warn_drop_trains_frac: float = 1.0,
    ) -> Self:
        """Give a part of the sources and keys.

        Parameters
        ----------
        seln_or_source_glob : str, list, dict, DataCollection, SourceData or KeyData
            A glob pattern for sources; a list of patterns or of pairs of patterns for source
            and key; a dictionary of sets of keys by source, an empty set for all keys; or what
            another object has selected. Keys of control data match without ``.value``.
        key_glob : str
            Pattern for keys, if the first argument is a pattern.
        require_all : bool
            True to keep only trains in which all selected keys have data. Sources of which only
            the snapshot at the start of the run was saved are passed over.
        require_any : bool
            True to keep only trains in which any selected key has data.
        warn_drop_trains_frac : float
            Warn if more than this fraction of the trains is dropped by ``require_all``.

        Raises
        ------
        ValueError
            If a pattern matches nothing.
        SourceNameError, PropertyNameError
            If a named source or key does not exist.
        """
        sources = selected_sources(self._selection, seln_or_source_glob, key_glob)
        chosen = self._selection.with_names(sources)
        if require_all or require_any:
            chosen = without_empty_trains(chosen, require_all, warn_drop_trains_frac)
        return type(self)(chosen)

    def deselect(self, seln_or_source_glob: Any, key_glob: str = "*") -> Self:
        """Give what is left without some sources and keys; same arguments as `select`."""
        sources = selected_sources(self._selection, seln_or_source_glob, key_glob)
        return type(self)(deselected(self._selection, sources))

    def union(self, *others: Selectable) -> Self:
        """Give the trains, sources and keys of all.

        Raises
        ------
        AliasError
            If an alias means two things.
        """
        return reduce(type(self)._union, others, self)

    def __or__(self, other: object) -> Self:
        if not isinstance(other, Selectable):
            return NotImplemented
        return self.union(other)

    def _union(self, other: Selectable) -> Self:
        both_single = self.is_single_run and other.is_single_run
        one_run = both_single and run_metadata.is_one_run(
            [self._selection.files, other._selection.files]
        )
        return type(self)(self._selection.merged(other._selection, one_run))

    def save_map(self) -> None:
        """Save what is known of the run's files, so that they open faster next time.

        Trains and sources are saved when a run is opened. This adds the indexes and keys read
        since, which are also saved, without being asked for, when the run is given up.
        """
        from .remembered import save_learned

        self._selection.scope.log.add(save_learned(self._selection.files))

    @property
    def problems(self) -> Problems:
        """Everything that is wrong with the selected data.

        The first time this looks at every index and at the header of every selected dataset,
        which takes seconds for the largest runs.
        """
        return inspect(self._selection)

    @property
    def known_problems(self) -> Problems:
        """What was noticed so far, without opening any file."""
        return self._selection.scope.log.known()


def _near(name: str, known: Iterable[str]) -> str:
    # Comparing names needs a module that nobody else here does.
    from .near_names import suggestion

    return suggestion(name, known)
