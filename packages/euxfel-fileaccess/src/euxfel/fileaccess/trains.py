"""The trains of one file: their IDs, which of them to trust, where their index entries are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import name_trains
from .format import Validity
from .problems import Problem, ProblemKind

# Trains come ten a second and a file spans minutes: an ID ten days from the file's median
# did not come from the clock, whatever its flag says.
FAR_AWAY = 10 * 24 * 3600 * 10
# Up to here the exact rule for files without a flag is used, whose cost grows with the breaks.
MAX_BREAKS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class TrainTable:
    """The trains of a file in the order they are stored.

    Attributes
    ----------
    ids : ndarray of uint64, shape (trains,)
        Train IDs, without padding and without zeros.
    valid : ndarray of bool, shape (trains,)
        False for suspect trains: their ID did not come from the time server.
    rows : ndarray of int64, shape (trains,)
        Position of each train in the file's index datasets.
    problems : tuple of Problem
        What was found wrong with the IDs.
    """

    ids: NDArray[np.uint64]
    valid: NDArray[np.bool_]
    rows: NDArray[np.int64]
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def suspect_ids(self) -> NDArray[np.uint64]:
        """Train IDs that did not come from the time server."""
        return self.ids[~self.valid]


def train_table(
    raw_ids: NDArray[Any], flag: NDArray[Any] | None, validity: Validity, filename: str
) -> TrainTable:
    """Make the table from what a file holds in ``INDEX/trainId`` and ``INDEX/flag``.

    Parameters
    ----------
    raw_ids : ndarray
        Train IDs as stored, padded with zeros at the end.
    flag : ndarray or None
        The flags as stored, None if the file has none.
    validity : Validity
        What the flag means in this version of the format.
    filename : str
        For the problems found.
    """
    stored = np.asarray(raw_ids, dtype=np.uint64)
    told = None if flag is None or flag.ndim != 1 else (flag.dtype.str, flag.tobytes())
    table = _uninspected(stored.tobytes(), told, validity)
    return inspected(table, filename)


# The aggregators of a run have the same trains: a table for all of them is made once.
@lru_cache(maxsize=64)
def _uninspected(ids: bytes, flag: tuple[str, bytes] | None, validity: Validity) -> TrainTable:
    stored = np.frombuffer(ids, np.uint64)
    rows = np.flatnonzero(stored)
    flags = None if flag is None else np.frombuffer(flag[1], flag[0])
    valid = _flagged_valid(stored[rows], rows, flags, validity) & ~rogue_ids(stored[rows])
    table = TrainTable(stored[rows], valid, rows)
    for shared in (table.ids, table.valid, table.rows):
        shared.flags.writeable = False
    return table


def inspected(table: TrainTable, filename: str) -> TrainTable:
    """Give the same table with what is wrong with its IDs."""
    return TrainTable(table.ids, table.valid, table.rows, tuple(_inspect(table, filename)))


def _flagged_valid(
    ids: NDArray[np.uint64],
    rows: NDArray[np.int64],
    flag: NDArray[Any] | None,
    validity: Validity,
) -> NDArray[np.bool_]:
    if flag is None or validity is Validity.GUESSED or not _covers(flag, rows):
        return guess_valid(ids)
    wanted = 0 if validity is Validity.FLAG_CLEAR else 1
    good: NDArray[np.bool_] = flag[rows] == wanted
    return good


def _covers(flag: NDArray[Any], rows: NDArray[np.int64]) -> bool:
    is_list = flag.ndim == 1 and flag.dtype.kind in "iu"
    return is_list and len(flag) > int(rows.max(initial=-1))


def guess_valid(ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Guess which train IDs to trust in a file without flags.

    IDs increase strictly in a good file. At each place where they do not, either the earlier
    IDs that are not below the next one are wrong, or the later IDs that are not above the
    previous one; the smaller of the two sets is taken to be wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.fileaccess.trains import guess_valid
    >>> guess_valid(np.array([10, 11, 900, 12, 13], dtype=np.uint64))
    array([ True,  True, False,  True,  True])
    """
    breaks = np.flatnonzero(ids[1:] <= ids[:-1])
    if len(breaks) > MAX_BREAKS:
        return _ordered_on_both_sides(ids)
    valid = np.ones(len(ids), dtype=np.bool_)
    for i in breaks:
        earlier = ids[: i + 1] >= ids[i + 1]
        later = ids[i + 1 :] <= ids[i]
        if np.count_nonzero(earlier) < np.count_nonzero(later):
            valid[: i + 1] &= ~earlier
        else:
            valid[i + 1 :] &= ~later
    return valid


