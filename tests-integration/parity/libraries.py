"""The two libraries, and runs opened with each under the same conditions."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import extra_data

from .makers import Recipe
from .oracle import Oracle
from .plant import plant

PEER = extra_data
NAMES = ("extra_data", "euxfel")


def ours() -> Any:
    return importlib.import_module("euxfel.core")


def library(name: str) -> Any:
    return PEER if name == "extra_data" else ours()


@contextmanager
def folders_in_order() -> Iterator[None]:
    """Let EXtra-data see file names sorted; it takes a folder as the file system lists it.

    Which of several files answers for a run depends on that order there (difference
    "folder-order").
    """
    listdir = os.listdir

    def ordered(path: Any = ".") -> list[Any]:
        return sorted(listdir(path))

    with mock.patch.object(os, "listdir", ordered):
        yield


class Opened:
    """One run, written once and opened by both libraries and the oracle.

    Each library has its own folder of hard links: what one writes beside the data (a run map)
    does not lead the other.
    """

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self.recipe = recipe
        self.name = recipe.name
        self.folder = folder
        self.made = folder / "made"
        self.made.mkdir(parents=True)
        recipe.make(self.made)
        plant(self.made)
        for name in NAMES:
            link_files(self.made, folder / name / "r0001")

    @cached_property
    def oracle(self) -> Oracle:
        return Oracle(sorted(self.made.glob("*.h5")))

    @cached_property
    def theirs(self) -> Any:
        return self.open(PEER, self.folder / "extra_data" / "r0001")

    @cached_property
    def ours(self) -> Any:
        return self.open(ours(), self.folder / "euxfel" / "r0001")

    def by(self, name: str) -> Any:
        return self.theirs if name == "extra_data" else self.ours

    def open(self, lib: Any, folder: Path, **options: Any) -> Any:
        with warnings.catch_warnings(), folders_in_order():
            # Format 1.1 makes EXtra-data warn; what runs warn about is compared in its own cases.
            warnings.simplefilter("ignore")
            if self.recipe.file:
                return lib.H5File(str(folder / self.recipe.file), **options)
            return lib.RunDirectory(str(folder), parallelize=False, **options)


def link_files(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for path in sorted(source.glob("*.h5")):
        os.link(path, target / path.name)


def copy_files(source: Path, target: Path) -> None:
    """Copy a run. A link made later on would change the files of runs that are open."""
    target.mkdir(parents=True)
    for path in sorted(source.glob("*.h5")):
        shutil.copyfile(path, target / path.name)


class Store:
    """Runs made on first use and kept until the test session ends."""

    def __init__(self) -> None:
        self._root = tempfile.TemporaryDirectory(prefix="parity-")
        self.path = Path(self._root.name)
        self._opened: dict[str, Opened] = {}

    def get(self, recipe: Recipe) -> Opened:
        if recipe.name not in self._opened:
            self._opened[recipe.name] = Opened(recipe, self.path / recipe.name)
        return self._opened[recipe.name]

    def close(self) -> None:
        for opened in self._opened.values():
            if "oracle" in vars(opened):
                opened.oracle.close()
        self._root.cleanup()
