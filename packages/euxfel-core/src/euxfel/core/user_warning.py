"""Warnings that point at the user's line."""

from __future__ import annotations

import sys
import warnings


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Give a warning whose place is the code that called into euxfel.

    Parameters
    ----------
    message : str
        What the user should know.
    category : type of Warning
        Its kind.
    """
    warnings.warn(message, category, stacklevel=_depth_of_caller())


def _depth_of_caller() -> int:
    """The stack level, seen from `warn_user`, of the first frame outside the package."""
    depth, frame = 1, sys._getframe(1)
    while _is_ours(frame.f_globals.get("__name__", "")) and frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    return depth


def _is_ours(module: str) -> bool:
    return module == "euxfel" or module.startswith("euxfel.")