def _ordered_on_both_sides(ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Trust only IDs above all earlier and below all later ones; linear in cost."""
    highest_before = np.maximum.accumulate(ids)
    lowest_after = np.minimum.accumulate(ids[::-1])[::-1]
    valid = np.ones(len(ids), dtype=np.bool_)
    valid[1:] &= ids[1:] > highest_before[:-1]
    valid[:-1] &= ids[:-1] < lowest_after[1:]
    return valid


def rogue_ids(ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which IDs did not come from the clock, whatever their flag says.

    These are IDs too far from the others for one file, and IDs out of order that are further
    away than trains that were merely stored in another order.
    """
    if not len(ids) or _close_together(ids):
        return np.zeros(len(ids), dtype=np.bool_)
    ordered = np.sort(ids)
    low, median, high = ordered[[len(ids) // 10, len(ids) // 2, -1 - len(ids) // 10]]
    distance = np.where(ids > median, ids - median, median - ids)
    rogue: NDArray[np.bool_] = distance > np.uint64(FAR_AWAY)
    # In Python's integers: a rogue ID in a short list makes the spread too large for 64 bits.
    spread = 10 * (int(high) - int(low)) + 100
    displaced = distance > np.uint64(min(spread, 2**64 - 1))
    if displaced.any():
        rogue |= displaced & ~guess_valid(ids)
    return rogue


def _close_together(ids: NDArray[np.uint64]) -> bool:
    """Whether IDs increase and the last is near the first: then none can be rogue."""
    return bool(ids[-1] >= ids[0] and ids[-1] - ids[0] <= FAR_AWAY and (ids[1:] > ids[:-1]).all())


def _inspect(table: TrainTable, filename: str) -> list[Problem]:
    ids = table.ids
    found: list[Problem] = []

    def note(kind: ProblemKind, message: str, trains: NDArray[np.uint64]) -> None:
        listed = tuple(int(t) for t in trains)
        found.append(Problem(kind, message, file=filename, trains=listed))

    if len(table) and table.rows[-1] != len(table) - 1:
        zeros = int(table.rows[-1]) + 1 - len(table)
        note(
            ProblemKind.ZERO_TRAIN_ID,
            f"{zeros} train ID(s) between others are 0; these index entries are left out",
            ids[:0],
        )
    if not table.valid.all():
        note(
            ProblemKind.SUSPECT_TRAINS,
            f"{name_trains(table.suspect_ids)} did not come from the time server; "
            "open with inc_suspect_trains=False to leave them out",
            table.suspect_ids,
        )
    if not (ids[1:] > ids[:-1]).all():
        found.extend(_inspect_order(table, filename))
    return found


def _inspect_order(table: TrainTable, filename: str) -> list[Problem]:
    unique, counts = np.unique(table.ids, return_counts=True)
    repeated = unique[counts > 1]
    found = []
    if len(repeated):
        found.append(
            Problem(
                ProblemKind.DUPLICATE_TRAINS,
                f"{name_trains(repeated)} stand(s) more than once in the file; "
                "the first entry with data counts",
                file=filename,
                trains=tuple(int(t) for t in repeated),
            )
        )
    backwards = np.flatnonzero(table.ids[1:] < table.ids[:-1]) + 1
    if len(backwards):
        found.append(
            Problem(
                ProblemKind.UNORDERED_TRAINS,
                "train IDs do not increase; data is given in order of train ID",
                file=filename,
                trains=tuple(int(t) for t in table.ids[backwards]),
            )
        )
    return found
