"""Which sources lack data for which trains."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..arguments import add_json, add_run
from ..exits import FINE, PROBLEMS
from ..opening import open_named
from ..output import show, show_json
from ..saving import add_output
from ..text import counted, plain, table

if TYPE_CHECKING:
    from euxfel.core.display import MissingData

ABOUT = """\
Show which sources lack data for which trains, those that lack most first: as a
table, and with -o as a picture. Similar sources that lack the same are
one line."""
EXAMPLES = (
    "euxfel missing 900000/1",
    "euxfel missing 900000/1 -o missing.png",
)
EXITS = {PROBLEMS: "some sources lack data"}

_HEAD = ("source", "sources", "trains", "missing", "saved")


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)
    parser.add_argument(
        "--min-saved-pct", metavar="PERCENT", type=float, default=95.0,
        help="leave out sources with data for at least so many of the trains (default 95)",
    )  # fmt: skip
    parser.add_argument(
        "--expand-instrument", action="store_true",
        help="a line for each index group of instrument sources",
    )  # fmt: skip
    add_output(parser, "save a picture: .png, .pdf or .svg", required=False)
    add_json(parser)


def run(args: Namespace) -> int:
    """Show it."""
    if args.output:
        from ..picture import prepare

        prepare(args.output, overwrite=args.overwrite)
    with open_named(args) as data:
        missing = data.missing_data(args.min_saved_pct, args.expand_instrument)
    if args.json:
        show_json("missing", _as_json(missing))
    else:
        show(_lines(missing))
    if args.output:
        _draw(missing, args.output, overwrite=args.overwrite)
    return PROBLEMS if len(missing) or missing.unreadable else FINE


def _lines(missing: MissingData) -> Iterator[str]:
    yield plain(missing.place)
    if not len(missing) and not missing.unreadable:
        yield (
            f"all {counted(missing.n_sources, 'source')} have data for at least "
            f"{missing.min_saved_pct:g} % of {counted(len(missing.train_ids), 'train')}"
        )
        return
    yield from table((_cells(row) for row in _rows(missing)), _HEAD, "<>>>>")
    for source, reason in missing.unreadable:
        yield plain(f"{source} cannot be read: {reason}")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    from euxfel.core.display.plain import percent

    saved = percent(row["trains"] - row["missing"], row["trains"])
    numbers = (len(row["sources"]), row["trains"], row["missing"])
    return (row["label"], *map(str, numbers), saved)


def _rows(missing: MissingData) -> Iterator[dict[str, Any]]:
    for label, sources, saved in zip(missing.labels, missing.sources, missing.saved, strict=True):
        yield {
            "label": label,
            "sources": list(sources),
            "trains": len(saved),
            "missing": int((~saved).sum()),
        }


def _as_json(missing: MissingData) -> dict[str, Any]:
    return {
        "place": missing.place,
        "n_sources": missing.n_sources,
        "n_trains": len(missing.train_ids),
        "min_saved_pct": missing.min_saved_pct,
        "lacking": list(_rows(missing)),
        "unreadable": [{"source": s, "reason": r} for s, r in missing.unreadable],
    }


def _draw(missing: MissingData, output: str, *, overwrite: bool) -> None:
    from euxfel.core.display.plotting import draw_missing_data

    from ..picture import deliver

    figure = draw_missing_data(missing).get_figure(root=True)
    assert figure is not None
    deliver(figure, output, overwrite=overwrite)
