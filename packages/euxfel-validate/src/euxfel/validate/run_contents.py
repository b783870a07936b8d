"""A run as checks see it: what was found out about each of its files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import Section
from euxfel.fileaccess.cached import cached_property
from euxfel.fileaccess.filenames import FileNameFacts, parse_filename

from .digest import from_repeats, from_runs
from .module_names import Module, module_of

Kind = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FileLayout:
    """Sources and keys of a file, shared by files that hold the same.

    Attributes
    ----------
    control, instrument : frozenset of str
        Sources by section, legacy names left out.
    legacy : tuple of str
        Old names of sources.
    kinds : dict
        Type and shape of an entry, by source and key.
    """

    control: frozenset[str]
    instrument: frozenset[str]
    legacy: tuple[str, ...]
    kinds: dict[tuple[str, str], Kind]

    @classmethod
    def from_json(cls, stated: dict[str, Any]) -> Self:
        """Make the layout that a worker described."""
        return cls(
            frozenset(stated["control"]),
            frozenset(stated["instrument"]),
            tuple(stated["legacy"]),
            {
                (source, key): (kind[0], kind[1])
                for source, keys in stated["kinds"]
                for key, kind in keys.items()
            },
        )

    @property
    def sources(self) -> frozenset[str]:
        """All sources."""
        return self.control | self.instrument

    def path(self, source: str, key: str) -> str:
        """Give the path of a dataset."""
        section = Section.CONTROL if source in self.control else Section.INSTRUMENT
        return section.data_path(source, key)


@dataclass(frozen=True, slots=True, eq=False)
class FileDigest:
    """What is known of one file.

    Attributes
    ----------
    path : str
        Path of the file.
    train_ids : ndarray of uint64
        Its trains, in the order they are stored.
    frames : dict
        Number of frames of each train, by detector source; -1 where nobody can tell.
    layout : FileLayout
        Its sources and keys.
    """

    path: str
    train_ids: NDArray[np.uint64]
    frames: dict[str, NDArray[np.int64]]
    layout: FileLayout

    @classmethod
    def from_json(cls, path: str, stated: dict[str, Any], layout: FileLayout) -> Self:
        """Make the digest that a worker described."""
        frames = {source: from_repeats(pairs) for source, pairs in stated["frames"].items()}
        return cls(path, from_runs(stated["trains"]), frames, layout)

    @property
    def name(self) -> str:
        """Name of the file."""
        return os.path.basename(self.path)

    @property
    def name_facts(self) -> FileNameFacts | None:
        """What its name says."""
        return parse_filename(self.name)

    @property
    def lowest_train(self) -> int:
        """Lowest of its train IDs."""
        return int(self.train_ids.min()) if len(self.train_ids) else 0

    @property
    def highest_train(self) -> int:
        """Highest of its train IDs."""
        return int(self.train_ids.max()) if len(self.train_ids) else 0


class RunContents:
    """What checks of a run can ask for.

    Attributes
    ----------
    folder : str
        Folder of the run.
    paths : list of str
        All its data files.
    files : list of FileDigest
        What is known of those that can be used, in order of their names.
    """

    def __init__(self, folder: str, paths: Iterable[str], files: Iterable[FileDigest]) -> None:
        self.folder = folder
        self.paths = list(paths)
        self.files = list(files)

    @property
    def _named(self) -> Iterator[tuple[str, FileNameFacts]]:
        for path in self.paths:
            facts = parse_filename(os.path.basename(path))
            if facts is not None:
                yield path, facts

    @property
    def run_numbers(self) -> dict[int, list[str]]:
        """Files by the number of the run in their name."""
        found: dict[int, list[str]] = {}
        for path, facts in self._named:
            found.setdefault(facts.run, []).append(path)
        return found

    @property
    def sequences(self) -> dict[tuple[str, str], list[int]]:
        """Sequence numbers by category and aggregator, of damaged files too."""
        found: dict[tuple[str, str], list[int]] = {}
        for _path, facts in self._named:
            if facts.sequence is not None:
                found.setdefault((facts.category, facts.aggregator), []).append(facts.sequence)
        return found

    @cached_property
    def by_aggregator(self) -> dict[tuple[str, str], list[FileDigest]]:
        """Files by category and aggregator."""
        found: dict[tuple[str, str], list[FileDigest]] = {}
        for file in self.files:
            facts = file.name_facts
            if facts is not None:
                found.setdefault((facts.category, facts.aggregator), []).append(file)
        return found

    @property
    def one_of_each_layout(self) -> list[FileDigest]:
        """The first file of each layout."""
        return list({id(file.layout): file for file in reversed(self.files)}.values())[::-1]

    def files_with_the_same_sources(self) -> Iterator[tuple[list[FileDigest], list[str]]]:
        """Give sets of files, each with the sources that all of these have and no others."""
        holders: dict[str, list[int]] = {}
        for number, file in enumerate(self.files):
            for source in file.layout.sources:
                holders.setdefault(source, []).append(number)
        grouped: dict[tuple[int, ...], list[str]] = {}
        for source, numbers in holders.items():
            grouped.setdefault(tuple(numbers), []).append(source)
        for chosen, sources in sorted(grouped.items()):
            yield [self.files[number] for number in chosen], sorted(sources)

    @cached_property
    def frame_counts(self) -> dict[str, tuple[NDArray[np.uint64], NDArray[np.int64]]]:
        """Train IDs of all files and the number of frames of each, by detector source.

        The number is -1 where the index makes no sense.
        """
        parts: dict[str, list[FileDigest]] = {}
        for file in self.files:
            for source in file.frames:
                parts.setdefault(source, []).append(file)
        return {
            source: (
                np.concatenate([file.train_ids for file in files]),
                np.concatenate([file.frames[source] for file in files]),
            )
            for source, files in parts.items()
        }

    def module_source(self, detector: str, number: int) -> str | None:
        """Give the source of a module of a detector."""
        wanted = Module(detector, number)
        return next((s for s in sorted(self.frame_counts) if module_of(s) == wanted), None)
