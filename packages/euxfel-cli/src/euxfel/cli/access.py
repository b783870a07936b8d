"""What `euxfel readable` asks about each file, in a process of its own."""

from __future__ import annotations

import os
import time


def find(path: str) -> str:
    """Tell where a file is kept, once its folder and the file itself could be accessed.

    Raises
    ------
    OSError
        If they cannot.
    """
    from euxfel.fileaccess.locality import Locality, locality

    place = locality(path)
    if place & Locality.ON_DISK:
        os.stat(path)
        return "on disk"
    if place & Locality.ON_TAPE:
        return "on tape"
    return "unavailable" if place & Locality.UNAVAILABLE else "unknown"


def look(path: str) -> float:
    """Read version, sources and trains of a file; give the seconds that it took.

    Raises
    ------
    OSError
        If they cannot be read.
    """
    from euxfel.fileaccess.isolated_worker import check_file

    start = time.monotonic()
    check_file(path)
    return time.monotonic() - start
