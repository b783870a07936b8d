"""Files sent as the live Karabo bridge sends data."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..exits import FINE, PROBLEMS
from ..opening import open_data
from ..output import show
from ..streaming import add_streaming, serve
from ..text import plain

ABOUT = "Send a file, or a folder of files, to clients of the Karabo bridge."
EXAMPLES = ("euxfel serve-files 900000/1 0 --source '*XGM*' --list",)
EXITS = {FINE: "all trains delivered", PROBLEMS: "trains lost or not acknowledged"}


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", metavar="PATH", help="file, folder, or PROPOSAL/RUN")
    parser.add_argument("port", metavar="PORT", help="TCP port, 0 for any; or ZeroMQ endpoint")
    parser.add_argument("--source", metavar="GLOB", default="*", help="only matching sources")
    parser.add_argument("--key", metavar="GLOB", default="*", help="only matching keys")
    parser.add_argument("--list", action="store_true", help="show the sources and end")
    add_streaming(parser)


def run(args: Namespace) -> int:
    """Send it."""
    with open_data(args.path) as data:
        chosen = data.select(args.source, args.key)
        if args.list:
            show(plain(source) for source in sorted(chosen.all_sources))
            return FINE
        return serve(chosen, args, args.port)
