"""In which trains a key has data, how much, and how old it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, overload

import numpy as np
from numpy.typing import NDArray

from . import arrays
from .age import age_in_trains
from .key_outline import KeyOutline

if TYPE_CHECKING:
    import pandas as pd


class KeyInTrains(KeyOutline):
    """A key with the rows of each selected train."""

    def drop_empty_trains(self) -> Self:
        """Give the same key for the trains that have data."""
        return self._with_trains(self._entries.train_ids[self._entries.count > 0])

    def drop_bad_trains(self) -> Self:
        """Give the same key without the trains that cannot be read.

        These are the trains whose index makes no sense or claims rows that the dataset lacks;
        `bad_train_ids` lists them.
        """
        bad = np.array(self.bad_train_ids, dtype=np.uint64)
        return self._with_trains(np.setdiff1d(self._scope.train_ids, bad, assume_unique=True))

    @property
    def bad_train_ids(self) -> list[int]:
        """IDs of trains whose index contradicts the data, so that reading them is refused."""
        refused = self._selected.stored.unreadable(self.key, self._entries)
        listed: list[int] = self._entries.train_ids[refused].tolist()
        return listed

    @overload
    def data_counts(self, labelled: Literal[True] = True) -> pd.Series[int]: ...

    @overload
    def data_counts(self, labelled: Literal[False]) -> NDArray[np.int64]: ...

    def data_counts(self, labelled: bool = True) -> pd.Series[int] | NDArray[np.int64]:
        """Count the rows of each selected train, 0 where there is no data.

        Parameters
        ----------
        labelled : bool
            True for a pandas Series by train ID, False for an array.
        """
        counts = self._entries.counts_for(self._scope.train_ids)
        return arrays.by_train(counts, self._scope.train_ids) if labelled else counts

    @overload
    def age(self, labelled: Literal[False] = False) -> NDArray[np.int64]: ...

    @overload
    def age(self, labelled: Literal[True]) -> pd.Series[int]: ...

    def age(self, labelled: bool = False) -> NDArray[np.int64] | pd.Series[int]:
        """Count the trains since a control value was last updated, for each selected train.

        A device that stopped still has a value in each train, its last one. The age of a value
        is the difference between the ID of its train and that of the first train with the same
        timestamp. Trains outside the selection count; before the first update in the run the
        age is a lower bound.

        Parameters
        ----------
        labelled : bool
            True for a pandas Series by train ID.

        Returns
        -------
        ndarray of int64 or Series
            0 in a train with an update. Where there is no data, or the train ID is suspect, -1
            in the array and ``<NA>`` in the Series, whose type is ``Int64``.

        Raises
        ------
        PropertyNameError
            If the key has no timestamps: instrument data has none.

        Examples
        --------
        >>> import tempfile
        >>> from euxfel.core import RunDirectory
        >>> from euxfel.fileaccess.testing import small_run
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunDirectory(small_run().write(folder).path)
        ...     run["SPB_IRU_SAMPLE/MOTOR/X", "actualPosition"].age()[:3]
        array([0, 0, 0])
        """
        found = age_in_trains(self)
        return arrays.by_train_known(found, self._scope.train_ids) if labelled else found

    def drop_stale_trains(self, max_age: int) -> Self:
        """Give the same key for the trains with a value that is not too old.

        Parameters
        ----------
        max_age : int
            The largest `age` to keep; trains without a known age are left out.
        """
        found = age_in_trains(self)
        return self._with_trains(self._scope.train_ids[(found >= 0) & (found <= max_age)])

    def train_id_coordinates(self) -> NDArray[np.uint64]:
        """Give the train ID of each row, shape ``(rows,)``."""
        return np.repeat(self._entries.train_ids, self._entries.count)

    def train_index_bounds(self, labelled: bool = False) -> Any:
        """Give where the rows of each selected train start and stop in the array.

        Parameters
        ----------
        labelled : bool
            True for a pandas DataFrame with columns start and stop, by train ID.

        Returns
        -------
        tuple of ndarray, or DataFrame
            First row and row after the last, per train.
        """
        counts = self.data_counts(labelled=False).astype(np.uint64)
        stop = np.cumsum(counts)
        start = stop - counts
        if not labelled:
            return start, stop
        return arrays.bounds_frame(start, stop, self._scope.train_ids)
