"""What differs between the versions of the file format, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Flag(StrEnum):
    """What ``INDEX/flag`` says."""

    NONE = "none"
    VALID_IS_1 = "valid-is-1"
    VALID_IS_0 = "valid-is-0"


@dataclass(frozen=True)
class Format:
    """What a file of one format version holds.

    Attributes
    ----------
    version : str or None
        Content of ``METADATA/dataFormatVersion``; None if there is no such dataset.
    sources_at : str
        Group of the list of sources.
    flag : Flag
        Meaning of ``INDEX/flag``.
    timestamps, origin : bool
        Whether ``INDEX/timestamp`` and ``INDEX/origin`` exist.
    timer_entries : bool
        Whether the list of sources has ``Karabo_TimerServer`` entries.
    auxiliary : bool
        Whether lists of auxiliary sources exist even when they are empty.
    """

    version: str | None
    sources_at: str = "METADATA/dataSources"
    flag: Flag = Flag.VALID_IS_1
    timestamps: bool = True
    origin: bool = True
    timer_entries: bool = False
    auxiliary: bool = False


FORMATS: dict[str, Format] = {
    "0.5": Format(None, "METADATA", Flag.NONE, timestamps=False, origin=False),
    "1.0": Format("1.0", origin=False),
    "1.1": Format("1.1", flag=Flag.VALID_IS_0, origin=False, timer_entries=True),
    "1.2": Format("1.2"),
    "1.3": Format("1.3", auxiliary=True),
}
"""The formats by the name that descriptions use; ``"0.5"`` does not state its version."""

FORMAT_VERSIONS = tuple(FORMATS)
"""All names, oldest first."""


@dataclass(frozen=True)
class Layout:
    """Freedoms a writer has: none of them changes what a file says.

    Attributes
    ----------
    index_style : str
        ``"first_count"``, or ``"first_last_status"`` as in the oldest files.
    index_padding : int
        Zeros at the end of all datasets in INDEX.
    index_chunk : int, optional
        Entries in one chunk of INDEX datasets. The data acquisition is seen to choose 1.
    index_dtype : str
        Type of first, count, last and status.
    data_padding : int
        Rows at the end of every dataset that no train owns.
    metadata_padding : int
        Empty texts at the end of the list of sources.
    libver : str
        Oldest HDF5 release that must read the file: ``"earliest"``, ``"v110"``, ``"latest"``.
    """

    index_style: Literal["first_count", "first_last_status"] = "first_count"
    index_padding: int = 2
    index_chunk: int | None = None
    index_dtype: str = "u8"
    data_padding: int = 0
    metadata_padding: int = 2
    libver: str = "earliest"


DEFAULT_LAYOUT = Layout()
