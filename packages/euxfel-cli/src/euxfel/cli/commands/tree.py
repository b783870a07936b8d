"""The datasets of an HDF5 file, whatever its form."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..arguments import add_json
from ..exits import FINE
from ..mistakes import UsageError
from ..output import show_json
from ..terminal import painter
from ..text import size, table

if TYPE_CHECKING:
    from ..h5tree import Node

ABOUT = """\
Show the datasets of an HDF5 file with shape, type, chunks, filters and the room
they take; and its links, which are not followed. The file need not be EXDF."""
EXAMPLES = (
    "euxfel tree p900000/raw/r0001/RAW-R0001-DA02-S00000.h5",
    "euxfel tree p900000/raw/r0001/RAW-R0001-DA02-S00000.h5 --path 'INDEX*'",
)

_HEAD = ("dataset", "shape", "type", "chunks", "filters", "stored")


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", metavar="FILE", help="an HDF5 file")
    parser.add_argument(
        "--path", metavar="PATTERN", default="*", help="only paths that match, such as 'INDEX/*'"
    )
    add_json(parser)


def run(args: Namespace) -> int:
    """Show it."""
    from ..h5tree import nodes

    found = [node for node in nodes(args.file) if fnmatchcase(node.path, args.path)]
    if not found and args.path != "*":
        raise UsageError(f"no path in {args.file} matches {args.path!r}")
    if args.json:
        show_json("tree", {"file": args.file, "datasets": [_as_json(node) for node in found]})
        return FINE
    head, *lines = table(map(_cells, found), _HEAD, "<<<<<>")
    print(painter()(head, "cyan"))
    for line in lines:
        print(line)
    return FINE


def _as_json(node: Node) -> dict[str, Any]:
    return node._asdict()


def _cells(node: Node) -> tuple[str, ...]:
    if node.link:
        return f"{node.path} -> {node.link}", "", "", "", "", ""
    return (
        node.path,
        _by(node.shape) if node.shape is not None else "empty",
        node.dtype,
        _by(node.chunks) if node.chunks else node.layout,
        " ".join(node.filters),
        size(node.stored),
    )


def _by(numbers: Iterable[int]) -> str:
    return " x ".join(_spelt(numbers)) or "scalar"


def _spelt(numbers: Iterable[int]) -> Iterator[str]:
    return (str(n) for n in numbers)
