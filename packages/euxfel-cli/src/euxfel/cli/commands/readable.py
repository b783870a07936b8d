"""Which files can be read, and where the others hang."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..arguments import FILES_HELP, add_json
from ..exits import FINE, PROBLEMS, UNREADABLE
from ..mistakes import UsageError
from ..opening import path_of
from ..output import show, show_json
from ..progress import Progress
from ..terminal import painter
from ..text import counted, table

if TYPE_CHECKING:
    from euxfel.fileaccess.isolated import Answer

ABOUT = """\
Find out which files can be read: where dCache keeps them, whether they can be
accessed at all, and whether their sources and trains can be read. Each is
looked at in a process of its own with a time limit, so that dead storage stops
nothing."""
EXAMPLES = (
    "euxfel readable .",
    "euxfel readable --all --recursive --timeout 20 .",
)
EXITS = {PROBLEMS: "some files cannot be read", UNREADABLE: "no file could be looked at"}

_WORKERS_MAX = 16


class _State(NamedTuple):
    path: str
    state: str
    detail: str
    seconds: float | None


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help=FILES_HELP)
    parser.add_argument(
        "-a", "--all", action="store_true", help="show all files, not only unreadable ones"
    )
    parser.add_argument("-r", "--recursive", action="store_true", help="look into folders below")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", default=5.0,
        help="how long each step with a file may take, 5 s by default",
    )  # fmt: skip
    add_json(parser)


def run(args: Namespace) -> int:
    """Look at the files."""
    if not args.timeout > 0:
        raise UsageError("--timeout must be above 0 seconds")
    paths = sorted({path for name in args.paths for path in _files(name, args.recursive)})
    states = list(_states(paths, args.timeout))
    unreadable = [state for state in states if state.state != "readable"]
    if args.json:
        files = [state._asdict() for state in states]
        show_json("readable", {"readable": len(states) - len(unreadable), "files": files})
    else:
        show(_report(states, unreadable, args.all))
    return PROBLEMS if unreadable else FINE


def _files(name: str, recursive: bool) -> Iterator[str]:
    path = Path(path_of(name))
    if path.is_dir():
        yield from map(str, path.glob("**/*.h5" if recursive else "*.h5"))
    else:
        yield str(path)


def _states(paths: list[str], timeout: float) -> Iterator[_State]:
    from euxfel.fileaccess.isolated import ask_about_files

    workers = min(_WORKERS_MAX, len(os.sched_getaffinity(0)), max(1, len(paths)))
    with Progress("looking at files") as progress:
        done = [0]

        def step(_path: str, _answer: Answer) -> None:
            done[0] += 1
            progress(done[0], 2 * len(paths))

        ask = partial(ask_about_files, deadline=timeout, workers=workers, on_answer=step)
        where = ask(paths, "euxfel.cli.access:find")
        present = [path for path in paths if _is_present(where[path])]
        opened = ask(present, "euxfel.cli.access:look")
    for path in paths:
        yield _state(path, where[path], opened.get(path))


def _is_present(answer: Answer) -> bool:
    return answer.failure is None and answer.value in ("on disk", "unknown")


def _state(path: str, where: Answer, opened: Answer | None) -> _State:
    if where.failure is not None:
        return _State(path, "no access", where.failure.removeprefix(f"{path} "), None)
    if opened is None:
        return _State(path, where.value, f"dCache says that it is {where.value}", None)
    if opened.failure is not None:
        why = opened.failure.removeprefix(f"{os.path.abspath(path)} ")
        return _State(path, "unreadable", why, None)
    return _State(path, "readable", "", round(opened.value, 4))


def _report(states: list[_State], unreadable: list[_State], show_all: bool) -> Iterator[str]:
    paint = painter()
    shown = states if show_all else unreadable
    if shown:
        rows = [(state.path, state.state, state.detail) for state in shown]
        yield from table(rows, ("file", "state", ""))
        yield ""
    if not states:
        yield paint("there are no HDF5 files", "yellow")
    elif unreadable:
        said = f"{len(unreadable)} of {counted(len(states), 'file')} cannot be read"
        yield paint(said, "bold red")
    else:
        yield paint(f"all of {counted(len(states), 'file')} can be read", "green")
