"""Files cloned without their data."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..arguments import FILES_HELP
from ..exits import FINE
from ..mistakes import UsageError
from ..opening import path_of
from ..progress import Progress

ABOUT = """\
Clone HDF5 files without their data: trees, types, shapes, attributes, indexes
and metadata are kept. For reports of errors, and to try things without a run."""
EXAMPLES = (
    "euxfel copy-structure 900000/1 .",
    "euxfel copy-structure p900000/raw/r0001 . --copy-run-data --overwrite",
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("input", metavar="INPUT", help=FILES_HELP)
    parser.add_argument("output", metavar="FOLDER", help="another folder, which exists")
    parser.add_argument(
        "-cr", "--copy-run-data", action="store_true", help="keep the values in RUN"
    )
    parser.add_argument(
        "-cc", "--copy-control-data", action="store_true", help="keep the values in CONTROL"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")


def run(args: Namespace) -> int:
    """Clone them."""
    from euxfel.writer import copy_structure

    with Progress("cloning") as progress:
        try:
            made = copy_structure(
                path_of(args.input),
                args.output,
                run_data=args.copy_run_data,
                control_data=args.copy_control_data,
                overwrite=args.overwrite,
                progress=progress,
            )
        except ValueError as error:
            raise UsageError(str(error)) from error
    print(f"{len(made)} file(s) cloned to {args.output}")
    return FINE
