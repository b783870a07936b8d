"""What belongs to the data of a source and is copied with it: attributes, snapshot, old names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import h5py
from h5py import h5a, h5g, h5o

from euxfel.core.source_files import SourceFiles
from euxfel.fileaccess import Section
from euxfel.fileaccess.sections import run_path

from .attributes import copy_attributes
from .links import links


def copy_key_attributes(
    file: h5py.File, stored: SourceFiles, name: str, keys: Mapping[str, int]
) -> None:
    """Copy the attributes of keys, and of the groups that lead to them.

    Parameters
    ----------
    file : h5py.File
        The new file, with the datasets.
    stored : SourceFiles
        Where the source is from.
    name : str
        Its name in the new file.
    keys : mapping of str to int
        Keys with the position of the file to copy from.
    """
    for number in sorted(set(keys.values())):
        paths = [stored.section.data_path("", key) for key, n in keys.items() if n == number]
        with stored.files[number].handle.h5() as source:
            for path in _with_parents(p.partition("//")[2] for p in paths):
                there = f"{stored.section.source_path(stored.source)}/{path}".rstrip("/")
                here = f"{stored.section.source_path(name)}/{path}".rstrip("/")
                _copy_of(source, there, file, here)


def _with_parents(paths: Iterable[str]) -> list[str]:
    found = {""}
    for path in paths:
        parts = path.split("/")
        found.update("/".join(parts[: n + 1]) for n in range(len(parts)))
    return sorted(found)


def _copy_of(source: h5py.File, there: str, file: h5py.File, here: str) -> None:
    stored = h5o.open(source.id, there.encode())
    if h5a.get_num_attrs(stored):
        made = h5o.open(file.id, here.encode())
        if not h5a.get_num_attrs(made):
            copy_attributes(stored, made)


def copy_snapshot(file: h5py.File, stored: SourceFiles, name: str) -> None:
    """Copy the RUN snapshot of a control source from the first file that has it."""
    there, here = run_path(stored.source), run_path(name)
    for access in stored.files:
        with access.handle.h5() as source:
            if _is_group(source, there.encode()):
                h5o.copy(source.id, there.encode(), file.id, here.encode(), lcpl=links())
                return


def _is_group(file: h5py.File, path: bytes) -> bool:
    try:
        h5g.open(file.id, path)
    # Nothing is there, or something else.
    except (KeyError, ValueError):
        return False
    return True


def link_old_name(file: h5py.File, section: Section, old: str, new: str) -> None:
    """Let the old name of a source lead to the present one."""
    for place in (section.source_path, "INDEX/{}".format, run_path):
        if place(new) in file and place(old) not in file:
            file.require_group(place(old).rpartition("/")[0])
            file[place(old)] = h5py.SoftLink(f"/{place(new)}")
