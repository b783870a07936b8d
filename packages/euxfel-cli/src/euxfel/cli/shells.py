"""Scripts that tell shells what can follow ``euxfel``; they run no Python when Tab is pressed."""

from __future__ import annotations

from argparse import Action
from collections.abc import Callable, Iterator

from .commands import COMMANDS

_SCRIPTS = {
    "lsxfel": "ls",
    "extra-data-validate": "validate",
    "extra-data-readable": "readable",
    "extra-data-locality": "locality",
    "extra-data-make-virtual-cxi": "make-virtual-cxi",
    "karabo-bridge-serve-run": "serve-run",
    "karabo-bridge-serve-files": "serve-files",
}
OLD_NAMES = {old: name for old, name in _SCRIPTS.items() if name in COMMANDS}
"""Names that scripts call, with the command behind them."""

_BASH = """\
_euxfel_options() {{
    case $1 in
{cases}
    esac
}}
_euxfel() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} command words
    case ${{COMP_WORDS[0]##*/}} in
{old}
    *)  command=${{COMP_WORDS[1]}} ;;
    esac
    if [[ $current == -* ]]; then
        words=$(_euxfel_options "$command")
    elif [[ $COMP_CWORD -eq 1 && ${{COMP_WORDS[0]##*/}} == euxfel ]]; then
        words="{commands}"
    elif [[ $command == completion ]]; then
        words="bash fish zsh"
    else
        # Anything else is a file or a run: readline knows those.
        COMPREPLY=()
        return
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _euxfel euxfel {names}
"""


def bash() -> str:
    """Give the script for bash."""
    options = {name: " ".join(_words(name)) for name in COMMANDS}
    return _BASH.format(
        cases="\n".join(f'    {name}) echo "{words}" ;;' for name, words in options.items()),
        old="\n".join(f"    {old}) command={name} ;;" for old, name in OLD_NAMES.items()),
        commands=" ".join(COMMANDS),
        names=" ".join(OLD_NAMES),
    )


def zsh() -> str:
    """Give the script for zsh, which understands that of bash."""
    return f"autoload -U +X bashcompinit && bashcompinit\n{bash()}"


def fish() -> str:
    """Give the script for fish."""
    return "".join(f"{line}\n" for line in _fish_lines())


SHELLS: dict[str, Callable[[], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
"""Scripts by shell."""


def _words(name: str) -> Iterator[str]:
    for action in _actions(name):
        yield from action.option_strings


def _actions(name: str) -> list[Action]:
    from .parser import command_parser

    return [action for action in command_parser(name).actions if action.option_strings]


def _fish_lines() -> Iterator[str]:
    for name, line in COMMANDS.items():
        about = _quoted(line)
        yield f"complete -c euxfel -n __fish_use_subcommand -f -a {name} -d {about}"
    programs = {f"euxfel -n '__fish_seen_subcommand_from {name}'": name for name in COMMANDS}
    for program, name in (programs | OLD_NAMES).items():
        for action in _actions(name):
            yield f"complete -c {program}{_fish_options(action)}"


def _fish_options(action: Action) -> str:
    spelt = "".join(
        f" -l {option[2:]}" if option.startswith("--") else f" -s {option[1:]}"
        for option in action.option_strings
    )
    takes_value = " -r" if action.nargs != 0 else ""
    return f"{spelt}{takes_value} -d {_quoted(action.help or '')}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
