"""The two libraries under one set of names: only the import lines differ."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PEER = "extra_data"
OURS = "euxfel"
REFERENCE = "reference"


class Library:
    """One of the libraries, its modules named as in euxfel."""

    def __init__(self, name: str) -> None:
        self.name = name

    def module_name(self, part: str) -> str:
        """The import name of ``core`` or ``components``."""
        if self.name == PEER and part == "core":
            return PEER
        if self.name == OURS and part == "validation":
            return f"{OURS}.validate"
        return f"{self.name}.{part}"

    def missing(self, parts: Sequence[str]) -> str | None:
        """Import the parts; the name of one that is not installed, or None."""
        for name in map(self.module_name, parts):
            try:
                module = importlib.import_module(name)
                # As `from ... import ...` does: some names bring what they need only then.
                _use_all(module)
                if self.name == OURS:
                    _use_all(importlib.import_module("euxfel.fileaccess.engine"))
            except ModuleNotFoundError as error:
                if error.name is None or not name.startswith(error.name):
                    raise
                return name
        return None

    @property
    def core(self) -> Any:
        """The module with RunDirectory."""
        return importlib.import_module(self.module_name("core"))

    @property
    def components(self) -> Any:
        """The module with the detector classes."""
        return importlib.import_module(self.module_name("components"))

    @property
    def validation(self) -> Any:
        """The module with the validators."""
        return importlib.import_module(self.module_name("validation"))

    def open(self, folder: Path) -> Any:
        """The run in a folder."""
        return self.core.RunDirectory(str(folder))

    def agipd(self, folder: Path, raw: bool, **options: Any) -> Any:
        """The AGIPD-1M of the run in a folder."""
        return self.components.AGIPD1M(self.open(folder), raw=raw, **options)


def _use_all(module: Any) -> None:
    for public in getattr(module, "__all__", ()):
        getattr(module, public)
