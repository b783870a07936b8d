"""A whole run: which aggregator records what, in which files, and what a reader must find."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..cached import cached_property
from .defect import Defect
from .files import SimulatedFile
from .formats import DEFAULT_LAYOUT, Layout
from .sources import Source


@dataclass(frozen=True)
class SimulatedRun:
    """A run as a frozen description.

    Attributes
    ----------
    aggregators : mapping
        The sources that each aggregator records, by name of the aggregator.
    train_ids : sequence of int
        Trains of the run.
    trains_per_file : int or mapping, optional
        When to begin the next sequence file; by aggregator if they differ. By default an
        aggregator writes one file.
    missing : mapping
        Train IDs that an aggregator or a source did not record, by its name. An aggregator's
        missing trains are absent from its files, a source's are there with no entries.
    suspect : frozenset of int
        Train IDs that did not come from the time server.
    proposal, run, instrument, cycle, category, folder
        Where the run lies. The folder is ``raw`` for category ``RAW``, else ``proc``.
    format_version, layout
        As for `SimulatedFile`.
    defects : tuple of Defect
        Applied to the files in this order.

    Examples
    --------
    >>> from euxfel.fileaccess.testing import SimulatedRun, motor
    >>> run = SimulatedRun({"DA01": (motor("A/MOTOR/X"),)}, trains_per_file=12)
    >>> [f.filename for f in run.files]
    ['RAW-R0001-DA01-S00000.h5', 'RAW-R0001-DA01-S00001.h5']
    >>> run.expected("A/MOTOR/X", "actualPosition").shape
    (20,)
    """

    aggregators: Mapping[str, Sequence[Source]]
    train_ids: Sequence[int] = range(10000, 10020)
    trains_per_file: int | Mapping[str, int] | None = None
    missing: Mapping[str, Collection[int]] = field(default_factory=dict)
    suspect: frozenset[int] = frozenset()
    proposal: int = 900000
    run: int = 1
    instrument: str = "SPB"
    cycle: str = "202601"
    category: str = "RAW"
    folder: str = ""
    format_version: str = "1.2"
    layout: Layout = DEFAULT_LAYOUT
    defects: tuple[Defect, ...] = ()

    def with_defect(self, *defects: Defect) -> Self:
        """The same run with more defects."""
        return replace(self, defects=(*self.defects, *defects))

    @cached_property
    def files(self) -> tuple[SimulatedFile, ...]:
        """The files, in the order of their names, defects included."""
        files = [f for name in sorted(self.aggregators) for f in self._files_of(name)]
        return tuple(self._with_defects(f) for f in files)

    def file(self, aggregator: str, sequence: int = 0) -> SimulatedFile:
        """One file of the run."""
        for file in self.files:
            if (file.aggregator, file.sequence) == (aggregator, sequence):
                return file
        raise KeyError(f"run {self.run} has no file {sequence} of {aggregator}")

    def path_under(self, root: str | os.PathLike[str]) -> Path:
        """Folder of the run in the facility's tree."""
        folder = self.folder or ("raw" if self.category == "RAW" else "proc")
        proposal = Path(root, self.instrument, self.cycle, f"p{self.proposal:06d}")
        return proposal / folder / f"r{self.run:04d}"

    def write(self, root: str | os.PathLike[str]) -> WrittenRun:
        """Write to ``<root>/<instrument>/<cycle>/p<PPPPPP>/<folder>/r<RRRR>/``.

        With the environment variable ``EXTRA_DATA_DATA_ROOT`` set to ``root``, readers find the
        run by proposal and run number.
        """
        return self.write_flat(self.path_under(root))

    def write_flat(self, folder: str | os.PathLike[str]) -> WrittenRun:
        """Write all files into one folder, which is made if need be."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        return WrittenRun(self, Path(folder), tuple(f.write_in(folder) for f in self.files))

    def trains(self, suspect: bool = True) -> list[int]:
        """Train IDs in the files, sorted; without suspect ones if so asked."""
        ids = {t for f in self.files for t in f.train_ids}
        if not suspect:
            ids = {t for f in self.files for t in f.train_ids if t not in f.suspect}
        return sorted(ids)

    def expected_counts(
        self, source: str, group: str = "", train_ids: Iterable[int] | None = None
    ) -> NDArray[np.int64]:
        """Entries of each train, 0 where there are none; for all trains by default."""
        stored: dict[int, int] = {}
        for file in self._files_with(source):
            table = file.table(source, group)
            # Backwards: a train that is stored twice counts with its first place.
            pairs = zip(table.train_id.tolist()[::-1], table.count.tolist()[::-1], strict=True)
            stored.update(pairs)
        wanted = self.trains() if train_ids is None else train_ids
        return np.array([stored.get(t, 0) for t in wanted], dtype=np.int64)

    def expected(
        self, source: str, key: str, train_ids: Iterable[int] | None = None
    ) -> NDArray[Any]:
        """Values of some trains, all by default, in the order in which they are named.

        Where two files hold a train, the later file counts.
        """
        wanted = self.trains() if train_ids is None else list(train_ids)
        files = self._files_with(source)
        holder = {t: f for f in files for t in f.train_ids}
        trains_in = _runs_of_equal([(holder[t], t) for t in wanted if t in holder])
        parts = [f.expected(source, key, trains) for f, trains in trains_in]
        return np.concatenate(parts) if parts else files[0].expected(source, key, ())

    def expected_run_value(self, source: str, key: str) -> Any:
        """Value of a key in RUN, a str, number or array."""
        return self._files_with(source)[0].expected_run_value(source, key)

    def _files_with(self, source: str) -> list[SimulatedFile]:
        files = [f for f in self.files if f.holds(source)]
        if not files:
            raise KeyError(f"run {self.run} has no source {source}")
        return files

    def _files_of(self, aggregator: str) -> list[SimulatedFile]:
        gone = self.missing.get(aggregator, ())
        trains = [t for t in self.train_ids if t not in gone]
        size = self.trains_per_file
        if isinstance(size, Mapping):
            size = size.get(aggregator)
        size = size or max(len(trains), 1)
        starts = range(0, max(len(trains), 1), size)
        return [
            self._file(aggregator, number, trains[start : start + size])
            for number, start in enumerate(starts)
        ]

    def _file(self, aggregator: str, sequence: int, train_ids: list[int]) -> SimulatedFile:
        return SimulatedFile(
            sources=tuple(self._source(s) for s in self.aggregators[aggregator]),
            train_ids=train_ids,
            category=self.category,
            run=self.run,
            aggregator=aggregator,
            sequence=sequence,
            proposal=self.proposal,
            format_version=self.format_version,
            suspect=self.suspect,
            layout=self.layout,
        )

    def _source(self, source: Source) -> Source:
        gone = self.missing.get(source.name)
        return source.without_trains(gone) if gone else source

    def _with_defects(self, file: SimulatedFile) -> SimulatedFile:
        for defect in self.defects:
            if defect.affects(file):
                file = defect.apply(file)
        return file


@dataclass(frozen=True)
class WrittenRun:
    """A run that was written.

    Attributes
    ----------
    description : SimulatedRun
        What was written; ask it what to expect.
    path : Path
        Folder of the run.
    paths : tuple of Path
        The files, in the order of ``description.files``.
    """

    # Every device and key of the run: too much to show.
    description: SimulatedRun = field(repr=False)
    path: Path
    paths: tuple[Path, ...]

    @property
    def proposal(self) -> int:
        """Proposal number."""
        return self.description.proposal

    @property
    def run(self) -> int:
        """Run number."""
        return self.description.run

    def file(self, aggregator: str, sequence: int = 0) -> Path:
        """Path of one file."""
        return self.path / self.description.file(aggregator, sequence).filename

    def expected(
        self, source: str, key: str, train_ids: Iterable[int] | None = None
    ) -> NDArray[Any]:
        """Values of some trains: `SimulatedRun.expected`."""
        return self.description.expected(source, key, train_ids)

    def expected_counts(
        self, source: str, group: str = "", train_ids: Iterable[int] | None = None
    ) -> NDArray[np.int64]:
        """Entries of each train: `SimulatedRun.expected_counts`."""
        return self.description.expected_counts(source, group, train_ids)

    def expected_run_value(self, source: str, key: str) -> Any:
        """Value of a key in RUN: `SimulatedRun.expected_run_value`."""
        return self.description.expected_run_value(source, key)


def _runs_of_equal(
    pairs: list[tuple[SimulatedFile, int]],
) -> list[tuple[SimulatedFile, list[int]]]:
    joined: list[tuple[SimulatedFile, list[int]]] = []
    for file, train in pairs:
        if joined and joined[-1][0] is file:
            joined[-1][1].append(train)
        else:
            joined.append((file, [train]))
    return joined
