"""The run map that readers of the facility share: ``karabo_data_map.json``.

A JSON list with one object per file of a run: its trains and sources, and the size and time of
change that the file had. An entry counts only while both match exactly and no field is
missing, and nothing in it is trusted: it may be old, damaged, or written by someone hostile.
"""

from __future__ import annotations

import json
import os
from array import array
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .cachefiles import (
    cache_paths,
    newest_first,
    read_whole,
    reason,
    replace_file,
    write_somewhere,
)
from .identity import FileIdentity
from .problems import Problem, ProblemKind
from .summary import FileSummary, is_source_name

__all__ = ["MAP_NAME", "FileSummary", "RunMap"]

MAP_NAME = "karabo_data_map.json"

# What a map may take, by the number of files it can be about: an entry of 50,000 trains and
# some thousand sources fits.
_BYTES_BASE = 1 << 20
_BYTES_PER_FILE = 2 << 20
_BYTES_MAX = 512 << 20

# What the decoder and the system raise for content that makes no sense or takes too much.
_UNREADABLE = (OSError, ValueError, RecursionError, MemoryError)

_Entry = dict[str, Any]


class RunMap:
    """What the map of a run remembers of its files.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from euxfel.fileaccess.identity import FileIdentity
    >>> from euxfel.fileaccess.run_map import FileSummary, RunMap
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "RAW-R0001-DA01-S00000.h5")
    ...     _ = open(path, "x").close()
    ...     identity = FileIdentity.of(path)
    ...     summary = FileSummary(
    ...         train_ids=np.arange(10000, 10100, dtype=np.uint64),
    ...         suspect_indices=np.array([], dtype=np.int64),
    ...         control_sources=frozenset({"SPB_XTD9_XGM/DOOCS/MAIN"}),
    ...         instrument_sources=frozenset(),
    ...         legacy_sources={},
    ...     )
    ...     RunMap.load(folder).save({"RAW-R0001-DA01-S00000.h5": (identity, summary)})
    ...     RunMap.load(folder).get("RAW-R0001-DA01-S00000.h5", identity) == summary
    True
    """

    def __init__(
        self,
        run_folder: str | os.PathLike[str],
        entries: Mapping[str, _Entry] | None = None,
        faults: tuple[str, ...] = (),
        path: str | None = None,
    ) -> None:
        self.run_folder = os.path.abspath(run_folder)
        #: Where the map was read from, None if there is none.
        self.path = path
        self._entries = dict(entries or {})
        self._faults = faults
        self._bad: list[str] = []
        self._known_names: set[str] = set()

    @classmethod
    def load(cls, run_folder: str | os.PathLike[str]) -> RunMap:
        """Read the newest readable map of a run; an empty one if there is none.

        Never raises. What is wrong with a map is in `problems`.
        """
        faults: list[str] = []
        for path in newest_first(_places(run_folder)):
            try:
                entries, dropped = _read_entries(path, _byte_limit(run_folder))
            except PermissionError:
                # EXtra-data makes maps that only their author can read.
                continue
            except _UNREADABLE as exc:
                faults.append(f"the run map {path} is not used: {reason(exc)}")
                continue
            if dropped:
                faults.append(f"{dropped} entries of the run map {path} are not used: malformed")
            return cls(run_folder, entries, tuple(faults), path)
        return cls(run_folder, faults=tuple(faults))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong with the map so far; entries are checked when asked for."""
        messages = list(self._faults)
        if self._bad:
            messages.append(
                f"the run map {self.path} is not used for {len(self._bad)} file(s), "
                f"{self._bad[0]!a} first: malformed entry"
            )
        return tuple(Problem(ProblemKind.BAD_CACHE, text, file=self.path) for text in messages)

    def get(self, filename: str, identity: FileIdentity) -> FileSummary | None:
        """Give what the map remembers of a file, None if it does not know the file as it is.

        Parameters
        ----------
        filename : str
            Name of the file, without its folder.
        identity : FileIdentity
            What the file is now.
        """
        entry = self._entries.get(filename)
        if entry is None or not _matches(entry, identity):
            return None
        summary = self._summary(entry)
        if summary is None:
            del self._entries[filename]
            self._bad.append(filename)
        return summary

    def save(self, found: Mapping[str, tuple[FileIdentity, FileSummary]]) -> Problem | None:
        """Add files to the map on disk; what other readers put there meanwhile stays.

        Never raises for what the file system does.

        Parameters
        ----------
        found : mapping of str to (FileIdentity, FileSummary)
            By name of the file, without its folder.

        Returns
        -------
        Problem or None
            A note if the map could not be written, but not for a folder that is read-only:
            that is usual.
        """
        new = {name: _entry(name, *known) for name, known in found.items() if _is_name(name)}
        if not new:
            return None
        return write_somewhere(
            _places(self.run_folder), lambda path: self._merge_into(path, new), "the run map"
        )

    def _merge_into(self, path: str, new: Mapping[str, _Entry]) -> None:
        present = set(os.listdir(self.run_folder))
        on_disk = RunMap.load(self.run_folder)._entries
        merged = {name: entry for name, entry in on_disk.items() if name in present} | dict(new)
        text = json.dumps([merged[name] for name in sorted(merged)], separators=(",", ":"))
        replace_file(path, [text.encode()])

    def _summary(self, entry: _Entry) -> FileSummary | None:
        ids = _integers(entry.get("train_ids"), "Q")
        suspect = _integers(entry.get("suspect_train_indices"), "q")
        control = self._names(entry.get("control_sources"))
        instrument = self._names(entry.get("instrument_sources"))
        legacy = self._legacy(entry.get("legacy_sources"))
        if ids is None or suspect is None or control is None or instrument is None:
            return None
        if legacy is None or not ids.all() or not _are_positions(suspect, len(ids)):
            return None
        return FileSummary(ids, suspect, control, instrument, legacy)

    def _names(self, value: object) -> frozenset[str] | None:
        if type(value) is not list:
            return None
        try:
            names = frozenset(value)
        except TypeError:
            return None
        # Most files of a run have the same sources as another one.
        unknown = names - self._known_names
        if not all(is_source_name(name) for name in unknown):
            return None
        self._known_names |= unknown
        return names

    def _legacy(self, value: object) -> dict[str, str] | None:
        if type(value) is not dict:
            return None
        pairs: dict[str, str] = value
        both = [*pairs, *pairs.values()]
        return dict(pairs) if self._names(both) is not None else None


def _places(run_folder: str | os.PathLike[str]) -> list[str]:
    return cache_paths(run_folder, MAP_NAME, ".json")


def _byte_limit(run_folder: str | os.PathLike[str]) -> int:
    files = sum(name.endswith(".h5") for name in os.listdir(run_folder))
    return min(_BYTES_MAX, _BYTES_BASE + files * _BYTES_PER_FILE)


def _read_entries(path: str, limit: int) -> tuple[dict[str, _Entry], int]:
    """Read the entries of a map by file name, and count those that are about no file."""
    listed = json.loads(read_whole(path, limit))
    if type(listed) is not list:
        raise ValueError("it is not a list of files")
    named = [entry for entry in listed if type(entry) is dict and _is_name(entry.get("filename"))]
    times = Counter(entry["filename"] for entry in named)
    # Nothing tells which of two entries for a file to believe.
    entries = {entry["filename"]: entry for entry in named if times[entry["filename"]] == 1}
    return entries, len(listed) - len(entries)


def _is_name(name: object) -> bool:
    # A name with a slash would be about a file somewhere else.
    return isinstance(name, str) and name.endswith(".h5") and "/" not in name and "\0" not in name


def _matches(entry: _Entry, identity: FileIdentity) -> bool:
    mtime, size = entry.get("mtime"), entry.get("size")
    return (
        type(size) is int
        and type(mtime) in (int, float)
        and size == identity.size
        and mtime == _seconds(identity.mtime_ns)
    )


def _seconds(mtime_ns: int) -> float:
    """Give a time as ``os.stat_result.st_mtime`` rounds it: maps hold that float exactly."""
    seconds, nanoseconds = divmod(mtime_ns, 1_000_000_000)
    return seconds + 1e-9 * nanoseconds


def _integers(value: object, code: Literal["q", "Q"]) -> NDArray[Any] | None:
    """Make an array of a list of integers: "q" signed, "Q" unsigned; None for all else."""
    if type(value) is not list:
        return None
    try:
        # Several times faster than NumPy, which would also take 1.9 and "1" for 1.
        found = np.array(array(code, value))
    except (TypeError, OverflowError):
        return None
    if (found <= 1).any() and bool in set(map(type, value)):
        return None
    return found


def _are_positions(positions: NDArray[np.int64], length: int) -> bool:
    if not len(positions):
        return True
    return bool(positions.min() >= 0 and positions.max() < length)


def _entry(name: str, identity: FileIdentity, summary: FileSummary) -> _Entry:
    return {
        "filename": name,
        "mtime": _seconds(identity.mtime_ns),
        "size": identity.size,
        "train_ids": summary.train_ids.tolist(),
        "control_sources": sorted(summary.control_sources),
        "instrument_sources": sorted(summary.instrument_sources),
        "legacy_sources": dict(sorted(summary.legacy_sources.items())),
        "suspect_train_indices": summary.suspect_indices.tolist(),
    }
