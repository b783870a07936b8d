"""What is in files, runs and proposals."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from ..arguments import add_json
from ..exits import FINE, UNREADABLE
from ..listing.listing import Listing, View, listing
from ..listing.targets import Target, targets_of
from ..output import show, show_json
from ..progress import Progress
from ..sources import as_globs
from ..terminal import painter, width
from ..text import plain, size, table, wrapped

ABOUT = """\
Show what is in a file or a run: trains, duration, sources, problems. Of several
paths, a proposal or a folder of runs it shows a table with a line for each run.
Without PATH: what is in the current folder."""
EXAMPLES = (
    "euxfel ls 900000/1",
    "euxfel ls 900000/1 --source XGM --detail '*XGM/DOOCS/MAIN'",
    "euxfel ls 900000",
)

_HEADING = re.compile(r"[A-Z].* \([0-9]+\)")
_HEAD = ("run", "trains", "duration", "files", "size", "sources", "problems", "detectors")


class _Row(NamedTuple):
    target: Target
    found: Listing | None
    error: str


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="file, folder of a run, folder of runs, folder or number of a proposal, or "
        "PROPOSAL/RUN such as 2012/238",
    )
    parser.add_argument(
        "-s", "--source", metavar="PATTERN", action="append", default=[],
        help="only sources that match a pattern such as '*XGM/*:output', or that have XGM in "
        "their name; can be given more than once",
    )  # fmt: skip
    parser.add_argument(
        "-d", "--detail", metavar="PATTERN", action="append", default=[],
        help="show keys with type, shape and units of sources that match; without --source only "
        "those are shown; not in a table of runs",
    )  # fmt: skip
    parser.add_argument(
        "-c", "--counts", action="store_true", help="show how many trains have data"
    )
    parser.add_argument(
        "--no-group", action="store_true", help="a line for each of several similar names"
    )
    parser.add_argument(
        "-g", "--aggregators", action="store_true", help="show what each source was saved by"
    )
    parser.add_argument(
        "-x", "--auxiliary", action="store_true", help="show sources on reduction and errata"
    )
    add_json(parser)


def run(args: Namespace) -> int:
    """Show it."""
    view = _view(args)
    targets = [target for path in args.paths or ["."] for target in targets_of(path)]
    is_one = len(targets) == 1 and not targets[0].heading
    if is_one:
        rows = [_Row(targets[0], listing(targets[0].path, view), "")]
    else:
        rows = _look_at_each(targets, view)
    if args.json:
        show_json("ls", {"entries": [_as_json(row) for row in rows]})
    elif is_one and rows[0].found is not None:
        show(_one(rows[0].found))
    else:
        show(_tables(rows))
    return UNREADABLE if any(row.error for row in rows) else FINE


def _view(args: Namespace) -> View:
    return View(
        sources=as_globs(args.source or args.detail),
        details=as_globs(args.detail),
        counts=args.counts,
        group=not args.no_group,
        aggregators=args.aggregators,
        auxiliary=args.auxiliary,
    )


def _look_at_each(targets: list[Target], view: View) -> list[_Row]:
    rows = []
    with Progress("looking at runs") as progress:
        for i, target in enumerate(targets):
            progress(i, len(targets))
            rows.append(_row(target, view))
    return rows


def _row(target: Target, view: View) -> _Row:
    try:
        return _Row(target, listing(target.path, view), "")
    except (OSError, ValueError, LookupError) as error:
        return _Row(target, None, str(error).partition("\n")[0])


def _as_json(row: _Row) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": row.target.path, "error": row.error or None}
    if row.found is not None:
        entry.update(row.found._asdict())
        del entry["text"]
    return entry


def _one(found: Listing) -> Iterator[str]:
    paint = painter()
    columns = width()
    if found.n_sources < found.of_sources:
        yield paint(f"Showing {found.n_sources} of {found.of_sources} sources", "yellow")
    for i, line in enumerate(_with_size(found)):
        for part in wrapped(plain(line), columns):
            yield paint(part, _style(part, is_first=i == 0))


def _with_size(found: Listing) -> list[str]:
    """Put the size below what else is said of the whole."""
    blank = [i for i, line in enumerate(found.text) if not line]
    end = blank[1] if len(blank) > 1 else len(found.text)
    return [*found.text[:end], f"Size      {size(found.n_bytes)}", *found.text[end:]]


def _style(line: str, is_first: bool) -> str:
    if is_first:
        return "bold"
    if line.startswith(("Problems", "Suspect", "Absent", "Lacking")):
        return "bold yellow"
    return "bold cyan" if _HEADING.fullmatch(line) else ""


def _tables(rows: Iterable[_Row]) -> Iterator[str]:
    paint = painter()
    for i, (heading, some) in enumerate(groupby(rows, key=lambda row: row.target.heading)):
        if i:
            yield ""
        if heading:
            yield paint(plain(heading), "bold")
        head, *lines = table(map(_cells, some), _HEAD, "<>>>>>><")
        yield paint(head, "cyan")
        yield from lines


def _cells(row: _Row) -> tuple[str, ...]:
    if row.found is None:
        return (row.target.name, "", "", "", "", "", "", f"cannot be read: {row.error}")
    from euxfel.core.display.durations import format_duration

    summary = row.found.summary
    return (
        row.target.name,
        str(summary["trains"]["n_trains"]),
        format_duration(summary["trains"]["seconds"]),
        str(summary["place"]["n_files"]),
        size(row.found.n_bytes),
        str(row.found.n_sources),
        str(len(summary["problems"]) or ""),
        ", ".join(line["name"] for line in summary["detectors"]),
    )
