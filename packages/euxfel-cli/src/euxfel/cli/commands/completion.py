"""Completion of commands and options by the shell."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..exits import FINE
from ..shells import SHELLS

ABOUT = """\
Print a script that makes a shell complete commands, options and file names
after Tab. It goes into a file that the shell reads when it starts:
bash  ~/.bashrc    eval "$(euxfel completion bash)"
zsh   ~/.zshrc     eval "$(euxfel completion zsh)"
fish  ~/.config/fish/config.fish    euxfel completion fish | source"""
EXAMPLES = ("euxfel completion bash",)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("shell", choices=sorted(SHELLS), help="for which shell")


def run(args: Namespace) -> int:
    """Print it."""
    print(SHELLS[args.shell](), end="")
    return FINE
