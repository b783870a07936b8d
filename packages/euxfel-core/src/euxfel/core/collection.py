"""A collection of data: the sources and trains of a run, or of a part of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, Section, SourceNameError, TrainIDError

from . import display, run_identity, run_metadata
from .aliases import AliasIndexer, AliasTable
from .aligned import aligned_dataset, named_keys
from .arrays import by_train
from .auxiliary import AuxiliaryIndexer
from .block_reading import Column
from .keydata import KeyData
from .plugins import upper_method
from .problems import Problems, inspect
from .remembered import save_learned
from .search import SearchResult, search
from .selecting import deselected, is_train_selection, selected_sources, without_empty_trains
from .selection import Selection
from .sourcedata import SourceData
from .split import split_parts
from .tables import dataframe
from .train_iteration import iterate_trains
from .train_offset import with_train_offset
from .train_selection import pick_trains
from .user_warning import warn_user

if TYPE_CHECKING:
    import dask.array
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

    from .display import MissingData, Summary


class DataCollection:
    """Data of a run, or of a selection of its sources and trains.

    Made by `open_run`, `RunDirectory` or `H5File`. ``run[source]`` gives a source,
    ``run[source, key]`` a key, ``run[trains]`` the same data for some trains.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     "SPB_XTD9_XGM/DOOCS/MAIN" in run
    True
    """

    # Without this, iterating would try run[0], run[1] and so on.
    __iter__ = None

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def __repr__(self) -> str:
        n = len(self._selection.scope.train_ids)
        return f"<euxfel.DataCollection for {len(self.all_sources)} sources and {n} trains>"

    def _repr_html_(self) -> str:
        return display.collection_html(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self.files:
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

    # Sources ------------------------------------------------------------------------------

    def _source_data(self, source: str) -> SourceData:
        found = self._selection.find(source)
        if found is None:
            raise SourceNameError(
                f"this data has no source {source!r}; see .all_sources, or .info()", source=source
            )
        if found.name != found.stored.source:
            warn_user(
                f"{source} is an old name of {found.stored.source}; data to come will not have it",
                DeprecationWarning,
            )
        return SourceData(found, self._selection.scope)

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
        """Names of the modules of multi-module detectors, old names included."""
        from .detector_names import is_detector

        return {name for name in self.all_sources if is_detector(name)}

    @property
    def selection(self) -> dict[str, set[str] | None]:
        """Selected keys by source, None where all are selected."""
        found = self._selection.sources.items()
        return {name: None if s.keys is None else set(s.keys) for name, s in found}

    @property
    def files(self) -> list[FileAccess]:
        """Files that hold the sources."""
        return list(self._selection.files)

    @property
    def is_single_run(self) -> bool:
        """Whether all data is from one run."""
        return self._selection.scope.is_single_run

    @property
    def inc_suspect_trains(self) -> bool:
        """Whether data of suspect trains is used."""
        return self._selection.scope.inc_suspect

    def keys_for_source(self, source: str) -> set[str]:
        """Give the keys of a source."""
        return self._source_data(source).keys()

    def get_entry_shape(self, source: str, key: str) -> tuple[int, ...]:
        """Give the shape of one row of a key."""
        return self._source_data(source)[key].entry_shape  # type: ignore[no-any-return]

    def get_dtype(self, source: str, key: str) -> np.dtype[Any]:
        """Give the type of the data of a key."""
        return self._source_data(source)[key].dtype  # type: ignore[no-any-return]

    def get_data_counts(self, source: str, key: str) -> pd.Series[int]:
        """Count the rows of a key in each selected train, as a pandas Series."""
        return self._source_data(source)[key].data_counts()  # type: ignore[no-any-return]

    def get_series(self, source: str, key: str) -> pd.Series[Any]:
        """Read a key with single values into a pandas Series by train ID."""
        return self._source_data(source)[key].series()  # type: ignore[no-any-return]

    def get_array(
        self,
        source: str,
        key: str,
        extra_dims: Sequence[str] | None = None,
        roi: Any = (),
        name: str | None = None,
    ) -> xr.DataArray | xr.Dataset:
        """Read a key into a labelled array: see `KeyData.xarray`."""
        kd: KeyData = self._source_data(source)[key]
        return kd.xarray(extra_dims, roi, name)

    def get_dask_array(
        self, source: str, key: str, labelled: bool = False
    ) -> dask.array.Array | xr.DataArray | xr.Dataset:
        """Give a lazy array of a key: see `KeyData.dask_array`."""
        kd: KeyData = self._source_data(source)[key]
        return kd.dask_array(labelled=True) if labelled else kd.dask_array()

    def get_dataframe(self, fields: Any = None, *, timestamps: bool = False) -> pd.DataFrame:
        """Read keys with single values into one table, a row per train.

        Parameters
        ----------
        fields : selection, optional
            Which keys, in the forms that `select` takes; all by default.
        timestamps : bool
            True to include the ``.timestamp`` keys of control data.
        """
        chosen = self if fields is None else self.select(fields)
        return dataframe(chosen._selection, timestamps)

    def xarray(
        self,
        keys: Any,
        *,
        join: str = "inner",
        fill_value: Any = None,
        extra_dims: Mapping[str, Sequence[str]] | None = None,
    ) -> xr.Dataset:
        """Read several keys into one Dataset, aligned by train.

        Parameters
        ----------
        keys : dict or list
            By name of the variable a pair (source, key) or the alias of a key. A list of these
            names variables ``source.key``, or by the alias.
        join : str
            ``"inner"`` keeps the trains in which all keys have data, ``"outer"`` those in which
            any has.
        fill_value : object or dict, optional
            What stands for missing data with ``join="outer"``, for all variables or by name. By
            default it is NaN, also among strings; integers of up to 32 bits become floats, those
            of 64 bits need a fill value. What was filled in stands in the attribute ``fill_value``
            of a variable with gaps.
        extra_dims : dict, optional
            Names of the dimensions after ``trainId``, by variable; ``<name>_dim_0`` and so on
            by default.

        Returns
        -------
        xarray.Dataset
            With the coordinate ``trainId``, and ``units``, ``source`` and ``key`` as attributes of
            the variables. A key with the same number of rows in each train, more than one, gets
            a dimension for them after ``trainId``.

        Raises
        ------
        ValueError
            If a key has other numbers of rows in other trains, or a gap needs a fill value.

        Examples
        --------
        >>> import tempfile
        >>> from euxfel.core import RunDirectory
        >>> from euxfel.fileaccess.testing import small_run
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunDirectory(small_run().write(folder).path)
        ...     data = run.xarray({"x": ("SPB_IRU_SAMPLE/MOTOR/X", "actualPosition"),
        ...                        "image": ("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput",
        ...                                  "data.image.pixels")},
        ...                       extra_dims={"image": ["y", "x_pixel"]})
        >>> dict(data.sizes)
        {'trainId': 20, 'y': 24, 'x_pixel': 32}
        >>> data.x.units
        'mm'
        """
        found = named_keys(self, keys)
        train_ids = self._selection.scope.train_ids
        return aligned_dataset(found, train_ids, join, fill_value, extra_dims or {})

    # Snapshot and metadata ------------------------------------------------------------------

    def get_run_value(self, source: str, key: str) -> Any:
        """Give one value of a control source's snapshot at the start of the run."""
        return self._source_data(source).run_value(key)

    def get_run_values(self, source: str) -> dict[str, Any]:
        """Give a control source's snapshot at the start of the run, by key."""
        return self._source_data(source).run_values()

    def run_metadata(self) -> dict[str, Any]:
        """Give what the files say about the run: proposal, number, dates, versions.

        Raises
        ------
        MultiRunError
            If the data is from several runs.
        """
        return run_metadata.single_run_metadata(self.files, self.is_single_run)

    def runs_metadata(self) -> dict[tuple[int | None, int | None], dict[str, Any]]:
        """Give what the files say about each run that the data is from.

        Returns
        -------
        dict
            What `run_metadata` gives, by proposal and run number; None stands for a number that
            nothing tells.
        """
        return run_identity.metadata_by_run(self.files)

    @property
    def proposal(self) -> int | None:
        """Proposal number, by the place of the files or what they say; None if unknown.

        Raises
        ------
        MultiRunError
            If the data is from several proposals.
        """
        return run_identity.one_proposal(self.files, self.is_single_run)

    @property
    def number(self) -> int | None:
        """Run number, by the place of the files or what they say; None if unknown.

        Raises
        ------
        MultiRunError
            If the data is from several runs.
        """
        return run_identity.one_run_number(self.files, self.is_single_run)

    def train_timestamps(
        self, labelled: bool = False, *, pydatetime: bool = False, euxfel_local_time: bool = False
    ) -> Any:
        """Give the time of each train.

        Parameters
        ----------
        labelled : bool
            True for a pandas Series by train ID, with a time zone.
        pydatetime : bool
            True for a list of ``datetime`` objects.
        euxfel_local_time : bool
            True for the time in Hamburg instead of UTC; only with one of the other options.

        Returns
        -------
        ndarray of datetime64[ns], Series or list
            NaT, or None in a list, where no file tells the time.
        """
        if euxfel_local_time and not (labelled or pydatetime):
            raise ValueError(
                "NumPy times have no time zone: euxfel_local_time needs labelled=True or "
                "pydatetime=True"
            )
        train_ids = self._selection.scope.train_ids
        times = run_metadata.train_times(self.files, train_ids)
        if labelled:
            zone = run_metadata.LOCAL_TIME if euxfel_local_time else "UTC"
            return by_train(times, train_ids).dt.tz_localize("UTC").dt.tz_convert(zone)
        if pydatetime:
            return run_metadata.as_datetimes(times, euxfel_local_time)
        return times

    # Trains -----------------------------------------------------------------------------------

    @property
    def train_ids(self) -> list[int]:
        """IDs of the selected trains, in increasing order."""
        return list(self._selection.scope.train_ids)

    @property
    def suspect_train_ids(self) -> NDArray[np.uint64]:
        """IDs of selected trains that no file has from the time server."""
        chosen = self._selection.scope.train_ids
        good = [f.valid_train_ids for f in self.files]
        return np.setdiff1d(chosen, np.concatenate(good)) if good else chosen

    def select_trains(self, train_range: Any) -> DataCollection:
        """Give the same sources for some of the trains.

        Parameters
        ----------
        train_range : slice, int, list, array, ``by_id[...]`` or ``by_index[...]``
            Positions or IDs of trains, or a boolean per train.
        """
        return self._with_trains(pick_trains(self._selection.scope.train_ids, train_range))

    def _with_trains(self, train_ids: NDArray[np.uint64]) -> DataCollection:
        return DataCollection(self._selection.with_trains(train_ids))

    @property
    def train_offsets(self) -> dict[str, int]:
        """Train offsets that are not 0, by source."""
        found = self._selection.sources.items()
        return {name: s.train_offset for name, s in found if s.train_offset}

    def with_train_offset(self, source: Any, offset: int) -> DataCollection:
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
        return DataCollection(with_train_offset(self._selection, source, offset))

    def split_trains(
        self, parts: int | None = None, trains_per_part: int | None = None
    ) -> Iterator[DataCollection]:
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

    def trains(
        self,
        devices: Any = None,
        train_range: Any = None,
        *,
        require_all: bool = False,
        flat_keys: bool = False,
        keep_dims: bool = False,
    ) -> Iterator[tuple[int, dict[Any, Any]]]:
        """Go through the trains, reading blocks of them ahead in the background.

        Parameters
        ----------
        devices : selection, optional
            Which sources and keys, in the forms that `select` takes.
        train_range : train selection, optional
            Which trains, in the forms that `select_trains` takes.
        require_all : bool
            True to skip trains in which any selected key lacks data.
        flat_keys : bool
            True for values by (source, key) instead of nested dictionaries.
        keep_dims : bool
            True to keep the first dimension also where a train has a single row.

        Yields
        ------
        train_id : int
        data : dict
            ``data[source][key]``, or ``data[source, key]`` with ``flat_keys``.
        """
        chosen = self if devices is None else self.select(devices)
        if train_range is not None:
            chosen = chosen.select_trains(train_range)
        return chosen._iterate(require_all, flat_keys, keep_dims)

    def _iterate(
        self, require_all: bool, flat_keys: bool, keep_dims: bool
    ) -> Iterator[tuple[int, dict[Any, Any]]]:
        scope, sources = self._selection.scope, self._selection.sources
        columns = [
            Column.of(source, key, scope)
            for source in sources.values()
            for key in sorted(source.all_keys())
        ]
        names = list(sources)
        implied = self._selection.implied
        return iterate_trains(
            columns, names, scope.train_ids, require_all, flat_keys, keep_dims, implied
        )

    def train_from_id(
        self,
        train_id: int,
        devices: Any = None,
        *,
        flat_keys: bool = False,
        keep_dims: bool = False,
    ) -> tuple[int, dict[Any, Any]]:
        """Read all selected data of the train with an ID.

        Raises
        ------
        TrainIDError
            If the train is not selected.
        """
        wanted = np.array([train_id]).astype(np.uint64)
        if not np.isin(wanted, self._selection.scope.train_ids)[0]:
            raise TrainIDError(f"train {train_id} is not in this data", trains=[train_id])
        chosen = self if devices is None else self.select(devices)
        found = chosen._with_trains(wanted)._iterate(False, flat_keys, keep_dims)
        return train_id, next(found)[1]

    def train_from_index(
        self,
        train_index: int,
        devices: Any = None,
        *,
        flat_keys: bool = False,
        keep_dims: bool = False,
    ) -> tuple[int, dict[Any, Any]]:
        """Read all selected data of the train at a position."""
        train_id = self.train_ids[train_index]
        return self.train_from_id(train_id, devices, flat_keys=flat_keys, keep_dims=keep_dims)

    # Selecting sources ------------------------------------------------------------------------

    def select(
        self,
        seln_or_source_glob: Any,
        key_glob: str = "*",
        require_all: bool = False,
        require_any: bool = False,
        *,
        warn_drop_trains_frac: float = 1.0,
    ) -> DataCollection:
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
            True to keep only trains in which all selected sources have data.
        require_any : bool
            True to keep only trains in which any selected source has data.
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
        return DataCollection(chosen)

    def deselect(self, seln_or_source_glob: Any, key_glob: str = "*") -> DataCollection:
        """Give what is left without some sources and keys; same arguments as `select`."""
        sources = selected_sources(self._selection, seln_or_source_glob, key_glob)
        return DataCollection(deselected(self._selection, sources))

    def union(self, *others: DataCollection) -> DataCollection:
        """Give the trains, sources and keys of all.

        Raises
        ------
        AliasError
            If an alias means two things.
        """
        return reduce(DataCollection._union, others, self)

    def __or__(self, other: object) -> DataCollection:
        if not isinstance(other, DataCollection):
            return NotImplemented
        return self.union(other)

    def _union(self, other: DataCollection) -> DataCollection:
        both_single = self.is_single_run and other.is_single_run
        one_run = both_single and run_metadata.is_one_run([self.files, other.files])
        return DataCollection(self._selection.merged(other._selection, one_run))

    def search(self, text: str, *, keys: bool = True) -> SearchResult:
        """Find sources and keys by a part of a name, whatever its case.

        Parameters
        ----------
        text : str
            A part of a name, such as ``"photon"``; or a glob for a whole name, such as
            ``"*.photon?lux"``. Sources, their old names, aliases, keys and device classes are
            searched.
        keys : bool
            False to leave out keys and device classes, so that no file is opened.

        Returns
        -------
        SearchResult
            A sequence that shows itself as a table; `select` takes its ``selection``.

        Examples
        --------
        >>> import tempfile
        >>> from euxfel.core import RunDirectory
        >>> from euxfel.fileaccess.testing import small_run
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunDirectory(small_run().write(folder).path)
        ...     run.search("photon")
        1 hit for 'photon'
        what  source                   key                     matched
        key   SPB_XTD9_XGM/DOOCS/MAIN  pulseEnergy.photonFlux  pulseEnergy.photonFlux
        """
        return search(self, text, keys)

    # Aliases and auxiliary sources ------------------------------------------------------------

    @property
    def _aliases(self) -> AliasTable:
        return self._selection.aliases

    @property
    def alias(self) -> AliasIndexer:
        """Sources and keys by alias: ``run.alias["name"]``."""
        return AliasIndexer(self)

    @property
    def auxiliary(self) -> AuxiliaryIndexer:
        """Sources that tell about other sources: reductions and errata."""
        return AuxiliaryIndexer(self._selection)

    def with_aliases(self, *alias_defs: Any) -> DataCollection:
        """Give the same data with more aliases.

        Parameters
        ----------
        *alias_defs : dict, str or Path
            Definitions, or paths of JSON, YAML or TOML files with them.

        Raises
        ------
        AliasError
            If an alias means two things.
        """
        aliases = self._aliases.with_definitions(*alias_defs)
        return DataCollection(self._selection.with_aliases(aliases))

    def only_aliases(
        self, *alias_defs: Any, strict: bool = False, require_all: bool = False
    ) -> DataCollection:
        """Give only the sources and keys that have an alias.

        Parameters
        ----------
        *alias_defs : dict, str or Path
            More definitions, as for `with_aliases`.
        strict : bool
            True to raise ValueError if the data lacks what an alias stands for.
        require_all : bool
            True to keep only trains in which everything selected has data.
        """
        aliased = self.with_aliases(*alias_defs) if alias_defs else self
        wanted = aliased._aliases.selection(None if strict else aliased._is_there)
        return aliased.select(wanted, require_all=require_all)

    def _is_there(self, source: str, key: str | None) -> bool:
        return (source if key is None else (source, key)) in self

    def drop_aliases(self) -> DataCollection:
        """Give the same data without aliases."""
        return DataCollection(self._selection.with_aliases(AliasTable()))

    # Problems ---------------------------------------------------------------------------------

    def save_map(self) -> None:
        """Save what is known of the run's files, so that they open faster next time.

        Trains and sources are saved when a run is opened. This adds the indexes and keys read
        since, which are also saved, without being asked for, when the run is given up.
        """
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

    # How it looks -----------------------------------------------------------------------------

    def summary(
        self,
        details_for_sources: str | Iterable[str] = (),
        *,
        counts: bool = False,
        group_sources: bool = True,
        with_aggregators: bool = False,
        with_auxiliary: bool = False,
    ) -> Summary:
        """Give what `info` shows as a value, with text, HTML and JSON forms."""
        return display.summarise(
            self, details_for_sources, counts, group_sources, with_aggregators, with_auxiliary
        )

    def info(
        self,
        details_for_sources: str | Iterable[str] = (),
        *,
        counts: bool = False,
        group_sources: bool = True,
        with_aggregators: bool = False,
        with_auxiliary: bool = False,
    ) -> None:
        """Show trains, sources and problems on the screen.

        Parameters
        ----------
        details_for_sources : str or list of str
            Glob patterns of sources to show keys of.
        counts : bool
            True to show for how many trains instrument sources have data.
        group_sources : bool
            False to show each of several similar names on a line of its own.
        with_aggregators : bool
            True to show which aggregator recorded each source.
        with_auxiliary : bool
            True to show reduction and errata sources.
        """
        shown = self.summary(
            details_for_sources,
            counts=counts,
            group_sources=group_sources,
            with_aggregators=with_aggregators,
            with_auxiliary=with_auxiliary,
        )
        _show(shown.to_text())

    def train_info(self, train_id: int) -> None:
        """Show on the screen which sources have data for a train."""
        _show(display.train_text(self, train_id))

    def detector_info(self, source: str) -> dict[str, Any]:
        """Give size and number of frames of a detector by one of its modules.

        Returns
        -------
        dict
            ``dims``, ``frames_per_train`` and ``total_frames``.
        """
        return display.detector_facts(self, source)

    def missing_data(
        self, min_saved_pct: float = 95, expand_instrument: bool = False
    ) -> MissingData:
        """Give what `plot_missing_data` draws as data."""
        return display.missing_data(self, min_saved_pct, expand_instrument)

    def plot_missing_data(self, min_saved_pct: float = 95, expand_instrument: bool = False) -> Axes:
        """Draw which sources lack data for which trains.

        Parameters
        ----------
        min_saved_pct : float
            Sources with at least this percentage of trains are left out.
        expand_instrument : bool
            True for a row per index group of instrument sources.
        """
        return display.plot_missing_data(self, min_saved_pct, expand_instrument)

    # Living in packages above -----------------------------------------------------------------

    def write(self, filename: str) -> None:
        """Write the selected data to a new file; needs ``euxfel-writer``."""
        upper_method("write", "euxfel-writer")(self, filename)

    def write_virtual(self, filename: str) -> None:
        """Write a file of virtual datasets of the selected data; needs ``euxfel-writer``."""
        upper_method("write_virtual", "euxfel-writer")(self, filename)

    def get_virtual_dataset(self, source: str, key: str, filename: str | None = None) -> Any:
        """Make a virtual dataset of a key; needs ``euxfel-writer``."""
        return upper_method("get_virtual_dataset", "euxfel-writer")(self, source, key, filename)


def _show(text: str) -> None:
    """Write what a user asked to see."""
    sys.stdout.write(f"{text}\n")
