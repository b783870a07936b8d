"""What is asked about each file of a run, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from euxfel.fileaccess import FileAccess

from .digest import digest
from .file import checked

EXAMINE = f"{__name__}:answer"

#: Layouts that this process has sent already.
_sent: set[str] = set()


def examine(path: str, skip: Iterable[str] = (), deep: bool = False) -> dict[str, Any]:
    """Check one file, and tell what checks of the run need to know of it.

    Returns
    -------
    dict
        ``problems``, and ``digest`` unless the file cannot be used; as JSON carries them.
    """
    file = FileAccess(path)
    try:
        problems, more = checked(file, skip, deep, digest)
    finally:
        file.close()
    return {"problems": [problem.to_json() for problem in problems], "digest": more}


def answer(path: str, skip: Iterable[str] = (), deep: bool = False) -> dict[str, Any]:
    """Do the same in a worker, whose answers are kept by one other process.

    The files of an aggregator hold the same sources and keys, and listing these is most of what
    there is to say: such a list is sent once.
    """
    found = examine(path, skip, deep)
    if found["digest"] is not None:
        name = found["digest"]["layout"]
        if name in _sent:
            del found["digest"]["layouts"]
        _sent.add(name)
    return found
