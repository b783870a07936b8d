"""A run sent as the live Karabo bridge sends data."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..exits import FINE, PROBLEMS
from ..mistakes import UsageError
from ..output import show
from ..streaming import add_streaming, serve
from ..text import plain

ABOUT = """\
Send a run to clients of the Karabo bridge, to develop online analysis on it.
What to send is said with --include 'SOURCE' or --include 'SOURCE[KEY]'."""
EXAMPLES = ("euxfel serve-run 900000 1 --list",)
EXITS = {FINE: "all trains delivered", PROBLEMS: "trains lost or not acknowledged"}


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("proposal", metavar="PROPOSAL", help="number of the proposal")
    parser.add_argument("run_number", metavar="RUN", help="number of the run")
    parser.add_argument(
        "--port", default="0", help="TCP port or ZeroMQ endpoint; any free port by default"
    )
    parser.add_argument(
        "--include",
        action="append",
        metavar="SRC[KEY]",
        help="sources, and keys of them, to send; can be given several times",
    )
    parser.add_argument(
        "--allow-partial", action="store_true", help="send trains in which some sources lack data"
    )
    parser.add_argument("--list", action="store_true", help="show the sources and end")
    add_streaming(parser)


def run(args: Namespace) -> int:
    """Send it."""
    from euxfel.core import open_run

    with open_run(args.proposal, args.run_number, data="all") as data:
        sources = [plain(source) for source in sorted(data.all_sources)]
        if args.list:
            show(sources)
            return FINE
        if not args.include:
            show(["Available sources:", *(f"  {source}" for source in sources)])
            raise UsageError("say with --include what to send")
        chosen = [included(text) for text in args.include]
        partial = args.allow_partial
        selected = data.select(chosen, require_any=partial, require_all=not partial)
        return serve(selected, args, args.port)


def included(text: str) -> str | tuple[str, str]:
    """Give the selection for a text.

    Examples
    --------
    >>> from euxfel.cli.commands.serve_run import included
    >>> included("SPB_XGM*[*Pos]")
    ('SPB_XGM*', '*Pos')
    """
    source, bracket, key = text.partition("[")
    if not bracket:
        return text
    if not key.endswith("]"):
        raise UsageError(f"--include {text}: the ] at the end is missing")
    return source, key[:-1]
