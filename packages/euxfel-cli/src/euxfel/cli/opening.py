"""Runs and files by what users type."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .mistakes import UsageError

if TYPE_CHECKING:
    from euxfel.core import DataCollection


def open_named(args: Namespace) -> DataCollection:
    """Open what `arguments.add_run` was given."""
    return open_data(args.run_name, args.data)


def open_data(name: str, data: str = "default") -> DataCollection:
    """Open a folder of files, a file, or a run as ``PROPOSAL/RUN``.

    Parameters
    ----------
    name : str
        What exists as a file or folder is that; otherwise two parts with one slash are numbers
        of a proposal and a run, such as ``"2012/238"`` or ``"p002012/r0238"``.
    data : str
        Which data of a proposal: see `euxfel.core.open_run`.
    """
    from euxfel.core import H5File, RunDirectory, open_run

    if os.path.isdir(name):
        return RunDirectory(name)
    if os.path.exists(name):
        return H5File(name)
    if is_run_of_proposal(name):
        proposal, _, run = name.partition("/")
        return open_run(proposal, run, data=data)
    raise UsageError(f"{name!r} is no file or folder, nor PROPOSAL/RUN such as 2012/238")


def path_of(name: str, data: str = "raw") -> str:
    """Give the path of a file or folder that exists, or of the folder of ``PROPOSAL/RUN``.

    Parameters
    ----------
    name : str
        As for `open_data`.
    data : str
        Folder of a proposal: ``"raw"``, ``"proc"`` or another.
    """
    if os.path.lexists(name):
        return name
    if is_run_of_proposal(name):
        from euxfel.core.locate import find_run

        proposal, _, number = name.partition("/")
        return str(find_run(proposal, number, data))
    raise UsageError(f"{name!r} is no file or folder, nor PROPOSAL/RUN such as 2012/238")


@contextmanager
def quiet_about_data() -> Iterator[None]:
    """Leave out warnings that say what is shown anyway: that the data has problems."""
    import warnings

    from euxfel.core import DataProblemWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataProblemWarning)
        yield


def is_run_of_proposal(name: str) -> bool:
    """Tell whether a name is that of a run by numbers.

    Examples
    --------
    >>> from euxfel.cli.opening import is_run_of_proposal
    >>> [is_run_of_proposal(name) for name in ("2012/238", "p002012/r0238", "raw/r0238")]
    [True, True, False]
    """
    proposal, slash, run = name.partition("/")
    return bool(slash) and _is_number(proposal, "p") and _is_number(run, "r")


def _is_number(text: str, letter: str) -> bool:
    return text.removeprefix(letter).isdecimal()
