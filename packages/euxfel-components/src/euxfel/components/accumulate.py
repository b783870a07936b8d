"""Reductions that take data piece by piece, from several threads."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

Name = Literal["mean", "std", "sum", "max", "min"]
Good = NDArray[np.bool_] | None


class Accumulator(ABC):
    """A result of shape (modules, groups, entry) that grows.

    Parameters
    ----------
    shape : tuple of int
        Of the result.
    dtype : numpy.dtype
        Of the data.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = dtype
        self.n = np.zeros(shape, dtype=np.int64)
        # Threads that work on different modules need not wait for each other.
        self._locks = [threading.Lock() for _ in range(shape[0])]

    @abstractmethod
    def add(self, module: int, group: int, data: NDArray[Any], good: Good) -> None:
        """Take in some frames of one module and group; only good pixels, if that is said."""

    @abstractmethod
    def result(self) -> NDArray[Any]:
        """Give the result."""


class Sum(Accumulator):
    """Sum: integers in 64 bits, floats in float64."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        super().__init__(shape, dtype)
        self.total = np.zeros(shape, dtype=_sum_type(dtype))

    def add(self, module: int, group: int, data: NDArray[Any], good: Good) -> None:
        """Take in some frames."""
        part, n = _sum_and_count(data, good, self.total.dtype)
        with self._locks[module]:
            self.total[module, group] += part
            self.n[module, group] += n

    def result(self) -> NDArray[Any]:
        """Give the sum."""
        return self.total


class Mean(Sum):
    """Mean in float64."""

    def result(self) -> NDArray[Any]:
        """Give the mean, NaN where there was nothing."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: NDArray[Any] = np.true_divide(self.total, self.n, dtype=np.float64)
        return mean


class Deviation(Accumulator):
    """Standard deviation by pairwise updates, which do not lose digits as sums of squares do.

    Source: Chan, Golub & LeVeque, The American Statistician 37 (1983) 242.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        super().__init__(shape, dtype)
        self.mean = np.zeros(shape)
        self.squares = np.zeros(shape)

    def add(self, module: int, group: int, data: NDArray[Any], good: Good) -> None:
        """Take in some frames."""
        total, n = _sum_and_count(data, good, np.dtype(np.float64))
        mean = total / np.maximum(n, 1)
        where: Any = True if good is None else good
        squares = np.sum(np.square(data - mean), axis=0, where=where)
        at = module, group
        with self._locks[module]:
            together = np.maximum(self.n[at] + n, 1)
            difference = mean - self.mean[at]
            self.squares[at] += squares + difference**2 * (self.n[at] * n / together)
            self.mean[at] += difference * (n / together)
            self.n[at] += n

    def result(self) -> NDArray[Any]:
        """Give the deviation, NaN where there was nothing."""
        with np.errstate(invalid="ignore", divide="ignore"):
            deviation: NDArray[Any] = np.sqrt(self.squares / self.n)
        return deviation


class Extreme(Accumulator):
    """Largest or smallest value."""

    better: ClassVar[np.ufunc]

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        super().__init__(shape, dtype)
        self.worst = self._worst(dtype)
        self.found = np.full(shape, self.worst, dtype=dtype)

    @abstractmethod
    def _worst(self, dtype: np.dtype[Any]) -> Any:
        """Give the value that any other is better than."""

    def add(self, module: int, group: int, data: NDArray[Any], good: Good) -> None:
        """Take in some frames."""
        where: Any = True if good is None else good
        part = self.better.reduce(data, axis=0, where=where, initial=self.worst)
        n = len(data) if good is None else good.sum(axis=0)
        with self._locks[module]:
            self.better(self.found[module, group], part, out=self.found[module, group])
            self.n[module, group] += n

    def result(self) -> NDArray[Any]:
        """Give the value, NaN where there was nothing."""
        if (self.n > 0).all():
            return self.found
        kind = self.dtype if self.dtype.kind == "f" else np.dtype(np.float64)
        return np.where(self.n > 0, self.found.astype(kind), kind.type(np.nan))


class Largest(Extreme):
    """Largest value."""

    better = np.maximum

    def _worst(self, dtype: np.dtype[Any]) -> Any:
        return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


class Smallest(Extreme):
    """Smallest value."""

    better = np.minimum

    def _worst(self, dtype: np.dtype[Any]) -> Any:
        return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


ACCUMULATORS: Mapping[Name, type[Accumulator]] = {
    "mean": Mean,
    "std": Deviation,
    "sum": Sum,
    "max": Largest,
    "min": Smallest,
}


def _sum_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype({"u": np.uint64, "f": np.float64, "c": np.complex128}.get(dtype.kind, np.int64))


def _sum_and_count(data: NDArray[Any], good: Good, dtype: np.dtype[Any]) -> tuple[Any, Any]:
    if good is None:
        return data.sum(axis=0, dtype=dtype), len(data)
    return data.sum(axis=0, dtype=dtype, where=good), good.sum(axis=0)
