"""A run, checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, ClassVar

from euxfel.fileaccess import FileAccess, Problem
from euxfel.fileaccess.folder import data_files
from euxfel.fileaccess.isolated import Answer, ask_about_files

from .error import ValidationError
from .file import unusable
from .finding import Finding
from .progress import show_on_terminal
from .registry import CHECKS, Check, chosen
from .run_contents import FileDigest, FileLayout, RunContents
from .worker import EXAMINE, examine

#: Called with the number of files done, of all files, and of problems found so far.
OnProgress = Callable[[int, int, int], None]

# Files that make it worth while to start one more process.
FILES_PER_WORKER = 8
WORKERS_MAX = 16
# Bytes a second: slow storage and a slow decoder should pass.
DEEP_RATE = 10_000_000


class RunValidator:
    """Checks all files of a run, and the run.

    Files are looked at in worker processes: one that makes the HDF5 library crash or hang is a
    problem in the report.

    Parameters
    ----------
    run_dir : str or path-like
        Folder of the run.
    term_progress : bool, optional
        Whether to show progress on standard error.
    skip_checks : collection of str, optional
        Names of checks to leave out.
    deep : bool, optional
        Whether to read and decode all data as well.
    deadline : float, optional
        Seconds that one file may take. With `deep`, more is given to large files.
    workers : int, optional
        How many processes to use; by default one for every core, and fewer for few files.
    isolate : bool, optional
        False to look at files in this process: quicker for a few files that are not damaged.
    on_progress : callable, optional
        Called after each file with the number of files done, the number of all files and the
        number of problems so far.

    Attributes
    ----------
    run_dir : str
        Folder of the run.
    filenames : list of str
        Names of the files in it.
    problems : list of Finding
        What was found wrong, filled by `run_checks`.

    Raises
    ------
    OSError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from euxfel.fileaccess.testing import small_run
    >>> from euxfel.validate import RunValidator
    >>> run = small_run().write(tempfile.mkdtemp())
    >>> RunValidator(run.path).validate()
    """

    check_funcs: ClassVar[list[Check]] = [check for check in CHECKS if check.scope == "run"]

    def __init__(
        self,
        run_dir: str | os.PathLike[str],
        term_progress: bool = False,
        skip_checks: Iterable[str] = (),
        *,
        deep: bool = False,
        deadline: float = 60.0,
        workers: int | None = None,
        isolate: bool = True,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.run_dir = os.path.abspath(run_dir)
        self.term_progress = term_progress
        self.skip_checks = set(skip_checks)
        self.deep = deep
        self.deadline = deadline
        self.workers = workers
        self.isolate = isolate
        self.on_progress = show_on_terminal if term_progress and not on_progress else on_progress
        self._files = data_files(self.run_dir)
        skipped = [problem.file for problem in self._files.skipped if problem.file is not None]
        self.filenames = sorted(map(os.path.basename, [*self._files.paths, *skipped]))
        self.problems: list[Finding] = []
        self._usable: list[str] = []

    @property
    def file_accesses(self) -> list[FileAccess]:
        """The files that can be used, after `run_checks`."""
        return [FileAccess(path) for path in self._usable]

    def validate(self) -> None:
        """Check the run.

        Raises
        ------
        ValidationError
            If anything is wrong; all of it is in the error's `problems`.
        """
        problems = self.run_checks()
        if problems:
            raise ValidationError(problems)

    def run_checks(self) -> list[Finding]:
        """Check the run and give what is wrong; never raises for what is in its files."""
        crew = _Examined(self._files.paths, self.on_progress)
        crew.problems += map(_passed_over, self._files.skipped)
        options = {"skip": sorted(self.skip_checks), "deep": self.deep}
        if self.isolate:
            self._ask_workers(crew, options)
        else:
            for path in self._files.paths:
                crew.keep(path, _asked_here(path, options))
        files = crew.files()
        self._usable = [file.path for file in files]
        contents = RunContents(self.run_dir, map(self._path_of, self.filenames), files)
        found = [
            problem
            for check in chosen("run", self.skip_checks, self.deep)
            for problem in check(contents)
        ]
        self.problems = [*crew.sorted_problems(), *found]
        return self.problems

    def _ask_workers(self, crew: _Examined, options: dict[str, Any]) -> None:
        ask_about_files(
            self._files.paths,
            EXAMINE,
            _deadline(self._files.paths, self.deadline, self.deep),
            options=options,
            workers=self.workers or _worker_count(len(self._files.paths)),
            on_answer=crew.keep,
        )

    def _path_of(self, name: str) -> str:
        return os.path.join(self.run_dir, name)


def check_file(
    path: str | os.PathLike[str],
    skip_checks: Iterable[str] = (),
    *,
    deep: bool = False,
    deadline: float = 60.0,
) -> list[Finding]:
    """Check one file in a worker process, as `RunValidator` does with all files of a run.

    Parameters
    ----------
    path : str or path-like
        The file.
    skip_checks, deep, deadline
        As for `RunValidator`.

    Returns
    -------
    list of Finding
        What is wrong.

    Examples
    --------
    >>> from euxfel.validate import check_file
    >>> [problem.check for problem in check_file("/absent.h5")]
    ['readable']
    """
    name = os.path.abspath(path)
    crew = _Examined([name], None)
    options = {"skip": sorted(skip_checks), "deep": deep}
    limit = _deadline([name], deadline, deep)
    ask_about_files([name], EXAMINE, limit, options=options, on_answer=crew.keep)
    return crew.problems


class _Examined:
    """What was found out about files, in the order in which answers came."""

    def __init__(self, paths: list[str], on_progress: OnProgress | None) -> None:
        self._paths = paths
        self._on_progress = on_progress
        self._done = 0
        self._digests: dict[str, dict[str, Any]] = {}
        self._layouts: dict[str, FileLayout] = {}
        self.problems: list[Finding] = []

    def keep(self, path: str, answer: Answer) -> None:
        try:
            self._take(path, answer)
        except (LookupError, TypeError, ValueError, AttributeError) as exc:
            # A damaged process may send anything.
            self.problems.append(unusable(path, f"checking it gave no sensible answer ({exc!r})"))
        self._done += 1
        if self._on_progress is not None:
            self._on_progress(self._done, len(self._paths), len(self.problems))

    def _take(self, path: str, answer: Answer) -> None:
        if answer.failure is not None:
            self.problems.append(unusable(path, answer.failure))
            return
        self.problems += map(Finding.from_json, answer.value["problems"])
        stated = answer.value["digest"]
        if stated is not None:
            for name, layout in stated.get("layouts", {}).items():
                self._layouts.setdefault(name, FileLayout.from_json(layout))
            self._digests[path] = stated

    def files(self) -> list[FileDigest]:
        return [
            FileDigest.from_json(path, stated, self._layouts[stated["layout"]])
            for path in self._paths
            if (stated := self._digests.get(path)) is not None
        ]

    def sorted_problems(self) -> list[Finding]:
        return sorted(self.problems, key=lambda problem: problem.file or "")


def _asked_here(path: str, options: dict[str, Any]) -> Answer:
    try:
        return Answer(examine(path, **options))
    except Exception as exc:  # noqa: BLE001 - as a worker answers
        return Answer(failure=str(exc) or type(exc).__name__)


def _passed_over(problem: Problem) -> Finding:
    found = unusable(problem.file or "", problem.message)
    return replace(found, kind=problem.kind)


def _deadline(paths: list[str], deadline: float, deep: bool) -> float:
    if not deep:
        return deadline
    largest = max(map(_size, paths), default=0)
    return min(deadline + largest / DEEP_RATE, 86_000.0)


def _worker_count(files: int) -> int:
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores, WORKERS_MAX, files // FILES_PER_WORKER))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
