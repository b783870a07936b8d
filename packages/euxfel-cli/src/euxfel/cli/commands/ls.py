"""What is in files, runs and proposals."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..arguments import add_json
from ..exits import FINE
from ..opening import open_data
from ..output import show_json
from ..text import plain

ABOUT = "Show what is in a file or a run: trains, duration, sources, problems."
EXAMPLES = ("euxfel ls 900000/1",)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", metavar="PATH", help="file, or run")
    add_json(parser)


def run(args: Namespace) -> int:
    """Show it."""
    with open_data(args.path) as data:
        summary = data.summary()
    if args.json:
        show_json("ls", {"summary": summary.to_dict()})
    else:
        for line in summary.to_text().splitlines():
            print(plain(line))
    return FINE
