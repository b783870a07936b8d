"""Slow data as a table."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import TYPE_CHECKING

from ..arguments import add_run
from ..exits import FINE
from ..mistakes import UsageError
from ..opening import open_named
from ..output import tell
from ..saving import add_output, refuse_early, save
from ..selection import add_trains, parse_field, select_trains
from ..text import counted, size

if TYPE_CHECKING:
    from pandas import DataFrame

ABOUT = """\
Write keys with one value per train into a table: a row for each train, a column
for each key, as .csv or .parquet. Keys with more than one value are left out."""
EXAMPLES = (
    "euxfel export 900000/1 '*XGM/DOOCS/MAIN[pulseEnergy.*]' '*MOTOR*' -o slow.csv",
    "euxfel export 900000/1 '*MOTOR*[actualPosition]' --trains 0:10 -o position.csv",
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)
    parser.add_argument(
        "fields", metavar="SOURCE[KEY]", nargs="+",
        help="patterns of sources and keys, such as '*XGM*[pulseEnergy.*]'; without [KEY] all keys",
    )  # fmt: skip
    add_trains(parser)
    parser.add_argument("--timestamps", action="store_true", help="with the times of control data")
    add_output(parser, "the table: .csv or .parquet (needs pyarrow)", required=True)


def run(args: Namespace) -> int:
    """Write it."""
    encode = _FORMS.get(os.path.splitext(args.output)[1].lower())
    if encode is None:
        raise UsageError(f"{args.output!r} is no table: its name ends in .csv or .parquet")
    refuse_early(args.output, overwrite=args.overwrite)
    with open_named(args) as data:
        fields = [parse_field(field) for field in args.fields]
        table = select_trains(data, args.trains).get_dataframe(fields, timestamps=args.timestamps)
    if not len(table.columns):
        raise UsageError("none of these keys has one value per train; see euxfel ls --detail")
    content = encode(table)
    save(args.output, content, overwrite=args.overwrite)
    rows, columns = counted(len(table), "row"), counted(len(table.columns), "column")
    tell(f"{args.output}: {rows}, {columns}, {size(len(content))}")
    return FINE


def _as_csv(table: DataFrame) -> bytes:
    return table.to_csv().encode("utf-8")


def _as_parquet(table: DataFrame) -> bytes:
    # For an error that names it, before pandas raises one of its own.
    from io import BytesIO

    import_module("pyarrow")

    file = BytesIO()
    table.to_parquet(file, engine="pyarrow")
    return file.getvalue()


_FORMS = {".csv": _as_csv, ".parquet": _as_parquet}
