"""Our own map of a run: trains, sources and arrays of its files, small and quick to read.

It stands beside the run map that EXtra-data shares, in one file. An entry counts only while
the file's size and time of change match to the nanosecond. Nothing in it is trusted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from numpy.typing import NDArray

from .cachefiles import cache_paths, newest_first, reason, replace_file, write_somewhere
from .compact_draft import Draft
from .compact_file import MapFile, MapReplacedError
from .compact_format import Arrays, storable
from .identity import FileIdentity
from .problems import Problem, ProblemKind
from .summary import FileSummary

COMPACT_MAP_NAME = ".euxfel_map"

_HEADER_BASE = 1 << 20
_HEADER_PER_FILE = 256 << 10
_HEADER_MAX = 256 << 20
# What the decoder and the system raise for content that makes no sense or takes too much.
_UNREADABLE = (OSError, ValueError, RecursionError, MemoryError)


class CompactMap:
    """What our map of a run remembers of its files.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from euxfel.fileaccess.compact_map import CompactMap
    >>> from euxfel.fileaccess.identity import FileIdentity
    >>> from euxfel.fileaccess.summary import FileSummary
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
    ...     new = CompactMap.load(folder)
    ...     new.put("RAW-R0001-DA01-S00000.h5", identity, summary, {"count": np.arange(1, 4)})
    ...     new.save()
    ...     again = CompactMap.load(folder)
    ...     print(again.get("RAW-R0001-DA01-S00000.h5", identity) == summary)
    ...     print(again.arrays("RAW-R0001-DA01-S00000.h5", identity))
    True
    {'count': array([1, 2, 3])}
    """

    def __init__(self, run_folder: str | os.PathLike[str]) -> None:
        self.run_folder = os.path.abspath(run_folder)
        self._file: MapFile | None = None
        self._faults: list[str] = []
        self._new: dict[str, tuple[FileIdentity, FileSummary, Arrays]] = {}
        self._is_saved = True

    @classmethod
    def load(cls, run_folder: str | os.PathLike[str]) -> CompactMap:
        """Read the newest readable map of a run; an empty one if there is none.

        Never raises. What is wrong with a map is in `problems`.
        """
        found = cls(run_folder)
        for path in newest_first(_places(run_folder)):
            try:
                found._file = MapFile.read(path, _header_limit(run_folder))
            except PermissionError:
                continue
            except _UNREADABLE as exc:
                found._faults.append(f"the map {path} is not used: {reason(exc)}")
            else:
                break
        return found

    @property
    def path(self) -> str | None:
        """Where the map was read from, None if there is none."""
        return None if self._file is None else self._file.path

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong with the map so far; entries are checked when asked for."""
        return tuple(Problem(ProblemKind.BAD_CACHE, text, file=self.path) for text in self._faults)

    def get(self, filename: str, identity: FileIdentity) -> FileSummary | None:
        """Give what the map remembers of a file, None if it does not know the file as it is.

        Parameters
        ----------
        filename : str
            Name of the file, without its folder.
        identity : FileIdentity
            What the file is now.
        """
        staged = self._staged(filename, identity)
        if staged is not None:
            return staged[0]
        if self._file is None or not self._file.matches(filename, identity):
            return None
        try:
            return self._file.summary(filename)
        except ValueError as exc:
            del self._file.entries[filename]
            self._faults.append(f"the map {self.path} is not used for {filename!a}: {reason(exc)}")
            return None

    def arrays(self, filename: str, identity: FileIdentity) -> Arrays:
        """Read the arrays the map remembers of a file; those from disk are read-only.

        Empty if the map has none, does not know the file as it is, or was replaced since it
        was loaded.
        """
        staged = self._staged(filename, identity)
        new = {} if staged is None else staged[1]
        if self._file is None or not self._file.matches(filename, identity):
            return dict(new)
        try:
            return self._file.arrays(filename) | new
        except (FileNotFoundError, MapReplacedError):
            # Another process saved its own: usual.
            pass
        except _UNREADABLE as exc:
            self._file.entries[filename]["arrays"] = None
            self._faults.append(f"arrays of {filename!a} in {self.path} not used: {reason(exc)}")
        return dict(new)

    def put(
        self,
        filename: str,
        identity: FileIdentity,
        summary: FileSummary,
        arrays: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        """Remember a file; on disk only after `save`.

        Parameters
        ----------
        filename : str
            Name of the file, without its folder.
        identity : FileIdentity
            What the file was when it was read.
        summary : FileSummary
            Its trains and sources.
        arrays : mapping of str to ndarray, optional
            Numbers derived from the file. Those put before under other names stay.

        Raises
        ------
        ValueError
            If the name has a folder, or an array holds anything but numbers.
        """
        if "/" in filename:
            raise ValueError(f"{filename!a} is a path; a map knows the files of one folder by name")
        given = dict(arrays or {})
        for name, array in given.items():
            if not storable(array):
                raise ValueError(f"array {name!a} of {array.dtype} cannot be kept in a map")
        staged = self._staged(filename, identity)
        before = {} if staged is None else staged[1]
        self._new[filename] = (identity, summary, before | given)
        self._is_saved = False

    def save(self) -> Problem | None:
        """Add what was put to the map on disk; what other readers put there meanwhile stays.

        Never raises for what the file system does.

        Returns
        -------
        Problem or None
            A note if the map could not be written, but not for a folder that is read-only:
            that is usual.
        """
        if self._is_saved:
            return None
        # Tried once: a folder that cannot be written now is not worth a second attempt.
        self._is_saved = True
        return write_somewhere(_places(self.run_folder), self._merge_into, "the compact map")

    def _staged(self, filename: str, identity: FileIdentity) -> tuple[FileSummary, Arrays] | None:
        stored, summary, arrays = self._new.get(filename, (None, None, None))
        if stored is None or summary is None or arrays is None or not _same(stored, identity):
            return None
        return summary, arrays

    def _merge_into(self, path: str) -> None:
        old = CompactMap.load(self.run_folder)
        present = set(os.listdir(self.run_folder))
        draft = Draft()
        for filename, (identity, summary, arrays) in sorted(self._new.items()):
            draft.add_new(filename, identity, summary, old.arrays(filename, identity) | arrays)
        with ExitStack() as stack:
            if old._file is not None:
                fd = stack.enter_context(old._file.blocks())
                kept = (old._file.entries.keys() & present) - self._new.keys()
                for filename in sorted(kept):
                    draft.add_kept(filename, old._file, fd)
            replace_file(path, draft.parts())


def _places(run_folder: str | os.PathLike[str]) -> list[str]:
    return cache_paths(run_folder, COMPACT_MAP_NAME, COMPACT_MAP_NAME)


def _header_limit(run_folder: str | os.PathLike[str]) -> int:
    files = sum(name.endswith(".h5") for name in os.listdir(run_folder))
    return min(_HEADER_MAX, _HEADER_BASE + files * _HEADER_PER_FILE)


def _same(one: FileIdentity, other: FileIdentity) -> bool:
    return (one.size, one.mtime_ns) == (other.size, other.mtime_ns)
