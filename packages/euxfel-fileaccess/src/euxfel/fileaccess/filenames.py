"""What names and places of data files say: category, run, aggregator, proposal, instrument."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from numbers import Real
from typing import SupportsIndex

# Digits and letters are ASCII throughout: `\d` and `\w` would take any script.
_FILENAME = re.compile(
    r"(?P<category>[A-Z]+)-R(?P<run>[0-9]{4})-(?P<aggregator>[A-Za-z0-9_]+)"
    r"(?:-S(?P<sequence>[0-9]{5}))?\.h5"
)
_PROPOSAL = re.compile(r"p?([0-9]{1,6})")
_RUN = re.compile(r"r?([0-9]{1,4})")

_PLACE = r"(?P<instrument>[A-Za-z0-9_]+)/(?P<cycle>[0-9]{6})/p(?P<proposal>[0-9]{6})"
_RUN_FOLDER = r"r(?P<run>[0-9]{4})(?:/|$)"
_UNDER_PROPOSAL = re.compile(
    rf"(?P<root>(?:/[^/]+)*?)/{_PLACE}/(?P<folder>[A-Za-z0-9_.-]+)/{_RUN_FOLDER}"
)
# The storage systems behind the proposal folders, where the kind of data comes first. Only
# these: below any other root the folder before the instrument can be anything.
_DIRECT = re.compile(
    r"/(?:gpfs/exfel/[du]|pnfs/xfel\.eu/exfel/archive/XFEL)/"
    rf"(?P<folder>[a-z]+)/{_PLACE}/{_RUN_FOLDER}"
)

FACILITY_ROOT = "/gpfs/exfel/exp"


@dataclass(frozen=True, slots=True)
class FileNameFacts:
    """What the name of a data file says.

    Attributes
    ----------
    category : str
        ``"RAW"``, ``"CORR"`` or other capitals.
    run : int
        Run number.
    aggregator : str
        Data aggregator that wrote the file, such as ``"DA01"`` or ``"AGIPD07"``.
    sequence : int or None
        Number of the file in its sequence, from 0; None if the name has none.
    """

    category: str
    run: int
    aggregator: str
    sequence: int | None


@dataclass(frozen=True, slots=True)
class PathFacts:
    """What the place of a run or file says.

    Attributes
    ----------
    root : str
        Folder of the instruments' folders; the facility's own for storage paths.
    instrument : str
        Such as ``"SPB"``.
    cycle : str
        Six digits, year and number, such as ``"201830"``.
    proposal : int
        Proposal number.
    folder : str
        Folder under the proposal: ``"raw"``, ``"proc"`` and so on.
    run : int
        Run number.
    """

    root: str
    instrument: str
    cycle: str
    proposal: int
    folder: str
    run: int

    @property
    def proposal_path(self) -> str:
        """Folder of the proposal."""
        return f"{self.root}/{self.instrument}/{self.cycle}/{format_proposal(self.proposal)}"


def parse_filename(name: str) -> FileNameFacts | None:
    """Tell what the name of a data file says; None if it does not follow the pattern.

    Parameters
    ----------
    name : str
        Name of the file, without its folder.

    Examples
    --------
    >>> from euxfel.fileaccess.filenames import parse_filename
    >>> parse_filename("RAW-R0348-AGIPD00-S00002.h5")
    FileNameFacts(category='RAW', run=348, aggregator='AGIPD00', sequence=2)
    """
    match = _FILENAME.fullmatch(name)
    if match is None:
        return None
    sequence = match["sequence"]
    return FileNameFacts(
        category=match["category"],
        run=int(match["run"]),
        aggregator=match["aggregator"],
        sequence=None if sequence is None else int(sequence),
    )


def parse_path(path: str) -> PathFacts | None:
    """Tell what the place of a run folder, or of a file in it, says; None elsewhere.

    Understood are ``<root>/<instrument>/<cycle>/p<PPPPPP>/<folder>/r<RRRR>`` under any root,
    and the facility's storage paths ``/gpfs/exfel/{d,u}/<folder>/<instrument>/...`` and
    ``/pnfs/xfel.eu/exfel/archive/XFEL/<folder>/<instrument>/...``.

    Parameters
    ----------
    path : str
        Absolute path; links in it are not followed.

    Examples
    --------
    >>> from euxfel.fileaccess.filenames import parse_path
    >>> facts = parse_path("/gpfs/exfel/exp/SPB/201830/p002012/raw/r0238")
    >>> facts.instrument, facts.cycle, facts.proposal, facts.folder, facts.run
    ('SPB', '201830', 2012, 'raw', 238)
    >>> facts.proposal_path
    '/gpfs/exfel/exp/SPB/201830/p002012'
    """
    match = _DIRECT.match(path) or _UNDER_PROPOSAL.match(path)
    if match is None or ".." in path.split("/"):
        return None
    return PathFacts(
        root=match.groupdict().get("root", FACILITY_ROOT),
        instrument=match["instrument"],
        cycle=match["cycle"],
        proposal=int(match["proposal"]),
        folder=match["folder"],
        run=int(match["run"]),
    )


def is_overview(name: str) -> bool:
    """Whether a file name is that of a virtual overview of a run, which is never a data file.

    Examples
    --------
    >>> from euxfel.fileaccess.filenames import is_overview
    >>> is_overview("overview.h5"), is_overview("RAW-R0348-OVERVIEW.h5")
    (True, True)
    """
    return name == "overview.h5" or name.endswith("-OVERVIEW.h5")


def parse_proposal(proposal: str | SupportsIndex) -> str:
    """Give the folder name of a proposal.

    Parameters
    ----------
    proposal : str or int
        ``2012``, ``"2012"`` or ``"p002012"``.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> from euxfel.fileaccess.filenames import parse_proposal
    >>> parse_proposal(2012)
    'p002012'
    """
    return format_proposal(_number(proposal, _PROPOSAL, "proposal", "'p' and 1 to 6 digits"))


def parse_run(run: str | SupportsIndex) -> str:
    """Give the folder name of a run.

    Parameters
    ----------
    run : str or int
        ``243``, ``"243"`` or ``"r0243"``.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> from euxfel.fileaccess.filenames import parse_run
    >>> parse_run("243")
    'r0243'
    """
    number = _number(run, _RUN, "run", "'r' and 1 to 4 digits")
    return f"r{number:04d}"


def format_proposal(number: int) -> str:
    """Give the folder name of a proposal from its number."""
    return f"p{number:06d}"


class NotWholeError(TypeError, ValueError):
    """A number that is no integer was given for one: the wrong type, and the wrong value."""


def _number(given: object, pattern: re.Pattern[str], noun: str, accepted: str) -> int:
    # Floats of NumPy are among them; its import would be most of what looking at a name costs.
    if isinstance(given, Real) and not isinstance(given, SupportsIndex):
        raise NotWholeError(
            f"{given!a} is no {noun} number: give an integer, or a string of {accepted} "
            f"where the letter may be left out"
        )
    match = pattern.fullmatch(_as_text(given))
    if match is None:
        raise ValueError(
            f"{given!a} is no {noun} number: give an integer, or a string of {accepted} "
            f"where the letter may be left out"
        )
    return int(match[1])


def _as_text(given: object) -> str:
    """Spell a number out; nothing that is neither integer nor string passes the pattern."""
    if isinstance(given, str):
        return given
    # True is an integer to Python, but never meant as one here.
    if isinstance(given, bool) or not isinstance(given, SupportsIndex):
        return ""
    try:
        return str(operator.index(given))
    except TypeError:
        # NumPy arrays have the method whatever they hold.
        return ""
