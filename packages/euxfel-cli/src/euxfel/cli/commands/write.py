"""A part of a run as a new file."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import Any

from ..arguments import add_run
from ..exits import FINE
from ..mistakes import UsageError
from ..opening import open_named
from ..output import tell
from ..progress import Progress
from ..saving import add_output, refuse_early
from ..selection import add_trains, parse_field, parse_numbers, select_trains
from ..text import counted, size

ABOUT = """\
Write some sources, keys and trains of a run to a new file, in the format of the
facility: compressed data is copied as it is. The file appears when it is
complete."""
EXAMPLES = (
    "euxfel write 900000/1 -o small.h5 --include '*XGM*' '*MOTOR*[actualPosition]'",
    "euxfel write 900000/1 -o first.h5 --trains 0:5 --compression gzip --verify",
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)
    add_output(parser, "the new file", required=True)
    parser.add_argument(
        "--include", metavar="SOURCE[KEY]", nargs="+", default=["*"],
        help="patterns of sources and keys, such as '*XGM*[pulseEnergy.*]'; all by default",
    )  # fmt: skip
    add_trains(parser)
    parser.add_argument(
        "--pulses", metavar="FIRST:END", help="some frames of each train, such as 0:10 or ::4"
    )
    parser.add_argument(
        "--compression", metavar="gzip|1-9|none", help="by default as the data is stored"
    )
    parser.add_argument(
        "--sequence-trains", metavar="N", type=int,
        help="write a folder of sequence files of so many trains instead of one file",
    )  # fmt: skip
    parser.add_argument(
        "--manifest", action="store_true", help="add digests that show any later damage"
    )
    parser.add_argument(
        "--verify", action="store_true", help="read all back and compare it, before it appears"
    )


def run(args: Namespace) -> int:
    """Write it."""
    options = _options(args)
    if args.sequence_trains is None:
        refuse_early(args.output, overwrite=args.overwrite)
    with open_named(args) as data, Progress("writing", in_bytes=True) as progress:
        chosen = data.select([parse_field(field) for field in args.include])
        chosen = select_trains(chosen, args.trains)
        chosen.write(args.output, progress=progress, **options)
        sources, trains = len(chosen.all_sources), len(chosen.train_ids)
    what = f"{counted(sources, 'source')}, {counted(trains, 'train')}"
    tell(f"{args.output}: {what}, {size(_bytes(args.output))}")
    return FINE


def _options(args: Namespace) -> dict[str, Any]:
    options: dict[str, Any] = {
        "overwrite": args.overwrite,
        "manifest": args.manifest,
        "verify": args.verify,
    }
    if args.compression is not None:
        options["compression"] = _compression(args.compression)
    if args.pulses is not None:
        options["pulses"] = parse_numbers(args.pulses)
    if args.sequence_trains is not None:
        options["sequence_trains"] = args.sequence_trains
    return options


def _compression(text: str) -> str | int:
    if text in ("gzip", "none"):
        return text
    if text.isdecimal() and 1 <= int(text) <= 9:
        return int(text)
    raise UsageError(f"--compression is gzip, a level from 1 to 9, or none; not {text!r}")


def _bytes(path: str) -> int:
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(entry.stat().st_size for entry in os.scandir(path))
