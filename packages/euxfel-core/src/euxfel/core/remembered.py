"""What caches know of the files in a folder, and what a run adds to them.

Our compact map is asked first, since it knows more and is read faster; then the run map that
EXtra-data shares. Both are written when files had to be read for what they hold. Indexes and
layouts that are read later are kept until the run is given up, and saved once: never while
somebody waits.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from numpy.typing import NDArray

from euxfel.fileaccess import FileAccess, FileHandle, FileIdentity, Problem
from euxfel.fileaccess.compact_map import CompactMap
from euxfel.fileaccess.engine.known import new_layouts, remember_layouts, seen_layouts
from euxfel.fileaccess.memory import Pack
from euxfel.fileaccess.run_map import RunMap
from euxfel.fileaccess.summary import FileSummary

from .interrupts import interrupt_put_off

# Indexes, lists of keys and layouts. Fewer are read again in less time than a map is written.
WORTH_SAVING = 16

_Arrays = dict[str, NDArray[Any]]
_Packs = dict[str, Pack]


@dataclass(slots=True)
class _Learned:
    """What is to be saved when the run is given up; apart from it, so that it can be."""

    compact: CompactMap
    process: int = field(default_factory=os.getpid)
    files: dict[str, tuple[FileIdentity, FileSummary, _Packs]] = field(default_factory=dict)
    handles: dict[str, FileHandle] = field(default_factory=dict)
    count: int = 0

    def save_if_worth(self) -> None:
        # A child process has no part in what its parent read.
        if os.getpid() != self.process:
            return
        # Python calls this while it gives up an object, and would drop an exception.
        with interrupt_put_off():
            if self.count + sum(map(seen_layouts, self.handles.values())) >= WORTH_SAVING:
                self.save()

    def save(self) -> Problem | None:
        # Another thread may still be learning.
        for name, (identity, summary, packs) in list(self.files.items()):
            packed = {what: pack() for what, pack in packs.copy().items()}
            arrays = {what: array for what, array in packed.items() if array is not None}
            self.compact.put(name, identity, summary, arrays)
        self.files, self.count = {}, 0
        for name, handle in self.handles.items():
            summary_known = self.compact.get(name, handle.identity)
            if summary_known is not None and (layouts := new_layouts(handle)):
                self.compact.put(name, handle.identity, summary_known, layouts)
        return self.compact.save()


class Remembered:
    """What is known of the files of one folder without opening them.

    Parameters
    ----------
    folder : str
        Folder of the run.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.core.remembered import Remembered
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = small_run().write(folder)
    ...     first = Remembered(written.path)
    ...     file = first.file(str(written.paths[0]))
    ...     before = file.is_remembered
    ...     first.keep([file])
    ...     after = Remembered(written.path).file(str(written.paths[0])).is_remembered
    ...     before, after
    []
    (False, True)
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._compact = CompactMap.load(folder)
        self._shared: RunMap | None = None
        self._learned = _Learned(self._compact)
        weakref.finalize(self, self._learned.save_if_worth)

    def file(self, path: str) -> FileAccess:
        """Give access to a file, with what is remembered of it.

        Raises
        ------
        OSError, FileStructureError
            If there is no such file, or it is not a regular one.
        """
        identity, name = FileIdentity.of(path), os.path.basename(path)
        summary = self._compact.get(name, identity)
        if summary is None:
            summary = self._shared_map().get(name, identity)
        file = FileAccess(path, summary, identity, self)
        remember_layouts(file.handle, partial(self._compact.arrays, name, identity))
        self._learned.handles[name] = file.handle
        return file

    def keep(self, read: Iterable[FileAccess]) -> list[Problem]:
        """Save what files turned out to hold; give notes if that did not work."""
        # What a map cannot tell must be found again at every opening.
        known = {f.basename: (f.handle.identity, f.summary()) for f in read if f.is_fully_told}
        for name, (identity, summary) in known.items():
            self._compact.put(name, identity, summary)
        notes = (self._shared_map().save(known), self._compact.save())
        return [note for note in notes if note is not None]

    def save(self) -> Problem | None:
        """Save what was learned since; give a note if that did not work."""
        return self._learned.save()

    def arrays_of(self, file: FileAccess) -> _Arrays:
        """Give the indexes and keys that are remembered of a file."""
        return self._compact.arrays(file.basename, file.handle.identity)

    def learn(self, file: FileAccess, name: str, pack: Pack) -> None:
        """Take an index or the keys of a file, to be saved later."""
        learned = self._learned
        known = learned.files.get(file.basename)
        if known is None:
            if not file.is_remembered and not file.is_fully_told:
                return
            known = file.handle.identity, file.summary(), {}
            learned.files[file.basename] = known
        known[2][name] = pack
        learned.count += 1

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong with the maps so far."""
        shared = () if self._shared is None else self._shared.problems
        return (*self._compact.problems, *shared)

    def _shared_map(self) -> RunMap:
        if self._shared is None:
            self._shared = RunMap.load(self._folder)
        return self._shared


def save_learned(files: Iterable[FileAccess]) -> list[Problem]:
    """Save what was learned about files; give notes where that did not work."""
    memories = {id(f.memory): f.memory for f in files if isinstance(f.memory, Remembered)}
    notes = [memory.save() for memory in memories.values()]
    return [note for note in notes if note is not None]
