"""Arguments that several commands share, so that they are spelled and explained alike."""

from __future__ import annotations

from argparse import ArgumentParser

RUN_HELP = "folder of a run, a file, or PROPOSAL/RUN such as 2012/238"
RUN_FOLDER_HELP = "folder of a run, or PROPOSAL/RUN such as 2012/238"
FILES_HELP = "file, folder of files, or PROPOSAL/RUN such as 2012/238"


def add_run(parser: ArgumentParser) -> None:
    """Add the run to work on, and which data of it: see `euxfel.cli.opening`."""
    parser.add_argument("run_name", metavar="RUN", help=RUN_HELP)
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        default="default",
        help="for PROPOSAL/RUN: raw, proc, another folder of the proposal, or all (processed in "
        "place of raw data where names are the same); by default raw and proc, raw first",
    )


def add_json(parser: ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print a report for other programs")
