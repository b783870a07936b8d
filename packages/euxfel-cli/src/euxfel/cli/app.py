"""From the words of a command line to an exit code: nothing but defects shows a traceback."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from .commands import COMMANDS, GROUPS
from .exits import BROKEN_PIPE, DEFECT, FINE, INTERRUPTED, USAGE
from .mistakes import UsageError
from .output import tell
from .terminal import painter


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``euxfel``.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; by default that of the process.

    Returns
    -------
    int
        The exit code.

    Examples
    --------
    >>> from euxfel.cli import main
    >>> main(["--version"])
    euxfel ...
    0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    return ended_well(lambda: _run(words), "euxfel", "--traceback" in words)


def main_as(prog: str, command: str, arguments: Sequence[str] | None = None) -> int:
    """Run one command under a name of its own, as scripts have called it for years.

    Parameters
    ----------
    prog : str
        The name.
    command : str
        The command behind it.
    arguments : sequence of str, optional
        By default those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    return ended_well(lambda: _command(command, words, prog), prog, "--traceback" in words)


def _run(words: list[str]) -> int:
    match words:
        case []:
            print(_help(), file=sys.stderr)
            return USAGE
        case ["-h" | "--help" | "help"]:
            print(_help())
            return FINE
        case ["--version" | "-V"]:
            from importlib.metadata import version

            print(f"euxfel {version('euxfel-cli')}")
            return FINE
        case ["help", name]:
            return _run([name, "--help"])
        case [name, *rest] if name in COMMANDS:
            return _command(name, rest)
        case [word, *_]:
            from .parser import unknown_command

            raise unknown_command(word)
    return USAGE


def _command(name: str, words: list[str], prog: str = "") -> int:
    from .parser import command_parser

    args = command_parser(name, prog).parse_all(words)
    run: Callable[[Any], int] = args.run
    return run(args)


def _help() -> str:
    bold = painter()
    width = max(map(len, COMMANDS))
    lines = [
        "European XFEL data on the command line.",
        "",
        bold("usage: euxfel COMMAND ...", "bold"),
    ]
    for heading, commands in GROUPS.items():
        if commands:
            lines += ["", bold(heading, "bold")]
            lines += [f"  {name:<{width}}  {line}" for name, line in commands.items()]
    return "\n".join([*lines, "", "euxfel COMMAND --help tells more, with examples."])


def ended_well(run: Callable[[], int], prog: str, with_traceback: bool) -> int:
    """Run something so that whatever ends it becomes an exit code and at most some lines."""
    _show_what_can_be_shown(sys.stdout)
    try:
        with _warnings_as_lines():
            code = _exit_code(run, prog, with_traceback)
            if sys.stdout is not None:
                sys.stdout.flush()
            return code
    except BrokenPipeError:
        _give_up(sys.stdout)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        tell(f"{prog}: stopped")
        return INTERRUPTED
    except OSError as error:
        _give_up(sys.stdout)
        return _failed(error, prog, with_traceback)


def _exit_code(run: Callable[[], int], prog: str, with_traceback: bool) -> int:
    try:
        return run()
    except SystemExit as end:
        # argparse leaves like this after --help.
        return end.code if isinstance(end.code, int) else FINE
    except BrokenPipeError:
        raise
    except UsageError as error:
        tell(f"{prog}: {error}")
        return USAGE
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told and has an exit code
        return _failed(error, prog, with_traceback)


def _failed(error: Exception, prog: str, with_traceback: bool) -> int:
    from .failures import failure

    known = failure(error)
    if with_traceback or known is None:
        _show_traceback(error)
    if known is None:
        tell(f"{prog}: this is a defect of the program: please report it with the lines above")
        return DEFECT
    message, code = known
    first, *more = message.splitlines() or [type(error).__name__]
    tell(f"{prog}: {first}")
    for line in more:
        tell(line)
    return code


def _show_traceback(error: Exception) -> None:
    import traceback

    for part in traceback.format_exception(error):
        for line in part.splitlines():
            tell(line)


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show warnings of the libraries as lines for users, each once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("once", UserWarning)
        warnings.showwarning = _show_warning
        yield


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    tell(f"warning: {message}")


def _show_what_can_be_shown(stream: Any) -> None:
    """Spell out letters that the encoding of a stream lacks, instead of failing at them."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


def _give_up(stream: Any) -> None:
    """Let what is left in a buffer go nowhere: the interpreter would fail at it once more."""
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
