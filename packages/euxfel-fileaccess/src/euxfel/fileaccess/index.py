"""Which rows of a source's datasets belong to which train: the only way from trains to rows.

A file stores ``first`` and ``count`` per train, the oldest ones ``first``, ``last`` and
``status``. Both become one `GroupIndex`, in signed 64-bit numbers that were checked: whatever
a file claims, nothing here wraps around, and nothing is allocated on its word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import name_trains
from .foreign import FOREIGN
from .h5read import OpenFile, read_small
from .problems import Problem, ProblemKind
from .trains import TrainTable

# No dataset has more rows; larger numbers in an index are damage.
MAX_ROW = 2**48


@dataclass(frozen=True, slots=True, eq=False)
class GroupIndex:
    """Rows of one index group by train, in the order of the file's trains.

    Attributes
    ----------
    first, count : ndarray of int64, shape (trains,)
        Rows ``first[i]`` to ``first[i] + count[i]`` belong to train ``i``.
    bad : ndarray of bool, shape (trains,)
        True where the file's entry makes no sense; ``count`` is 0 there and reading refuses.
    findings : tuple
        What was found wrong: kind, message and train IDs.
    """

    first: NDArray[np.int64]
    count: NDArray[np.int64]
    bad: NDArray[np.bool_]
    findings: tuple[tuple[ProblemKind, str, tuple[int, ...]], ...] = ()

    @classmethod
    def empty(cls, n: int) -> GroupIndex:
        """Give the index that says of ``n`` trains that there is no data."""
        zeros = np.zeros(n, dtype=np.int64)
        return cls(zeros, zeros, np.zeros(n, dtype=np.bool_))

    @classmethod
    def missing(cls, n: int, path: str) -> GroupIndex:
        """Give the index of a group for which a file has none, though it has the data."""
        empty = cls.empty(n)
        message = f"there is data but no {path}; its trains count as without data"
        finding = (ProblemKind.INDEX_MISSING, message, ())
        return cls(empty.first, empty.count, empty.bad, (finding,))

    def problems(self, file: str, source: str) -> list[Problem]:
        """Give what is wrong as problems of a source."""
        return [
            Problem(kind, message, file=file, source=source, trains=trains)
            for kind, message, trains in self.findings
        ]

    def check_length(self, length: int) -> NDArray[np.bool_]:
        """Tell which trains claim rows beyond a dataset of this many rows."""
        beyond: NDArray[np.bool_] = (self.count > 0) & (self.first + self.count > length)
        return beyond


@dataclass(slots=True)
class _Builder:
    """Collects what is wrong while an index is decoded."""

    trains: TrainTable
    bad: NDArray[np.bool_]
    findings: list[tuple[ProblemKind, str, tuple[int, ...]]] = field(default_factory=list)

    def mark(self, kind: ProblemKind, where: NDArray[np.bool_], message: str) -> None:
        """Refuse the entries where the mask is set."""
        if where.any():
            self.bad |= where
            self.note(kind, where, message)

    def note(self, kind: ProblemKind, where: NDArray[np.bool_], message: str) -> None:
        """Tell of entries that stay in use."""
        if where.any():
            trains = tuple(int(t) for t in self.trains.ids[where])
            self.findings.append((kind, f"{message} ({name_trains(trains)})", trains))


def read_index(file: OpenFile, path: str, trains: TrainTable) -> GroupIndex | None:
    """Read and check the index of one group; None if the file has none at this path.

    An index that is damaged is one that refuses all trains: the rest of the file stays usable.
    """
    try:
        return _read_index(file, path, trains)
    except FOREIGN as exc:
        return _refused(trains, f"it is damaged ({exc})", path)


def _read_index(file: OpenFile, path: str, trains: TrainTable) -> GroupIndex | None:
    first = read_small(file, f"{path}/first")
    count = read_small(file, f"{path}/count")
    if first is None:
        return None if count is None else _refused(trains, "first is missing", path)
    if count is not None:
        return build_index(first, count, trains, path)
    last = read_small(file, f"{path}/last")
    status = read_small(file, f"{path}/status")
    if last is None or status is None:
        return _refused(trains, "count is missing", path)
    return _from_last_status(first, last, status, trains, path)


def build_index(
    first: NDArray[Any], count: NDArray[Any], trains: TrainTable, path: str
) -> GroupIndex:
    """Make the checked index from ``first`` and ``count`` as stored."""
    reason = _unusable("first", first) or _unusable("count", count)
    if reason:
        return _refused(trains, reason, path)
    plain = _plain_index(first, count, trains)
    if plain is not None:
        return plain
    build = _Builder(trains, np.zeros(len(trains), dtype=np.bool_))
    _check_lengths(build, len(first), len(count), path)
    firsts, wild_first = _at_rows(first, trains.rows)
    counts, wild_count = _at_rows(count, trains.rows)
    build.mark(
        ProblemKind.INDEX_INVALID,
        wild_first & (counts != 0) | wild_count,
        f"{path} holds numbers that cannot be rows",
    )
    counts[build.bad] = 0
    build.mark(
        ProblemKind.INDEX_OVERLAP,
        _overlapping(firsts, counts),
        f"{path} gives the same rows to several trains",
    )
    counts[build.bad] = 0
    firsts[counts == 0] = 0
    return GroupIndex(firsts, counts, build.bad, tuple(build.findings))


def _plain_index(first: NDArray[Any], count: NDArray[Any], trains: TrainTable) -> GroupIndex | None:
    """Give the index where nothing can be wrong: rows follow each other without a gap.

    Nearly all are like that, and this takes a fraction of the checks that the others need.
    """
    n = len(trains)
    if len(first) < n or len(count) < n or not n or trains.rows[-1] != n - 1:
        return None
    firsts, counts = first[:n].astype(np.int64), count[:n].astype(np.int64)
    if firsts[0] < 0 or firsts[-1] > MAX_ROW or counts.min() <= 0 or counts.max() > MAX_ROW // n:
        return None
    if not np.array_equal(firsts[1:], firsts[:-1] + counts[:-1]):
        return None
    return GroupIndex(firsts, counts, np.zeros(n, dtype=np.bool_))


def _from_last_status(
    first: NDArray[Any],
    last: NDArray[Any],
    status: NDArray[Any],
    trains: TrainTable,
    path: str,
) -> GroupIndex:
    for name, values in (("last", last), ("status", status), ("first", first)):
        reason = _unusable(name, values)
        if reason:
            return _refused(trains, reason, path)
    n = min(len(last), len(status), len(first))
    # Signed arithmetic: unsigned last - first wraps around where a train has no data. Clipped
    # values stay far outside what passes as a row.
    span = _signed(last[:n]) - _signed(first[:n]) + 1
    return build_index(first, np.where(status[:n] != 0, span, 0), trains, path)


def _signed(values: NDArray[Any]) -> NDArray[np.int64]:
    """Give integers of any type as int64, far too large ones clipped instead of wrapped."""
    if values.dtype.kind == "u":
        values = np.minimum(values, np.uint64(2**62))
    return np.clip(values.astype(np.int64), -(2**62), 2**62)


def _unusable(name: str, values: NDArray[Any]) -> str | None:
    if values.ndim != 1 or values.dtype.kind not in "iu":
        return f"{name} has dtype {values.dtype} and shape {values.shape}, not a list of integers"
    return None


def _refused(trains: TrainTable, reason: str, path: str) -> GroupIndex:
    empty = GroupIndex.empty(len(trains))
    bad = np.ones(len(trains), dtype=np.bool_)
    ids = tuple(int(t) for t in trains.ids)
    finding = (ProblemKind.INDEX_INVALID, f"{path} cannot be used: {reason}", ids)
    return GroupIndex(empty.first, empty.count, bad, (finding,))


def _at_rows(
    values: NDArray[Any], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Take the entries of the file's trains, 0 beyond the end, and tell the impossible ones."""
    out = np.zeros(len(rows), dtype=np.int64)
    inside = rows < len(values)
    out[inside] = _signed(values[rows[inside]])
    wild = (out < 0) | (out > MAX_ROW)
    return out, wild


def _check_lengths(build: _Builder, n_first: int, n_count: int, path: str) -> None:
    rows = build.trains.rows
    short, long = sorted((n_first, n_count))
    build.mark(
        ProblemKind.INDEX_INVALID,
        (rows >= short) & (rows < long),
        f"{path} has {n_first} values of first but {n_count} of count",
    )
    build.note(
        ProblemKind.INDEX_SHORT,
        rows >= long,
        f"{path} has {long} entries, fewer than the file has trains; the rest has no data",
    )


def _overlapping(first: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which trains claim a row that another train claims too."""
    out = np.zeros(len(first), dtype=np.bool_)
    used = np.flatnonzero(count)
    order = used[np.argsort(first[used], kind="stable")]
    start, stop = first[order], first[order] + count[order]
    # The furthest row claimed by any earlier range, since a long one may cover several.
    reach = np.maximum.accumulate(stop)[:-1]
    clash = np.flatnonzero(start[1:] < reach)
    if len(clash):
        out[order[clash + 1]] = True
        # Whoever the clashing range starts inside of clashes as well.
        owner = np.searchsorted(reach, start[clash + 1], side="right")
        out[order[owner]] = True
    return out
