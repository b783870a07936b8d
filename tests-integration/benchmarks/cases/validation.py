"""Row 14: check all files of a run."""

from __future__ import annotations

from pathlib import Path

from cases.catalogue import Work, case
from cases.library import Library


@case("14", "validate a run of many files", run="many-files", bar=5, parts=("validation",))
def validate(library: Library, folder: Path) -> Work:
    """Time all checks; the answer is which files were looked at.

    What the libraries find differs: one checks more, and one takes padding for a defect.
    """
    validation = library.validation

    def work() -> list[str]:
        validator = validation.RunValidator(str(folder))
        validator.run_checks()
        return sorted(Path(file.filename).name for file in validator.file_accesses)

    return work
