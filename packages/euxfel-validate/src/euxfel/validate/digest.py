"""What checks of a run need to know of one file, in a form that processes can exchange."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import Section

from .file_contents import FileContents, Stored
from .module_names import frames_group

#: Stands for the number of frames of a train whose index entry makes no sense.
UNKNOWN = -1


def digest(contents: FileContents) -> dict[str, Any]:
    """Give what checks of a run need to know of a file, as JSON carries it."""
    layout = _layout(contents)
    name = blake2b(json.dumps(layout).encode(), digest_size=16).hexdigest()
    return {
        "trains": runs_of(contents.trains.ids),
        "frames": _frame_counts(contents),
        "layout": name,
        "layouts": {name: layout},
    }


def _layout(contents: FileContents) -> dict[str, Any]:
    return {
        "control": contents.sources(Section.CONTROL),
        "instrument": contents.sources(Section.INSTRUMENT),
        "legacy": sorted(contents.facts.legacy),
        "kinds": [
            [source, {dataset.key: _kind(dataset) for dataset in datasets}]
            for (section, source), datasets in sorted(contents.survey.stored.items())
            if not section.is_auxiliary
        ],
    }


def _kind(dataset: Stored) -> list[str]:
    return [dataset.dtype, str(dataset.shape[1:])]


def _frame_counts(contents: FileContents) -> dict[str, list[list[int]]]:
    found = {}
    for source in contents.sources(Section.INSTRUMENT):
        group = frames_group(source)
        datasets = contents.groups(Section.INSTRUMENT, source).get(group)
        if datasets:
            index = contents.index(Section.INSTRUMENT, source, group)
            beyond = index.check_length(min(dataset.rows for dataset in datasets))
            found[source] = repeats_of(np.where(index.bad | beyond, UNKNOWN, index.count))
    return found


def runs_of(ids: NDArray[np.uint64]) -> list[list[int]]:
    """Give numbers as pairs: first number and how many follow each other, one by one.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.validate.digest import runs_of
    >>> runs_of(np.array([10, 11, 12, 20], dtype=np.uint64))
    [[10, 3], [20, 1]]
    """
    if not len(ids):
        return []
    starts = np.concatenate(([0], np.flatnonzero(ids[1:] != ids[:-1] + np.uint64(1)) + 1))
    lengths = np.diff(np.append(starts, len(ids)))
    return [[int(i), int(n)] for i, n in zip(ids[starts], lengths, strict=True)]


def from_runs(runs: list[list[int]]) -> NDArray[np.uint64]:
    """Give the numbers that `runs_of` was called on."""
    parts = [np.uint64(first) + np.arange(n, dtype=np.uint64) for first, n in runs]
    return np.concatenate([np.array([], np.uint64), *parts])


def repeats_of(counts: NDArray[np.int64]) -> list[list[int]]:
    """Give numbers as pairs: a number and how often it repeats.

    Examples
    --------
    >>> import numpy as np
    >>> from euxfel.validate.digest import repeats_of
    >>> repeats_of(np.array([64, 64, 64, 0]))
    [[64, 3], [0, 1]]
    """
    if not len(counts):
        return []
    starts = np.concatenate(([0], np.flatnonzero(counts[1:] != counts[:-1]) + 1))
    lengths = np.diff(np.append(starts, len(counts)))
    return [[int(c), int(n)] for c, n in zip(counts[starts], lengths, strict=True)]


def from_repeats(repeats: list[list[int]]) -> NDArray[np.int64]:
    """Give the numbers that `repeats_of` was called on."""
    if not repeats:
        return np.array([], np.int64)
    values, times = np.array(repeats, np.int64).T
    return np.repeat(values, times)
