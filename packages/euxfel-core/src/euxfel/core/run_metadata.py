"""What files say about the run they belong to, and when its trains were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, MultiRunError

LOCAL_TIME = "Europe/Berlin"


def single_run_metadata(files: Sequence[FileAccess], is_single_run: bool) -> dict[str, Any]:
    """Give the metadata of the one run that files belong to.

    Raises
    ------
    MultiRunError
        If they belong to several.
    """
    if not is_single_run:
        raise MultiRunError(
            "this data is from several runs, each with metadata of its own; see .runs_metadata()"
        )
    return files[0].metadata()


def is_one_run(files: Sequence[Sequence[FileAccess]]) -> bool:
    """Whether groups of files, each of a single run, say that they belong to the same one."""
    found = set()
    for group in files:
        about = group[0].metadata() if group else {}
        found.add((about.get("proposalNumber"), about.get("runNumber")))
    return len(found) == 1 and None not in next(iter(found))


def train_times(
    files: Sequence[FileAccess], train_ids: NDArray[np.uint64]
) -> NDArray[np.datetime64]:
    """Give the time of each train in UTC by the first file that has it, else NaT."""
    nat = np.datetime64("NaT", "ns")
    times = np.full(len(train_ids), nat, dtype="datetime64[ns]")
    if not len(train_ids):
        return times
    for file in files:
        stamps = file.timestamps
        if stamps is None:
            continue
        ids = file.stored_trains.ids
        at = np.searchsorted(train_ids, ids)
        at[at == len(train_ids)] = 0
        wanted = (train_ids[at] == ids) & (stamps > 0) & np.isnat(times[at])
        times[at[wanted]] = stamps[wanted].astype("datetime64[ns]")
    return times


def as_datetimes(times: NDArray[np.datetime64], local: bool) -> list[Any]:
    """Turn times into timezone-aware ``datetime`` objects, None where there is no time."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(LOCAL_TIME) if local else UTC
    micro = times.astype("datetime64[us]").tolist()
    return [
        t.replace(tzinfo=UTC).astimezone(zone) if isinstance(t, datetime) else None for t in micro
    ]
