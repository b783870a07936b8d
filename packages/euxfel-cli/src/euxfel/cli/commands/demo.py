"""A simulated run to try things out on."""

from __future__ import annotations

import os
import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..exits import FINE
from ..mistakes import UsageError
from ..output import show, tell
from ..text import counted, plain, size

if TYPE_CHECKING:
    from euxfel.fileaccess.testing import Demo

ABOUT = """\
Write a simulated run that looks like a real one, diffraction on 16 modules of
an AGIPD with slow devices and some gaps, and show what can be done with it."""
EXAMPLES = ("euxfel demo demo-data --trains 8 --frames 1",)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default="euxfel-demo",
        help="where to write, made if need be (default euxfel-demo)",
    )  # fmt: skip
    parser.add_argument(
        "--trains", type=int, default=10, help="number of trains, at least 8 (default 10)"
    )
    parser.add_argument("--frames", type=int, default=3, help="frames in a train (default 3)")


def run(args: Namespace) -> int:
    """Write it, and show what to do with it."""
    from euxfel.fileaccess.testing import demo_run

    if os.path.exists(args.folder) and (not os.path.isdir(args.folder) or os.listdir(args.folder)):
        raise UsageError(f"{args.folder} is there already and not an empty folder")
    if args.trains < 8 or args.frames < 1:
        raise UsageError("a demo run has at least 8 trains with at least 1 frame")
    tell(f"writing a simulated run to {args.folder} ...")
    show(_what_to_try(demo_run(args.folder, args.trains, args.frames)))
    return FINE


def _what_to_try(demo: Demo) -> Iterator[str]:
    files = counted(len(demo.paths), "file")
    yield plain(f"{files}, {size(sum(path.stat().st_size for path in demo.paths))}, in {demo.root}")
    run = f"{demo.proposal}/{demo.run}"
    commands = {
        "Say where it is": f"export EXTRA_DATA_DATA_ROOT={shlex.quote(os.path.abspath(demo.root))}",
        "See what is in it": f"euxfel ls {run}",
        "See what is missing": f"euxfel missing {run} -o missing.png",
        "Draw pulse energies": (
            f"euxfel plot {run} SPB_XTD9_XGM/DOOCS/MAIN:output data.intensityTD -o energies.png"
        ),
        "Make a table of slow data": f"euxfel export {run} '*MOTOR*' -o motors.csv",
    }
    for what, command in commands.items():
        yield ""
        yield f"# {what}"
        yield plain(command)
    yield ""
    yield "# In Python"
    yield "from euxfel.core import open_run"
    yield f"run = open_run({demo.proposal}, {demo.run}, data='all')"
