"""A new run: a folder of sequence files of several aggregators."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import numpy as np

from euxfel.fileaccess import Section

from .declared import NewKey, NewSource
from .folder import AtomicFolder
from .new_file import Counts, Data, NewFile
from .refusal import AnyPath


class NewRun:
    """A new run: declare sources by aggregator, append trains; it appears when all is written.

    Parameters
    ----------
    path : str or path-like
        Folder of the run; it may exist if it is empty.
    sequence_trains : int
        Trains of a sequence file.
    proposal, run : int
        Numbers that the files state; `run` is also in their names.
    category : str
        ``"RAW"``, ``"CORR"`` and so on, in the names of the files.
    format_version : str
        ``"1.0"`` to ``"1.3"``.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import RunDirectory
    >>> from euxfel.writer import NewKey, NewRun
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with NewRun(os.path.join(folder, "r0001"), sequence_trains=3, run=1) as run:
    ...         run.add_control("DA01", "LAB/MOTOR/X", {"position": NewKey("f8")})
    ...         run.append([10, 11, 12, 13], {"LAB/MOTOR/X": {"position": [1, 2, 3, 4]}})
    ...     sorted(os.listdir(os.path.join(folder, "r0001")))
    ['RAW-R0001-DA01-S00000.h5', 'RAW-R0001-DA01-S00001.h5']
    """

    def __init__(
        self,
        path: AnyPath,
        *,
        sequence_trains: int = 500,
        proposal: int = 0,
        run: int = 0,
        category: str = "RAW",
        format_version: str = "1.2",
    ) -> None:
        if sequence_trains < 1:
            raise ValueError(f"a sequence file has at least 1 train, not {sequence_trains}")
        self._folder = AtomicFolder(path)
        self._length = sequence_trains
        self._facts = {"proposal": proposal, "run": run, "format_version": format_version}
        self._category = category
        self._sources: dict[str, dict[str, NewSource]] = {}
        self._files: dict[str, NewFile] = {}
        self._sequence = 0
        self._trains = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with ExitStack() as stack:
            stack.push(self._folder)
            stack.push(self._stack)
            if value is not None:
                raise value
            if not self._sequence:
                self._begin()

    def add_control(
        self,
        aggregator: str,
        source: str,
        keys: Mapping[str, NewKey],
        run_values: Mapping[str, Any] | None = None,
    ) -> None:
        """Declare a source with one entry per train, recorded by an aggregator."""
        self._add(aggregator, NewSource(Section.CONTROL, source, keys, run_values or {}))

    def add_instrument(self, aggregator: str, source: str, keys: Mapping[str, NewKey]) -> None:
        """Declare a source with any number of entries per train, recorded by an aggregator."""
        self._add(aggregator, NewSource(Section.INSTRUMENT, source, keys))

    def _add(self, aggregator: str, source: NewSource) -> None:
        if self._sequence or any(source.name in s for s in self._sources.values()):
            raise ValueError(f"{source.name} is declared twice, or after the first train")
        self._sources.setdefault(aggregator, {})[source.name] = source

    def append(
        self,
        train_ids: Sequence[int],
        data: Data,
        *,
        counts: Mapping[str, Counts] | None = None,
        timestamps: Sequence[int] | None = None,
        suspect: Sequence[int] = (),
    ) -> None:
        """Append a block of trains, as `NewFile.append` does; new sequence files as needed."""
        at = 0
        while at < len(train_ids):
            if not self._sequence or self._trains == self._length:
                self._begin()
            stop = min(len(train_ids), at + self._length - self._trains)
            times = None if timestamps is None else timestamps[at:stop]
            for aggregator, file in self._files.items():
                part = _Part(self._sources[aggregator], counts or {}, at, stop)
                file.append(
                    train_ids[at:stop],
                    part.data(data),
                    counts=part.counts(),
                    timestamps=times,
                    suspect=suspect,
                )
            self._trains += stop - at
            at = stop

    def _begin(self) -> None:
        """Close the files of one sequence, and open those of the next."""
        self._stack.close()
        self._trains = 0
        for aggregator, sources in self._sources.items():
            run = int(self._facts["run"])  # type: ignore[call-overload]
            name = f"{self._category}-R{run:04d}-{aggregator}-S{self._sequence:05d}.h5"
            path = os.path.join(self._folder.temp, name)
            file = NewFile(path, sequence=self._sequence, **self._facts)  # type: ignore[arg-type]
            self._files[aggregator] = self._stack.enter_context(file)
            for source in sources.values():
                file.add(source)
        self._sequence += 1


class _Part:
    """What of a block of trains goes to one file."""

    def __init__(
        self,
        sources: Mapping[str, NewSource],
        counts: Mapping[str, Counts],
        start: int,
        stop: int,
    ) -> None:
        self._sources = sources
        self._counts = counts
        self._start, self._stop = start, stop

    def data(self, data: Data) -> dict[str, dict[str, Any]]:
        return {
            name: {key: values[self._rows(name, key)] for key, values in of_key.items()}
            for name, of_key in data.items()
            if name in self._sources
        }

    def _rows(self, name: str, key: str) -> slice:
        group = self._sources[name].section.index_group(key)
        stated = self._counts.get(name, {}).get(group)
        if stated is None:
            return slice(self._start, self._stop)
        ends = np.concatenate([[0], np.cumsum(stated)])
        return slice(int(ends[self._start]), int(ends[self._stop]))

    def counts(self) -> dict[str, Counts]:
        return {
            name: {group: stated[self._start : self._stop] for group, stated in groups.items()}
            for name, groups in self._counts.items()
            if name in self._sources
        }
