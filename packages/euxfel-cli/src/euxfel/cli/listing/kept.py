"""Listings of large runs, kept beside the maps of the run for the next time.

Loading NumPy and HDF5 takes longer than anything else that listing a mapped run does. A kept
listing counts only while every file is as it was, and for the code that made it. It is never
trusted: what is not of the right form is not used.
"""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from euxfel import core, fileaccess
from euxfel.fileaccess.cachefiles import (
    cache_paths,
    newest_first,
    read_whole,
    replace_file,
    write_somewhere,
)

NAME = ".euxfel_listing"
# Smaller runs are listed fast enough.
WORTH_KEEPING = 16
_LIMIT = 32 << 20
_FORM = 1

_States = dict[str, list[int]]
# What the decoder and the system raise for content that makes no sense or takes too much.
_UNREADABLE = (OSError, ValueError, RecursionError, MemoryError)


class KeptListing:
    """The listing kept for a folder, if there is one.

    Files are looked at before they are opened: what changes while they are read is not kept.

    Parameters
    ----------
    folder : str
        Folder of the run.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files = _states(folder)
        self._places = cache_paths(folder, NAME, NAME)

    def load(self) -> dict[str, Any] | None:
        """Give what was kept, or None if there is nothing that still holds. Never raises."""
        if self._files is None:
            return None
        for path in newest_first(self._places):
            try:
                known = json.loads(read_whole(path, _LIMIT))
            except _UNREADABLE:
                continue
            if self._holds(known):
                content: dict[str, Any] = known["content"]
                return content
        return None

    def save(self, content: Mapping[str, Any]) -> None:
        """Keep a listing; that it cannot be kept is no loss."""
        if self._files is None or len(self._files) < WORTH_KEEPING:
            return
        document = {**self._key(), "content": content}
        encoded = json.dumps(document, separators=(",", ":")).encode("ascii")
        write_somewhere(self._places, lambda path: replace_file(path, [encoded]), "the listing")

    def _key(self) -> dict[str, Any]:
        return {"form": _FORM, "code": _code_state(), "files": self._files}

    def _holds(self, known: Any) -> bool:
        return (
            isinstance(known, dict)
            and {name: known.get(name) for name in ("form", "code", "files")} == self._key()
            and _is_listing(known.get("content"))
        )


def _states(folder: str) -> _States | None:
    """Give size and times of each data file, None if something in the folder is unusual."""
    states = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".h5"):
                    st = entry.stat()
                    if not stat.S_ISREG(st.st_mode):
                        return None
                    states[entry.name] = [st.st_size, st.st_mtime_ns, st.st_ctime_ns]
    except OSError:
        return None
    return states


def _code_state() -> int:
    """Give a number that changes when the code does that makes listings."""
    parts = (*core.__path__, *fileaccess.__path__, os.path.dirname(__file__))
    return zlib.crc32(repr(sorted(s for part in parts for s in _source_states(part))).encode())


def _source_states(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                st = entry.stat()
                yield entry.name, st.st_size, st.st_mtime_ns
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _source_states(entry.path)


def _is_listing(content: Any) -> bool:
    """Tell whether content from a file has the form of a listing, as far as it is used."""
    try:
        trains, place = content["summary"]["trains"], content["summary"]["place"]
        numbers = [
            trains["n_trains"],
            place["n_files"],
            content["n_bytes"],
            content["n_sources"],
            content["of_sources"],
        ]
        names = [line["name"] for line in content["summary"]["detectors"]]
        return (
            len(content) == 5
            and all(isinstance(line, str) for line in content["text"])
            and all(isinstance(n, int) for n in numbers)
            and all(isinstance(name, str) for name in names)
            and isinstance(content["summary"]["problems"], list)
            and isinstance(trains["seconds"], int | float)
        )
    except (KeyError, TypeError, IndexError):
        return False
