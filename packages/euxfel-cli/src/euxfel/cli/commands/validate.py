"""What is wrong with a file or a run."""

from __future__ import annotations

import os
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..arguments import RUN_HELP, add_json
from ..exits import FINE, PROBLEMS
from ..mistakes import UsageError, near
from ..opening import path_of
from ..output import show, show_json
from ..progress import Progress
from ..saving import save
from ..terminal import painter, width
from ..text import counted, plain, table, wrapped

if TYPE_CHECKING:
    from euxfel.validate import Check, Finding

ABOUT = """\
Check a file or a run for defects. Files are looked at in processes of their
own: one that makes HDF5 crash or hang is a problem in the report. A defect in
many places is one line with a count."""
EXAMPLES = (
    "euxfel validate 900000/1",
    "euxfel validate 900000/1 --deep --skip run_json_cache --junit report.xml",
    "euxfel validate --list",
)

_COLOURS = {"error": "bold red", "warning": "bold yellow", "no problems": "green"}


class _List(Action):
    """Shows the checks and ends, whatever else is given: like ``--help``."""

    def __call__(self, parser: ArgumentParser, *args: Any, **options: Any) -> None:
        show(_listed())
        parser.exit()


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", metavar="PATH", help=RUN_HELP)
    parser.add_argument(
        "--data", metavar="FOLDER", default="raw",
        help="for PROPOSAL/RUN: raw, proc or another folder of the proposal; by default raw",
    )  # fmt: skip
    parser.add_argument(
        "--skip", metavar="CHECK", action="append", default=[],
        help="leave out a check; can be given more than once",
    )  # fmt: skip
    parser.add_argument(
        "-l", "--list", action=_List, nargs=0, help="show the checks that there are"
    )
    parser.add_argument("--deep", action="store_true", help="read and decode all data as well")
    parser.add_argument(
        "--all", action="store_true", help="name all places of each problem, not the first three"
    )
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", default=60.0,
        help="how long one file may take, 60 s by default; more for large files with --deep",
    )  # fmt: skip
    parser.add_argument(
        "--junit", metavar="FILE", help="also write the report for a build server, as JUnit XML"
    )
    add_json(parser)


def run(args: Namespace) -> int:
    """Check it."""
    from euxfel.validate import CHECKS, report_json, report_junit

    _check_names(args.skip)
    _check_target(args.junit)
    path = path_of(args.path, args.data)
    found, files = _found(path, args)
    checks = [c for c in CHECKS if c.name not in args.skip and (args.deep or not c.deep)]
    if not os.path.isdir(path):
        checks = [check for check in checks if check.scope == "file"]
    if args.junit:
        # A build server has the report of the last time there.
        save(args.junit, report_junit(found, path, checks).encode(), overwrite=True)
    if args.json:
        show_json("validate", report_json(found, path, files, checks))
    else:
        show(_report(found, path, files, checks, None if args.all else 3))
    return PROBLEMS if found else FINE


def _check_names(skip: list[str]) -> None:
    from euxfel.validate import CHECKS

    names = [check.name for check in CHECKS]
    for name in skip:
        if name not in names:
            raise UsageError(f"there is no check {name!r}{near(name, names)}; see --list")


def _check_target(path: str | None) -> None:
    if path is not None and path.endswith(".h5"):
        raise UsageError(f"--junit {path}: a report must not take the name of a data file")


def _found(path: str, args: Namespace) -> tuple[list[Finding], int]:
    from euxfel.validate import RunValidator, check_file

    if not os.path.isdir(path):
        return check_file(path, args.skip, deep=args.deep, deadline=args.timeout), 1
    with Progress("checking files") as progress:
        validator = RunValidator(
            path,
            skip_checks=args.skip,
            deep=args.deep,
            deadline=args.timeout,
            on_progress=lambda done, total, _problems: progress(done, total),
        )
        return validator.run_checks(), len(validator.filenames)


def _report(
    found: list[Finding], path: str, files: int, checks: list[Check], examples: int | None
) -> Iterator[str]:
    from euxfel.validate import report_lines

    paint, columns = painter(), width()
    summary, *lines = report_lines(found, examples)
    what = f"{counted(files, 'file')} in {path}" if os.path.isdir(path) else path
    said = f"Checked {plain(what)}, {counted(len(checks), 'check')}: "
    yield said + paint(summary, _style(summary))
    for line in lines:
        for part in wrapped(line, columns):
            yield paint(part, "" if part.startswith(" ") else _style(part))


def _style(line: str) -> str:
    """Give the colour for how bad something is: the first word that says it counts."""
    return next((style for word, style in _COLOURS.items() if word in line), "")


def _listed() -> Iterator[str]:
    from euxfel.validate import CHECKS

    rows = [
        (check.name, check.scope, check.severity.value, "--deep" if check.deep else "")
        for check in CHECKS
    ]
    yield from table(rows, ("check", "of a", "finds", "only with"))
