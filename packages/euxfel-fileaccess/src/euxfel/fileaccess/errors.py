"""The project's exceptions: one tree, so that one ``except`` catches all of it.

::

    EuxfelError
    ├── FileStructureError   (OSError)     a file is not a readable EXDF file
    ├── FileChangedError     (OSError)     a file is not the one that was opened before
    ├── WriteError           (OSError)     a file could not be written; what was there is intact
    │   └── TargetExistsError (FileExistsError)  and it shall not be overwritten
    ├── RunNotFoundError     (FileNotFoundError)  no such run, or no usable file in it
    ├── DataError            (ValueError)  stored data contradicts its index, or cannot be decoded
    │   └── NotMappableError              these rows cannot be a view of the file's bytes
    ├── SourceNameError      (KeyError)    no such source in this data
    ├── PropertyNameError    (KeyError)    no such key in this source
    ├── TrainIDError         (KeyError)    no such train in this data
    ├── AliasError           (KeyError)    an alias is unknown, or two definitions disagree
    ├── MultiRunError        (ValueError)  a question that has an answer only for one run
    ├── NoDataError          (ValueError)  the selection holds no data
    ├── TooMuchDataError     (MemoryError) the data does not fit into memory
    ├── ProblemsError        (ValueError)  opened with ``strict=True`` and something is wrong
    └── MissingPackageError  (ImportError) a method lives in a package that is not installed

Every class is also the built-in exception that users catch already. The message says where (file,
source, train) and what to do next; the same facts are attributes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Its import takes longer than everything else that an error message needs.
    import numpy as np
    from numpy.typing import NDArray


class EuxfelError(Exception):
    """Base of all errors raised on purpose by euxfel packages.

    Parameters
    ----------
    message : str
        What is wrong, where, and what to do next.
    file : str, optional
        Path of the file concerned.
    source : str, optional
        Name of the source concerned.
    key : str, optional
        Name of the key or HDF5 dataset concerned.
    trains : sequence of int, optional
        Train IDs concerned.
    """

    def __init__(
        self,
        message: str = "",
        *,
        file: str | None = None,
        source: str | None = None,
        key: str | None = None,
        trains: Sequence[int] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.source = source
        self.key = key
        self.trains = tuple(int(t) for t in trains)

    def __reduce__(self) -> tuple[Any, ...]:
        # Said here, since dask.distributed makes exceptions that leave it to their built-in base
        # without calling them, which is impossible for some.
        return type(self), (self.message,), dict(self.__dict__)

    def __str__(self) -> str:
        # KeyError would show the repr of the message, quotes and all.
        return self.message


class FileStructureError(EuxfelError, OSError):
    """A file is not a readable EXDF file."""


class FileChangedError(EuxfelError, OSError):
    """A file was changed or replaced since it was opened."""


class WriteError(EuxfelError, OSError):
    """A file could not be written; what was there before is intact.

    Parameters
    ----------
    message : str
        What is wrong, where, and what to do next.
    errno : int, optional
        The operating system's number for it, such as ``errno.ENOSPC``.
    file : str, optional
        Path of the file.
    **where
        Further fields of EuxfelError.
    """

    # Hides a slot of OSError that pickle would not restore.
    errno: int | None = None

    def __init__(
        self, message: str = "", *, errno: int | None = None, file: str | None = None, **where: Any
    ) -> None:
        super().__init__(message, file=file, **where)
        self.errno = errno


class TargetExistsError(WriteError, FileExistsError):
    """There is a file already where one is to be written."""


class RunNotFoundError(EuxfelError, FileNotFoundError):
    """There is no such run, or it holds no usable file."""


class DataError(EuxfelError, ValueError):
    """Stored data contradicts its index, or cannot be decoded."""


class NotMappableError(DataError):
    """Rows do not lie in their file as one piece of plain bytes."""


class SourceNameError(EuxfelError, KeyError):
    """There is no such source in this data."""


class PropertyNameError(EuxfelError, KeyError):
    """There is no such key in this source."""


class TrainIDError(EuxfelError, KeyError):
    """There is no such train in this data."""


class AliasError(EuxfelError, KeyError):
    """An alias is unknown, or its definitions disagree."""


class MultiRunError(EuxfelError, ValueError):
    """The question has an answer only for the data of a single run."""


class NoDataError(EuxfelError, ValueError):
    """The selection holds no data."""


class TooMuchDataError(EuxfelError, MemoryError):
    """The data does not fit into memory."""


class ProblemsError(EuxfelError, ValueError):
    """Data opened with ``strict=True`` has problems."""


class MissingPackageError(EuxfelError, ImportError):
    """A feature lives in a package that is not installed."""


def name_trains(trains: Sequence[int] | NDArray[np.uint64], limit: int = 5) -> str:
    """Name train IDs in a message, the first few of many.

    Examples
    --------
    >>> name_trains([10001])
    'train 10001'
    >>> name_trains(range(10000, 10100), limit=3)
    'trains 10000, 10001, 10002 and 97 more'
    """
    shown = ", ".join(str(int(t)) for t in trains[:limit])
    noun = "train" if len(trains) == 1 else "trains"
    more = f" and {len(trains) - limit} more" if len(trains) > limit else ""
    return f"{noun} {shown}{more}"
