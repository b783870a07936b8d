"""What can be said of a source beyond its name; a source that cannot be read says why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess.errors import EuxfelError

from .detectors import Detector
from .grouping import natural_key
from .protocols import KeyLike, SourceLike
from .summary import Details, Frames, GroupCounts, KeyFacts

# One damaged source must not keep the others from being shown.
UNREADABLE = (EuxfelError, OSError)


def group_counts(source: SourceLike) -> dict[str, NDArray[np.int64]]:
    """Give the number of entries per train of each index group of a source."""
    if source.is_control:
        return {"": source.data_counts(labelled=False)}
    groups = sorted(source.index_groups)
    return {group: source.data_counts(labelled=False, index_group=group) for group in groups}


def source_counts(source: SourceLike) -> Details:
    """Give the counts of a source."""
    try:
        return Details(counts=_counts(source))
    except UNREADABLE as error:
        return Details(error=str(error))


def source_details(source: SourceLike) -> Details:
    """Give counts, keys, units and the rest of a source."""
    try:
        keys = source.keys(inc_timestamps=False)
        return Details(
            counts=_counts(source),
            keys=tuple(_key_facts(source, k) for k in sorted(map(_short, keys), key=natural_key)),
            run_keys=_run_only(source, keys),
            device_class=source.device_class,
        )
    except UNREADABLE as error:
        return Details(error=str(error))


def frames_or_error(source: SourceLike, detector: Detector) -> Frames:
    """Give the frames of one module of a detector, or why they are not known."""
    try:
        return frames_of(source, detector)
    except UNREADABLE as error:
        return Frames(source.source, error=str(error))


def frames_of(source: SourceLike, detector: Detector) -> Frames:
    """Give the frames of one module of a detector."""
    shape = tuple(source[detector.data_key].entry_shape)
    group = detector.data_key.partition(".")[0]
    counts = source.data_counts(labelled=False, index_group=group)
    # One JUNGFRAU entry is a train with all its memory cells.
    per_entry = shape[0] if detector.data_key == "data.adc" and len(shape) == 3 else 1
    stats = _group_counts(group, counts * per_entry)
    return Frames(
        source=source.source,
        module_shape=shape[-2:],
        fewest=stats.fewest,
        most=stats.most,
        n_with_data=stats.n_with_data,
        n_trains=stats.n_trains,
        n_frames=stats.n_entries,
    )


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Give the name of a type; text is ``str`` whatever way it is stored.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.core.display.details import dtype_name
    >>> dtype_name(np.dtype("f4")), dtype_name(np.dtype(object))
    ('float32', 'str')
    """
    return "str" if dtype.kind in "OSU" else str(dtype)


def _counts(source: SourceLike) -> tuple[GroupCounts, ...]:
    return tuple(_group_counts(group, counts) for group, counts in group_counts(source).items())


def _group_counts(group: str, counts: NDArray[np.int64]) -> GroupCounts:
    used = counts[counts > 0]
    return GroupCounts(
        group=group,
        n_trains=len(counts),
        n_with_data=len(used),
        fewest=int(used.min()) if len(used) else 0,
        most=int(used.max(initial=0)),
        n_entries=int(used.sum()),
    )


def _key_facts(source: SourceLike, key: str) -> KeyFacts:
    try:
        found: KeyLike = source[key]
        return KeyFacts(key, dtype_name(found.dtype), tuple(found.entry_shape), found.units or "")
    except UNREADABLE as error:
        return KeyFacts(key, "", (), "", error=str(error))


def _run_only(source: SourceLike, keys: Iterable[str]) -> tuple[str, ...]:
    if not source.is_control:
        return ()
    known = {_short(k) for k in keys}
    found = {_short(k) for k in source.run_keys(inc_timestamps=False)}
    return tuple(sorted(found - known, key=natural_key))


def _short(key: str) -> str:
    return key.removesuffix(".value")
