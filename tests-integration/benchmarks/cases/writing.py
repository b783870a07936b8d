"""Row 12: compressed detector data written to a new file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py

from cases.catalogue import Work, case
from cases.library import Library


class WrittenData(Sequence[Any]):
    """The datasets of a new file, read when the clock has stopped."""

    def __init__(self, folder: TemporaryDirectory[str], path: Path) -> None:
        self._folder = folder
        self._path = path
        self._names: list[str] = []
        with h5py.File(path) as file:
            for section in ("INDEX", "INSTRUMENT"):
                file[section].visititems(self._note)

    def _note(self, _: str, item: Any) -> None:
        # Which trains are suspect is told in other words by other versions of the format.
        if isinstance(item, h5py.Dataset) and item.name != "/INDEX/flag":
            self._names.append(item.name)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, number: Any) -> Any:
        with h5py.File(self._path) as file:
            name = self._names[number]
            return [name, file[name][:]]


@case("12", "write of a compressed detector module", run="corrected", bar=5)
def write_module(library: Library, folder: Path) -> Work:
    """Write the frames of the first module where there is no file."""
    run = library.open(folder)
    first = sorted(run.instrument_sources)[0]
    selected = run.select(first, "image.*")
    target = TemporaryDirectory(dir=folder.parent)
    path = Path(target.name) / "selection.h5"

    def work() -> Any:
        selected.write(str(path))
        return WrittenData(target, path)

    return work
