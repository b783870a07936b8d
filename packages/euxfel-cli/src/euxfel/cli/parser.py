"""Parsers of commands: help with examples, mistakes in one line with what may have been meant."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NoReturn

from .commands import COMMANDS
from .exits import DEFECT, MEANINGS
from .mistakes import UsageError, near


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        raise UsageError(f"{message}; see {self.prog} --help")

    def parse_all(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse arguments of which none may be left over."""
        parsed, left = self.parse_known_args(arguments)
        if left:
            self.error(self._unknown(left[0]))
        return parsed

    def _unknown(self, word: str) -> str:
        if not word.startswith("-"):
            return f"what is {word!r} for?"
        option = word.partition("=")[0]
        return f"there is no option {option}{near(option, self.long_options())}"

    @property
    def actions(self) -> list[argparse.Action]:
        """What the parser understands."""
        return list(self._actions)

    def long_options(self) -> Iterator[str]:
        """Give the options that are words."""
        for action in self._actions:
            yield from (name for name in action.option_strings if name.startswith("--"))


def command_parser(name: str, prog: str = "") -> Parser:
    """Give the parser of a command; its function is the default of ``run``.

    Parameters
    ----------
    name : str
        A name in `COMMANDS`.
    prog : str
        The name it was called by, if that is another one.
    """
    module = import_module(f"{__package__}.commands.{name.replace('-', '_')}")
    parser = Parser(
        prog=prog or f"euxfel {name}",
        description=module.ABOUT,
        epilog=_epilog(module),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.configure(parser)
    parser.add_argument(
        "--traceback", action="store_true", help="show where in the program an error arose"
    )
    parser.set_defaults(run=module.run)
    return parser


def all_parsers() -> dict[str, Parser]:
    """Give the parsers of all commands by name."""
    return {name: command_parser(name) for name in COMMANDS}


def exit_codes(module: Any) -> dict[int, str]:
    """Give the exit codes of a command with what they mean; a command can give codes of its own."""
    general = {code: text for code, text in MEANINGS.items() if code < DEFECT}
    return {**general, **getattr(module, "EXITS", {})}


def _epilog(module: Any) -> str:
    examples = "\n".join(f"  {line}" for line in module.EXAMPLES)
    noun = "example" if len(module.EXAMPLES) == 1 else "examples"
    codes = "\n".join(f"  {code}  {text}" for code, text in exit_codes(module).items())
    return f"{noun}:\n{examples}\n\nexit codes:\n{codes}"


def unknown_command(word: str) -> UsageError:
    """Give the error for a command that does not exist."""
    hint = near(word, COMMANDS)
    return UsageError(f"there is no command {word!r}{hint}; see euxfel --help")
