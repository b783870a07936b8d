"""Which sources lack which trains, as data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .details import UNREADABLE, group_counts
from .grouping import group_names
from .phrases import title
from .places import place_of
from .protocols import CollectionLike, SourceLike

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class MissingData:
    """Sources that lack data for some trains, those that lack most first.

    Attributes
    ----------
    labels : tuple of str
        One per row: a source, or similar sources that lack the same trains as a pattern; with
        the index group in brackets if instrument sources were expanded.
    sources : tuple of tuple of str
        Names of the sources of each row.
    train_ids : ndarray of uint64, shape (trains,)
        Trains looked at; suspect ones are left out.
    saved : ndarray of bool, shape (rows, trains)
        Where there is data.
    n_sources : int
        Number of sources looked at.
    min_saved_pct : float
        Rows with at least this percentage of trains saved are left out.
    unreadable : tuple of (str, str)
        Sources whose index could not be read, and why.
    place : str
        Where the data comes from, in words.
    """

    labels: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...]
    train_ids: NDArray[np.uint64]
    saved: NDArray[np.bool_]
    n_sources: int
    min_saved_pct: float
    unreadable: tuple[tuple[str, str], ...] = ()
    place: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def n_saved(self) -> NDArray[np.int64]:
        """Number of trains with data in each row."""
        n_saved: NDArray[np.int64] = self.saved.sum(axis=1, dtype=np.int64)
        return n_saved

    @property
    def percent_saved(self) -> NDArray[np.float64]:
        """Percentage of trains with data in each row."""
        share: NDArray[np.float64] = self.n_saved / max(len(self.train_ids), 1)
        return 100 * share

    def to_dataframe(self) -> pd.DataFrame:
        """Give a table with one row per label."""
        import pandas as pd

        n_saved = self.n_saved
        columns = {
            "n_sources": [len(names) for names in self.sources],
            "n_trains": [len(self.train_ids)] * len(self),
            "n_saved": n_saved,
            "n_missing": len(self.train_ids) - n_saved,
            "percent_saved": self.percent_saved,
        }
        return pd.DataFrame(columns, index=pd.Index(self.labels, name="source", dtype=object))


def missing_data(
    collection: CollectionLike, min_saved_pct: float = 95, expand_instrument: bool = False
) -> MissingData:
    """Find sources that lack data for some trains.

    Parameters
    ----------
    collection : DataCollection
        What to look at.
    min_saved_pct : float
        Leave out sources with data for at least this percentage of trains.
    expand_instrument : bool
        Look at each index group of instrument sources. By default a train counts as saved only
        if all index groups of a source have data.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.core.display import missing_data
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     missing = missing_data(RunDirectory(small_run().write(folder).path))
    >>> len(missing), missing.n_sources
    (0, 5)
    """
    ids = np.array(list(collection.train_ids), dtype=np.uint64)
    good = ~np.isin(ids, np.asarray(collection.suspect_train_ids, dtype=np.uint64))
    unreadable: list[tuple[str, str]] = []
    alike: dict[tuple[str, bytes], list[str]] = defaultdict(list)
    names = sorted(collection.control_sources | collection.instrument_sources)
    for name in names:
        try:
            for group, saved in _saved(collection[name], expand_instrument):
                mask = saved[good]
                if 100 * np.count_nonzero(mask) < min_saved_pct * len(mask):
                    alike[group, np.packbits(mask).tobytes()].append(name)
        except UNREADABLE as error:
            unreadable.append((name, str(error)))
    labels, sources, rows = _rows(alike, int(good.sum()))
    return MissingData(
        labels=labels,
        sources=sources,
        train_ids=ids[good],
        saved=rows,
        n_sources=len(names),
        min_saved_pct=float(min_saved_pct),
        unreadable=tuple(unreadable),
        place=title(place_of(list(collection.files), collection.is_single_run)),
    )


def _saved(source: SourceLike, expand: bool) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    counts = group_counts(source)
    if expand:
        yield from ((group, count > 0) for group, count in counts.items())
        return
    saved = np.full(len(source.train_ids), bool(counts))
    for count in counts.values():
        saved &= count > 0
    yield "", saved


def _rows(
    alike: dict[tuple[str, bytes], list[str]], n_trains: int
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], NDArray[np.bool_]]:
    found = []
    for (group, packed), names in alike.items():
        mask = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=n_trains).astype(np.bool_)
        for similar in group_names(names):
            label = f"{similar.pattern} [{group}]" if group else similar.pattern
            found.append((label, similar.names, mask))
    found.sort(key=lambda row: (int(np.count_nonzero(row[2])), row[0]))
    saved = np.array([f[2] for f in found], dtype=np.bool_).reshape(len(found), n_trains)
    return tuple(f[0] for f in found), tuple(f[1] for f in found), saved
