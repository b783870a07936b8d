"""A collection of data: the sources and trains of a run, or of a part of it.

The methods stand in rooms by what they are for; here they come together.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Self

from .collection_arrays import ReadsArrays
from .collection_display import ShowsItself
from .collection_trains import GoesByTrain
from .collection_upward import ReachesUp


class DataCollection(ReadsArrays, GoesByTrain, ShowsItself, ReachesUp):
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

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], *, inc_suspect_trains: bool = True) -> Self:
        """Open one file; the same as `H5File`."""
        from .opening import H5File

        return cls(H5File(path, inc_suspect_trains=inc_suspect_trains)._selection)

    @classmethod
    def from_paths(
        cls,
        paths: Iterable[str | os.PathLike[str]],
        *,
        inc_suspect_trains: bool = True,
        is_single_run: bool = False,
        parallelize: bool = True,
    ) -> Self:
        """Open some files together, whatever folders they are in.

        Parameters
        ----------
        paths : iterable of str or path-like
            The files. Those that cannot be used are left out and listed in `problems`.
        inc_suspect_trains : bool
            False to leave out trains whose ID did not come from the time server.
        is_single_run : bool
            Whether they are known to be of one run, which has metadata and RUN values of its own.
        parallelize : bool
            True to fetch the heads of many files at once.

        Raises
        ------
        FileStructureError
            If no file can be used.
        """
        from .opening import opened_files

        return cls(opened_files(paths, inc_suspect_trains, is_single_run, parallelize))
