"""The different values among many."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def distinct(values: NDArray[T]) -> NDArray[T]:
    """Give the different values of an array in increasing order.

    As :func:`numpy.unique`, which imports masked arrays first: that takes longer than many a
    read.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.fileaccess.distinct import distinct
    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered: NDArray[Any] = np.sort(values, axis=None)
    is_new = np.ones(len(ordered), dtype=np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def without(values: NDArray[T], others: NDArray[T]) -> NDArray[T]:
    """Give the different values of an array that another one lacks, in increasing order.

    As :func:`numpy.setdiff1d`, without the same import.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.fileaccess.distinct import without
    >>> without(np.array([3, 1, 2, 3]), np.array([2])).tolist()
    [1, 3]
    """
    return distinct(values[np.isin(values, others, invert=True)])
