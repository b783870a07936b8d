"""Row 11: a run shown as one file of virtual datasets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py

from cases.catalogue import Work, case
from cases.library import Library


class Written(Sequence[Any]):
    """What a file shows, read when the clock has stopped.

    Snapshots depend on which file of the folder comes first.
    """

    def __init__(self, folder: TemporaryDirectory[str], path: Path) -> None:
        self._folder = folder
        self._path = path

    @cached_property
    def _names(self) -> Sequence[str]:
        with h5py.File(self._path) as file:
            return _datasets(file)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, number: Any) -> Any:
        with h5py.File(self._path) as file:
            name = self._names[number]
            return [name, file[name][:]]


def _datasets(file: h5py.File) -> Sequence[str]:
    found: list[str] = []
    for section in ("CONTROL", "INDEX"):
        file[section].visititems(
            lambda _, item: found.append(item.name) if isinstance(item, h5py.Dataset) else None
        )
    return sorted(found)


@case("11", "write_virtual of all motors", run="many-motors", bar=5)
def write_virtual(library: Library, folder: Path) -> Work:
    """Write the file where there is none."""
    run = library.open(folder)
    target = TemporaryDirectory(dir=folder.parent)
    path = Path(target.name) / "virtual.h5"

    def work() -> Any:
        run.write_virtual(str(path))
        return Written(target, path)

    return work
