"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from .text import plain


def show(lines: Iterable[str]) -> None:
    """Print lines of a result."""
    for line in lines:
        print(line)


def show_json(command: str, content: Mapping[str, Any], version: int = 1) -> None:
    """Print a report for other programs.

    Parameters
    ----------
    command : str
        Name of the command.
    content : mapping
        What JSON can hold.
    version : int
        Raised whenever a field changes its name or meaning; new fields do not count.
    """
    import json

    report = {"schema": f"euxfel.{command}/{version}", **content}
    # NaN is no JSON: a number that is not there is null, and the command says so.
    print(json.dumps(report, indent=2, ensure_ascii=True, allow_nan=False))


def tell(message: str) -> None:
    """Say something that is no part of the result, as one line."""
    if sys.stderr is not None:
        print(plain(" ".join(message.splitlines())), file=sys.stderr)
