"""Where dCache keeps files."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..arguments import FILES_HELP, add_json
from ..exits import UNREADABLE
from ..opening import is_run_of_proposal, path_of
from ..output import show, show_json
from ..text import counted, plain, table

if TYPE_CHECKING:
    from euxfel.fileaccess.locality import Locality

ABOUT = """\
Show where dCache keeps files: on disk, on tape only, or unavailable. The files
themselves are not touched; those outside dCache are on disk."""
EXAMPLES = ("euxfel locality p900000/raw/r0001",)
EXITS = {
    0: "all on disk",
    1: "some only on tape",
    2: "some unavailable",
    4: "some where it is not known",
    UNREADABLE: "1 and 2 together, or no such folder; so 5, 6 and 7",
}

_TAPE, _UNAVAILABLE, _UNKNOWN = 1, 2, 4
_WORDS = {0: "on disk", _TAPE: "on tape", _UNAVAILABLE: "unavailable", _UNKNOWN: "not known"}


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help=FILES_HELP)
    add_json(parser)


def run(args: Namespace) -> int:
    """Show it."""
    from euxfel.fileaccess.locality import localities

    files = [file for name in args.paths for file in _files(name)]
    found = [(file, _bit(place)) for file, place in zip(files, localities(files), strict=True)]
    if args.json:
        show_json("locality", {"files": [{"path": f, "locality": _WORDS[b]} for f, b in found]})
    else:
        show([f"{counted(len(files), 'file')}"])
        bits = [bit for _, bit in found]
        show(table([[f"  {word}", str(bits.count(bit))] for bit, word in _WORDS.items()], (), "<>"))
        show(f"{_WORDS[bit]}: {plain(file)}" for file, bit in found if bit)
    code = 0
    for _, bit in found:
        code |= bit
    return code


def _files(name: str) -> list[str]:
    # What is not there has an exit code of its own here.
    path = path_of(name) if is_run_of_proposal(name) else name
    if not os.path.isdir(path):
        os.stat(path)
        return [path]
    with os.scandir(path) as entries:
        # Asking what kind of thing an entry is would take the file itself from tape.
        return sorted(entry.path for entry in entries if entry.name.endswith(".h5"))


def _bit(place: Locality) -> int:
    from euxfel.fileaccess.locality import Locality

    if place & Locality.ON_DISK:
        return 0
    if place & Locality.ON_TAPE:
        return _TAPE
    return _UNAVAILABLE if place & Locality.UNAVAILABLE else _UNKNOWN
