"""European XFEL data on the command line: ``euxfel COMMAND``, and the names that scripts call.

`main` is the whole program as a function. What it shows is for people, or with ``--json`` for
other programs; the only promise of this package beside the commands is `main`.
"""

from __future__ import annotations

from .app import main

__all__ = ["main"]
