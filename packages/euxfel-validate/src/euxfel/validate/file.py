"""One file, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, ClassVar

from euxfel.fileaccess import FileAccess, ProblemKind

from .checks.opening import readable
from .error import ValidationError
from .file_contents import FileContents
from .finding import Finding
from .registry import CHECKS, Check, chosen


class FileValidator:
    """Checks one file.

    Checks are made in this process: a file that is damaged in certain ways makes the HDF5
    library crash or never return. `RunValidator` keeps such files apart.

    Parameters
    ----------
    file : FileAccess
        The file.
    skip_checks : collection of str, optional
        Names of checks to leave out.
    deep : bool, optional
        Whether to read and decode all data as well.

    Attributes
    ----------
    file, filename
        The file and its path.
    problems : list of Finding
        What was found wrong, filled by `run_checks`.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.fileaccess import FileAccess
    >>> from euxfel.fileaccess.testing import small_run
    >>> from euxfel.validate import FileValidator
    >>> path = small_run().write(tempfile.mkdtemp()).paths[0]
    >>> FileValidator(FileAccess(path)).run_checks()
    []
    """

    check_funcs: ClassVar[list[Check]] = [check for check in CHECKS if check.scope == "file"]

    def __init__(
        self, file: FileAccess, skip_checks: Iterable[str] = (), *, deep: bool = False
    ) -> None:
        self.file = file
        self.filename = file.filename
        self.problems: list[Finding] = []
        self.skip_checks = set(skip_checks)
        self.deep = deep

    def validate(self) -> None:
        """Check the file.

        Raises
        ------
        ValidationError
            If anything is wrong; all of it is in the error's `problems`.
        """
        problems = self.run_checks()
        if problems:
            raise ValidationError(problems)

    def run_checks(self) -> list[Finding]:
        """Check the file and give what is wrong with it; never raises for what is in it."""
        self.problems, _ = checked(self.file, self.skip_checks, self.deep)
        return self.problems


def checked(
    file: FileAccess,
    skip: Iterable[str],
    deep: bool,
    also: Callable[[FileContents], Any] | None = None,
) -> tuple[list[Finding], Any]:
    """Check a file, and look at its contents in one further way.

    Returns
    -------
    list of Finding
        What is wrong.
    object
        What `also` gave; None if the file cannot be used.
    """
    found: list[Finding] = []
    more = None
    try:
        with FileContents.of(file) as contents:
            for check in chosen("file", skip, deep):
                found += [replace(finding, file=file.filename) for finding in check(contents)]
            more = None if also is None else also(contents)
    except Exception as exc:  # noqa: BLE001 - a file may make any library raise anything
        found.append(unusable(file.filename, str(exc) or type(exc).__name__))
    return found, more


def unusable(path: str, why: str) -> Finding:
    """Make the finding that a file cannot be used at all."""
    return Finding(
        ProblemKind.UNUSABLE_FILE,
        # The finding names the file: once is enough.
        why.removeprefix(f"{path} "),
        file=path,
        check=readable.name,
        severity=readable.severity,
    )
