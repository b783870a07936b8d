"""What differs between the versions of the file format, as a table.

Source: the data format notes of the facility; versions 0.5 to 1.3 are known. A later version
is read like the last one known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Validity(Enum):
    """How a file says which train IDs are right."""

    GUESSED = "no flag: inferred from the order of the train IDs"
    FLAG_SET = "flag is 1 where the ID came from the time server"
    FLAG_CLEAR = "flag is the index of the origin, 0 being the time server"


@dataclass(frozen=True, slots=True)
class FormatVersion:
    """One version of the format, and what to expect of its files.

    Attributes
    ----------
    text : str
        As files and users write it, ``"1.2"``.
    sources_path : str
        Group with ``dataSourceId``, ``root`` and ``deviceId``.
    validity : Validity
        Where to find which trains are suspect.
    """

    text: str
    sources_path: str
    validity: Validity


OLDEST = "0.5"

_TABLE = {
    "0.5": ("METADATA", Validity.GUESSED),
    "1.0": ("METADATA/dataSources", Validity.FLAG_SET),
    "1.1": ("METADATA/dataSources", Validity.FLAG_CLEAR),
    "1.2": ("METADATA/dataSources", Validity.FLAG_SET),
}
_LATEST = _TABLE["1.2"]


def format_version(text: str | None) -> FormatVersion:
    """Give the row for the version that a file states, or for files that state none.

    Examples
    --------
    >>> from euxfel.fileaccess.format import format_version
    >>> format_version(None).text, format_version("1.1").validity.name
    ('0.5', 'FLAG_CLEAR')
    """
    name = text or OLDEST
    path, validity = _TABLE.get(name, _LATEST)
    return FormatVersion(name, path, validity)
