"""What an EXDF file that shows a selection of a run holds beside the data: INDEX and METADATA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version

import h5py
import numpy as np
from h5py import h5o
from numpy.typing import NDArray

from euxfel.core import DataCollection
from euxfel.core.entries import EntryTable
from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.sections import FLAG, TIMESTAMP, TRAIN_ID, Section

from .links import numbers_at

# What the lists of sources and the version are: these are not copied.
_NOT_COPIED = {"dataSources", "auxiliarySources", "dataFormatVersion", "dataSourceId"}
_NOT_COPIED |= {"root", "deviceId"}
OLDEST = "0.5"
# Later versions say more about the origin of trains than a selection of several files can.
WRITTEN = "1.0"


def format_version(data: DataCollection) -> str:
    """Give the version of the format to write: the oldest only for data that is as old.

    Only later versions can say which trains are suspect.
    """
    as_old = all(file.format_version == OLDEST for file in data.files)
    return OLDEST if as_old and data.files and not len(data.suspect_train_ids) else WRITTEN


def write_trains(file: h5py.File, data: DataCollection, version: str) -> None:
    """Write the selected trains with their times, and flags where the format has them."""
    train_ids = np.asarray(data.train_ids, dtype=np.uint64)
    file.create_dataset(TRAIN_ID, data=train_ids)
    times = data.train_timestamps()
    if len(times) and not np.isnat(times).all():
        known = np.where(np.isnat(times), np.uint64(0), times.astype(np.uint64))
        file.create_dataset(TIMESTAMP, data=known)
    if version != OLDEST:
        good = ~np.isin(train_ids, data.suspect_train_ids)
        file.create_dataset(FLAG, data=good.astype(np.int32))


def index_of(
    entries: EntryTable, train_ids: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Give first row and number of rows of each train, when entries are written one after another.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.core.entries import read_entries
    >>> from euxfel.fileaccess import Section
    >>> nothing = read_entries([], Section.CONTROL, "A/B/C", "", True)
    >>> index_of(nothing, np.array([10, 11], dtype=np.uint64))
    (array([0, 0], dtype=uint64), array([0, 0], dtype=uint64))
    """
    count = entries.counts_for(train_ids).astype(np.uint64)
    return np.cumsum(count, dtype=np.uint64) - count, count


def write_index(
    file: h5py.File,
    path: str,
    index: tuple[NDArray[np.uint64], NDArray[np.uint64]],
) -> None:
    """Write first and count of an index group."""
    for name, values in zip(("first", "count"), index, strict=True):
        numbers_at(file, f"{path}/{name}", values)


def listed_names(section: Section, source: str, groups: Iterable[str]) -> list[str]:
    """Give the names by which METADATA lists a source: one for each index group.

    Examples
    --------
    >>> from euxfel.fileaccess import Section
    >>> listed_names(Section.INSTRUMENT, "A/CAM/B:out", {"data"})
    ['INSTRUMENT/A/CAM/B:out/data']
    """
    name = section.source_path(source)
    return [f"{name}/{group}" if group else name for group in sorted(groups)] or [name]


def write_metadata(
    file: h5py.File, data: DataCollection, version: str, listed: Sequence[str]
) -> None:
    """Write what the file says about itself, as the first of the run's files says it."""
    group = file.require_group("METADATA")
    place = group if version == OLDEST else group.create_group("dataSources")
    names = sorted(listed)
    for name, values in [
        ("dataSourceId", names),
        ("root", [n.partition("/")[0] for n in names]),
        ("deviceId", [n.partition("/")[2] for n in names]),
    ]:
        text = np.array([v.encode() for v in values], dtype=object)
        place.create_dataset(name, data=text, dtype=h5py.special_dtype(vlen=bytes))
    if version != OLDEST:
        # The times and numbers of one run are not those of several.
        if data.is_single_run and data.files:
            _copy_metadata(data.files[0], group)
        group["dataFormatVersion"] = [version]


def _copy_metadata(source: FileAccess, group: h5py.Group) -> None:
    with source.handle.h5() as file:
        stored = file.get("METADATA")
        for name in [] if stored is None else sorted(set(stored) - _NOT_COPIED):
            h5o.copy(stored.id, name.encode(), group.id, name.encode())


def sign(file: h5py.File) -> None:
    """Say which package wrote the file."""
    file.attrs["writer"] = f"euxfel-writer {version('euxfel-writer')}"
