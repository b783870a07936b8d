"""The aliases that a run has when it is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from euxfel.fileaccess.errors import AliasError, MissingPackageError
from euxfel.fileaccess.problems import Problem, ProblemKind

from ..settings import INSTRUMENT_ALIASES, PROPOSAL_ALIASES, software_root
from .table import AliasTable

_CYCLE = re.compile(r"[0-9]{6}")


def read_default_aliases(
    proposal_dir: str | os.PathLike[str],
    pattern: str | os.PathLike[str] | Mapping[Any, Any] | None = PROPOSAL_ALIASES,
) -> tuple[AliasTable, Problem | None]:
    """Aliases for a run of a proposal, and what is wrong with them: no data fails for its aliases.

    The aliases of the instrument are read, from
    ``$EXTRA_DATA_SW_ROOT/<instrument>/extra-data-aliases-default.yml``, if `pattern` is the
    default one and the proposal has no file of its own. Nothing is written.

    Parameters
    ----------
    proposal_dir : str or path
        Folder of the proposal.
    pattern : str, path, mapping or None
        Path of the file, in which ``{}`` stands for the proposal's folder; or definitions; or
        None for no aliases.

    Returns
    -------
    AliasTable
        Empty if there are no aliases, or if they cannot be read.
    Problem or None
        Why they could not be read. That the default file is missing is usual and no problem.
    """
    if pattern is None:
        return AliasTable(), None
    if isinstance(pattern, Mapping):
        return _read(pattern)
    text = os.fspath(pattern)
    own = Path(text.replace("{}", os.fspath(proposal_dir)))
    if text != PROPOSAL_ALIASES:
        return _read(own)
    places = (own, *_instrument_files(Path(proposal_dir)))
    return next((_read(place) for place in places if not _is_missing(place)), (AliasTable(), None))


def _read(definitions: Mapping[Any, Any] | Path) -> tuple[AliasTable, Problem | None]:
    try:
        return AliasTable().with_definitions(definitions), None
    except (AliasError, MissingPackageError, OSError, ValueError) as error:
        where = str(definitions) if isinstance(definitions, Path) else None
        message = f"the aliases are not used: {error}"
        return AliasTable(), Problem(ProblemKind.BAD_ALIASES, message, file=where)


def _is_missing(place: Path) -> bool:
    """Whether nothing has that name; a link to nowhere and a closed folder are worth a note."""
    try:
        os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _instrument_files(proposal_dir: Path) -> Iterator[Path]:
    """Where the aliases of the proposal's instrument would be."""
    for place in (Path(os.path.abspath(proposal_dir)), Path(os.path.realpath(proposal_dir))):
        if _CYCLE.fullmatch(place.parent.name) and place.parents[1].name:
            yield software_root() / place.parents[1].name / INSTRUMENT_ALIASES
