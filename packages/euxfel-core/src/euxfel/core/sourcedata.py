"""One source: its keys, which trains it has data for, its snapshot at the start of the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import NoDataError, PropertyNameError

from . import arrays, run_values
from .key_selection import matching_keys
from .keydata import KeyData
from .one_source import OneSource
from .run_metadata import is_one_run, single_run_metadata
from .short_names import short_names

if TYPE_CHECKING:
    import pandas as pd


class SourceData(OneSource):
    """Data of one source, for the selected trains.

    Made by ``run[source]``. ``source[key]`` gives the data of one key, ``source[trains]`` the
    same source for some trains.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     xgm = run["SPB_XTD9_XGM/DOOCS/MAIN"]
    ...     xgm.is_control
    True
    """

    def __repr__(self) -> str:
        return f"<euxfel.SourceData source={self.source!r} for {len(self._scope.train_ids)} trains>"

    def _repr_html_(self) -> str:
        from .display import source_html

        return source_html(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._key(key)
        return self.select_trains(key)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._selected.full_key(key) is not None

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(self.keys(inc_timestamps=False))

    def _selected_keys(self) -> dict[str, set[str]]:
        """Give keys by source as `select` takes them, an empty set for all."""
        return {self.source: set(self._selected.keys or ())}

    def _key(self, key: str) -> KeyData:
        full = self._selected.full_key(key)
        if full is None:
            raise PropertyNameError(
                f"source {self.source!r} has no key {key!r}{self._near(key)}; see .keys()",
                source=self.source,
                key=key,
            )
        return KeyData(self._selected, full, self._scope)

    def _near(self, key: str) -> str:
        # Comparing names needs a module that nobody else here does.
        from .near_names import suggestion

        return suggestion(key, self.keys(inc_timestamps=False))

    # What it is -------------------------------------------------------------------------

    @property
    def canonical_name(self) -> str:
        """Present name of the source, where `source` may be a legacy name."""
        return self._selected.stored.source

    @property
    def is_legacy(self) -> bool:
        """Whether the source was asked for by an old name."""
        return self.source != self.canonical_name and not self.is_auxiliary

    @property
    def is_run_only(self) -> bool:
        """Whether the source has a snapshot at the start of the run and no data by train."""
        return self.is_control and not self._selected.stored.keys()

    @property
    def storage_class(self) -> str | None:
        """Folder of the proposal that the files are in, such as ``"raw"``; None elsewhere."""
        return self._common(lambda f: f.storage_class)

    @property
    def data_category(self) -> str | None:
        """Category by the file names, such as ``"RAW"``; None if they differ."""
        return self._common(lambda f: f.data_category)

    @property
    def aggregator(self) -> str | None:
        """Data aggregator that recorded the source; None if there were several."""
        return self._common(lambda f: f.aggregator)

    def _common(self, fact: Any) -> str | None:
        found = {fact(f) for f in self._selected.stored.files}
        return found.pop() if len(found) == 1 else None

    @property
    def device_class(self) -> str | None:
        """Karabo class of the device, from the snapshot; None if it is not a control source."""
        if not self.is_control:
            return None
        try:
            value: str = run_values.run_value(self._selected, "classId", self._scope, False)
        except (PropertyNameError, ValueError):
            return None
        return value

    # Keys ---------------------------------------------------------------------------------

    def keys(self, inc_timestamps: bool = True) -> set[str]:
        """Give the selected keys.

        Parameters
        ----------
        inc_timestamps : bool
            False to leave out the ``.timestamp`` beside each ``.value`` of control data, and
            the ``.value`` itself: such keys can be asked for by what stands before.
        """
        keys = set(self._selected.all_keys())
        if inc_timestamps or not self.is_control:
            return keys
        return short_names(keys)

    def one_key(self, index_group: str | None = None) -> str | None:
        """Give one key, for instance to count rows with; always the same one.

        None if the source has no keys at all.

        Parameters
        ----------
        index_group : str, optional
            For a key of this index group.

        Raises
        ------
        NoDataError
            If there is none in the index group.
        """
        section = self._selected.section
        for key in sorted(self._selected.all_keys()):
            if index_group is None or section.index_group(key) == index_group:
                return key
        if index_group is None:
            return None
        raise NoDataError(
            f"source {self.source!r} has no key in index group {index_group!r}; see .index_groups",
            source=self.source,
        )

    @property
    def index_groups(self) -> set[str]:
        """Index groups: parts of the source with rows of their own; ``{""}`` for control."""
        return set(self._selected.index_groups())

    def _groups(self, index_group: str | None) -> set[str]:
        """Give the index group that is meant, or all."""
        if index_group is None:
            return self.index_groups
        if index_group not in self.index_groups:
            raise NoDataError(
                f"source {self.source!r} has no index group {index_group!r} here; it has "
                f"{', '.join(map(repr, sorted(self.index_groups))) or 'none'}",
                source=self.source,
            )
        return {index_group}

    def select_keys(self, keys: str | Iterable[str] | None) -> SourceData:
        """Give the same source with fewer keys.

        Parameters
        ----------
        keys : str or set of str
            A name, a glob pattern, or names; an empty set or None for all.

        Raises
        ------
        PropertyNameError
            If there is no such key.
        """
        narrowed = matching_keys(self._selected, keys)
        return SourceData(replace(self._selected, keys=narrowed), self._scope)

    # Which trains -------------------------------------------------------------------------

    def _with_trains(self, train_ids: NDArray[np.uint64]) -> SourceData:
        return SourceData(self._selected, self._scope.with_trains(train_ids))

    def drop_empty_trains(self, index_group: str | None = None) -> SourceData:
        """Give the same source for the trains that have data.

        Parameters
        ----------
        index_group : str, optional
            Look at this index group; by default data in any of them counts.

        Raises
        ------
        NoDataError
            There is no such index group.
        """
        counts = self.data_counts(labelled=False, index_group=index_group)
        return self._with_trains(self._scope.train_ids[counts > 0])

    @overload
    def data_counts(
        self, labelled: Literal[True] = True, index_group: str | None = None
    ) -> pd.Series[int]: ...

    @overload
    def data_counts(
        self, labelled: Literal[False], index_group: str | None = None
    ) -> NDArray[np.int64]: ...

    def data_counts(
        self, labelled: bool = True, index_group: str | None = None
    ) -> pd.Series[int] | NDArray[np.int64]:
        """Count the rows of each selected train, 0 where there is no data.

        Parameters
        ----------
        labelled : bool
            True for a pandas Series by train ID, False for an array.
        index_group : str, optional
            Count in this index group; by default the largest count of all groups is given.

        Raises
        ------
        NoDataError
            There is no such index group.
        """
        groups = self._groups(index_group)
        counts = np.zeros(len(self._scope.train_ids), dtype=np.int64)
        for group in groups:
            table = self._selected.entries(group, self._scope)
            counts = np.maximum(counts, table.counts_for(self._scope.train_ids))
        return arrays.by_train(counts, self._scope.train_ids) if labelled else counts

    def train_id_coordinates(self, index_group: str | None = None) -> NDArray[np.uint64]:
        """Give the train ID of each row.

        Parameters
        ----------
        index_group : str, optional
            Needed if the index groups have different numbers of rows.

        Raises
        ------
        ValueError
            If the index groups differ and none is named, or there is none of that name.
        """
        groups = sorted(self._groups(index_group))
        tables = [self._selected.entries(group, self._scope) for group in groups]
        found = [np.repeat(t.train_ids, t.count) for t in tables]
        if any(not np.array_equal(f, found[0]) for f in found):
            raise ValueError(
                f"the index groups {groups} of {self.source!r} have different rows; "
                "name one with index_group="
            )
        return found[0] if found else np.zeros(0, dtype=np.uint64)

    # Snapshot at the start of the run ---------------------------------------------------------

    def run_metadata(self) -> dict[str, Any]:
        """Give what the files say about themselves: proposal, run, dates, versions.

        Raises
        ------
        MultiRunError
            If the files are from several runs.
        """
        return single_run_metadata(self._selected.stored.files, self._scope.is_single_run)

    def run_value(self, key: str, *, allow_multi_run: bool = False) -> Any:
        """Give one value of the snapshot at the start of the run.

        Parameters
        ----------
        key : str
            With or without ``.value``.
        allow_multi_run : bool
            True for a list of values if the data is from several runs.
        """
        return run_values.run_value(self._selected, key, self._scope, allow_multi_run)

    def run_values(self, inc_timestamps: bool = True) -> dict[str, Any]:
        """Give all values of the snapshot at the start of the run, by key."""
        return run_values.run_values(self._selected, self._scope, inc_timestamps)

    def run_keys(self, inc_timestamps: bool = True) -> set[str]:
        """Give the keys of the snapshot at the start of the run."""
        return run_values.run_keys(self._selected, inc_timestamps)

    # Together -----------------------------------------------------------------------------

    def union(self, *others: SourceData) -> SourceData:
        """Give the source with trains, files and keys of all.

        Raises
        ------
        ValueError
            If they are different sources.
        """
        return reduce(SourceData._union, others, self)

    __or__ = union

    def _union(self, other: SourceData) -> SourceData:
        if other.canonical_name != self.canonical_name:
            raise ValueError(
                f"cannot unite different sources: {self.source!r} and {other.source!r}"
            )
        both_single = self._scope.is_single_run and other._scope.is_single_run
        one_run = both_single and is_one_run(
            [self._selected.stored.files, other._selected.stored.files]
        )
        scope = self._scope.merged(other._scope, one_run)
        return SourceData(self._selected.merged(other._selected), scope)
