"""Results as files: under their names when they are complete, never over another file unasked."""

from __future__ import annotations

import os
from argparse import ArgumentParser


def add_output(parser: ArgumentParser, what: str, *, required: bool) -> None:
    """Add ``-o`` and ``--overwrite``."""
    parser.add_argument("-o", "--output", metavar="FILE", required=required, help=what)
    parser.add_argument(
        "--overwrite", action="store_true", help="replace the file if there is one already"
    )


def save(path: str, content: bytes, *, overwrite: bool) -> None:
    """Write a file that is absent, old or complete at every moment.

    Raises
    ------
    TargetExistsError
        If there is such a file and it may not be replaced.
    WriteError
        If it cannot be written.
    """
    from euxfel.writer.target import AtomicTarget

    with AtomicTarget(path, overwrite=overwrite) as target, target.open() as file:
        file.write(content)


def refuse_early(path: str, *, overwrite: bool) -> None:
    """Raise what `save` would, before work is done for nothing."""
    from euxfel.writer.refusal import refuse

    refuse(os.path.abspath(path), (), overwrite)
