"""What opening a file tells at once: version, sources, trains. All else is read when asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import FileStructureError
from .format import FormatVersion, format_version
from .h5read import OpenFile, has_member, read_small, read_strings
from .problems import Problem
from .sections import FLAG, TRAIN_ID, Section
from .sources import SourceLists, read_sources
from .trains import TrainTable, train_table


@dataclass(frozen=True, slots=True, eq=False)
class FileFacts:
    """Version, sources and trains of one file.

    Attributes
    ----------
    version : FormatVersion
        Version of the format.
    sources : dict of Section to frozenset of str
        Names of sources by section, legacy names left out.
    legacy : dict of str to str
        Old name of a source to its present one.
    trains : TrainTable
        Train IDs and which of them to trust.
    problems : tuple of Problem
        What was found wrong on the way.
    """

    version: FormatVersion
    sources: dict[Section, frozenset[str]]
    legacy: dict[str, str]
    trains: TrainTable
    problems: tuple[Problem, ...]


def read_facts(file: OpenFile) -> FileFacts:
    """Read what METADATA and INDEX say about a file.

    Raises
    ------
    FileStructureError
        If METADATA or INDEX is missing or damaged.
    """
    version = format_version(_stated_version(file))
    lists: SourceLists = read_sources(file, version)
    trains = read_trains(file, version)
    return FileFacts(
        version=version,
        sources={section: frozenset(names) for section, names in lists.by_section.items()},
        legacy=lists.legacy,
        trains=trains,
        problems=(*lists.problems, *trains.problems),
    )


def read_trains(file: OpenFile, version: FormatVersion) -> TrainTable:
    """Read the train IDs of a file and which of them to trust."""
    ids = read_train_ids(file)
    return train_table(ids, read_small(file, FLAG), version.validity, file.filename)


def read_train_ids(file: OpenFile) -> NDArray[np.generic]:
    """Read the train IDs of a file as they are stored, padding included.

    Raises
    ------
    FileStructureError
        If there are none.
    """
    ids = _required(file, TRAIN_ID)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise FileStructureError(
            f"{file.filename}: {TRAIN_ID} has dtype {ids.dtype} and shape {ids.shape}, "
            "not a list of integers",
            file=file.filename,
        )
    return ids


def _stated_version(file: OpenFile) -> str | None:
    if not has_member(file, "METADATA"):
        raise FileStructureError(
            f"{file.filename} has no METADATA group: it is not an EXDF file, or was cut short",
            file=file.filename,
        )
    stated = read_strings(file, "METADATA/dataFormatVersion")
    return stated[0] if stated else None


def _required(file: OpenFile, path: str) -> NDArray[np.generic]:
    found = read_small(file, path)
    if found is None:
        raise FileStructureError(
            f"{file.filename} has no {path}: it is not an EXDF file, or was cut short",
            file=file.filename,
        )
    return found
