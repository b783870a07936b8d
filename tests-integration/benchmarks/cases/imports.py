"""Row 16: import the library in a fresh process."""

from __future__ import annotations

from pathlib import Path

from cases.catalogue import Work, case
from cases.library import Library


@case(
    "16o",
    "import the library and open_run",
    run="motors",
    bar=None,
    imports_only=True,
    public_name="open_run",
)
@case("16", "import the library", run="motors", bar=1.0, imports_only=True)
def whole_import(library: Library, folder: Path) -> Work:
    """Never called: the process of this row does nothing but import."""
    raise NotImplementedError(f"{library.name} is imported by import_worker.py, not for {folder}")
