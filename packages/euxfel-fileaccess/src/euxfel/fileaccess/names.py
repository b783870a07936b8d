"""Names of sources and keys, as users write them and as HDF5 paths.

A key ``a.b.value`` is stored at the path ``a/b/value``. Names come from files, which may be
damaged or hostile, so that they are checked before they become part of a path.
"""

from __future__ import annotations

import re

# Printable, without the separators that would make a path leave its group.
_PART = re.compile(r"[^\x00-\x1f\x7f/]+")


def key_to_path(key: str) -> str:
    """Give the HDF5 path of a key, relative to its source.

    Examples
    --------
    >>> from euxfel.fileaccess.names import key_to_path
    >>> key_to_path("image.data")
    'image/data'
    """
    return key.replace(".", "/")


def path_to_key(path: str) -> str:
    """Give the key stored at an HDF5 path, relative to its source."""
    return path.replace("/", ".")


def is_valid_path(path: str) -> bool:
    """Whether a relative HDF5 path stays below where it starts and can be shown on a screen.

    Examples
    --------
    >>> from euxfel.fileaccess.names import is_valid_path
    >>> is_valid_path("SPB_XTD9_XGM/DOOCS/MAIN:output"), is_valid_path("../INDEX")
    (True, False)
    """
    parts = path.split("/")
    return all(p not in (".", "..") and _PART.fullmatch(p) is not None for p in parts)


def split_source_group(name: str) -> tuple[str, str]:
    """Split ``<device>:<channel>/<group>`` into source and group; either may be empty.

    Examples
    --------
    >>> from euxfel.fileaccess.names import split_source_group
    >>> split_source_group("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf/image")
    ('SPB_DET_AGIPD1M-1/DET/0CH0:xtdf', 'image')
    """
    device, colon, rest = name.partition(":")
    if not colon:
        return "", ""
    channel, _, group = rest.partition("/")
    return f"{device}:{channel}", group


def first_part(key: str) -> str:
    """Give the index group of an instrument key: its first part."""
    return key.partition(".")[0]
