"""Virtual overviews: a run as one file, made or checked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..arguments import RUN_FOLDER_HELP, add_json
from ..exits import FINE, PROBLEMS
from ..mistakes import UsageError
from ..opening import path_of
from ..output import show_json
from ..text import plain

ABOUT = """\
Make a virtual overview of a run: one file that shows the data of all, where
readers look for it. With --check: tell whether there is one that still fits."""
EXAMPLES = (
    "euxfel overview 900000/1 -o r0001-overview.h5",
    "euxfel overview p900000/raw/r0001 -o r0001-overview.h5 --json",
)
EXITS = {PROBLEMS: "--check: there is no overview, or it does not fit"}


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("folder", metavar="RUN", help=RUN_FOLDER_HELP)
    parser.add_argument("--check", action="store_true", help="only look at the one there is")
    parser.add_argument(
        "-o", "--overview-file", metavar="FILE",
        help="make or check this file; by default overview.h5 in the folder, or a file in the "
        "folder usr of the proposal",
    )  # fmt: skip
    add_json(parser)


def run(args: Namespace) -> int:
    """Make or check it."""
    args.folder = path_of(args.folder)
    path, reason = _checked(args) if args.check else (_made(args), "")
    if args.json:
        show_json("overview", {"file": path, "fits": not reason, "reason": reason})
    else:
        print(plain(reason or f"{path} shows the run as it is"))
    return PROBLEMS if reason else FINE


def _made(args: Namespace) -> str:
    from euxfel.writer import make_overview

    return make_overview(args.folder, args.overview_file)


def _checked(args: Namespace) -> tuple[str | None, str]:
    """Give the overview, and what is wrong with it."""
    import os

    from euxfel.fileaccess import FileHandle
    from euxfel.fileaccess.overview import check_overview, overview_paths

    if not os.path.isdir(args.folder):
        raise UsageError(f"{args.folder!r} is no folder")
    places = [args.overview_file] if args.overview_file else overview_paths(args.folder)
    for path in filter(os.path.isfile, places):
        problems = check_overview(FileHandle(path), args.folder)
        return path, problems[0].message if problems else ""
    return None, f"there is no overview of {args.folder}: make one with euxfel overview"
