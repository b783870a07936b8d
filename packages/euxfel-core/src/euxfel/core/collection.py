"""A collection of data: the sources and trains of a run, or of a part of it.

The methods stand in rooms by what they are for; here they come together.
"""

from __future__ import annotations

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
