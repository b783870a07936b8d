"""Names of files that are being written, and what is left of them when a writer was killed."""

from __future__ import annotations

import itertools
import os
from contextlib import suppress

_SUFFIX = ".tmp"
# File systems allow 255 bytes; host, process and number take their share.
_NAME_MAX = 120
_numbers = itertools.count()


def temp_path(path: str) -> str:
    """Give a new name beside a file for what will replace it.

    Parameters
    ----------
    path : str
        The file that will be replaced.

    Examples
    --------
    >>> import os
    >>> from euxfel.fileaccess.leftovers import temp_path
    >>> name = os.path.basename(temp_path("/data/overview.h5"))
    >>> name.startswith(".overview.h5."), name.endswith(".tmp")
    (True, True)
    """
    folder, name = os.path.split(path)
    return os.path.join(folder, f"{_prefix(name)}{os.getpid()}.{next(_numbers)}{_SUFFIX}")


def sweep(path: str) -> None:
    """Remove what writers of a file left behind that were killed on this machine."""
    folder, name = os.path.split(path)
    prefix = _prefix(name)
    for entry in os.listdir(folder or os.curdir):
        if entry.startswith(prefix) and entry.endswith(_SUFFIX):
            pid = entry[len(prefix) :].partition(".")[0]
            if pid.isdecimal() and not _is_alive(int(pid)):
                _remove(os.path.join(folder, entry))


def _prefix(name: str) -> str:
    # Process IDs mean something on one machine only.
    host = os.uname().nodename.replace("/", "_")[:60]
    short = os.fsdecode(os.fsencode(name.lstrip("."))[:_NAME_MAX])
    return f".{short}.{host}."


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
