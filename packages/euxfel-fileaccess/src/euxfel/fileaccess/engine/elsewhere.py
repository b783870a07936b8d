"""Data that lies in another file: virtual sources, external links, external raw storage."""

from __future__ import annotations

import os

from ..errors import EuxfelError
from ..handle import FileHandle
from .examine import opened
from .guard import FollowPolicy, check_follow, data_error


def source_handle(
    handle: FileHandle, dataset: str, name: str, may_follow: FollowPolicy
) -> FileHandle:
    """Open the file that a dataset draws from; the handle is remembered with the first file's.

    Raises
    ------
    DataError
        If the file is missing or unreadable, or must not be followed.
    """
    if name == ".":
        return handle
    path = _resolved(handle.path, name)
    check_follow(handle, dataset, path, may_follow)
    known = handle.cache.get((FileHandle, path))
    if known is None:
        try:
            known = FileHandle(path)
        except (OSError, EuxfelError) as exc:
            what = f"its source file {path} is missing or cannot be read: {exc}"
            raise data_error(handle, dataset, what) from exc
        handle.cache[FileHandle, path] = known
    return known


def _resolved(path: str, name: str) -> str:
    folder = os.path.dirname(path)
    target = os.path.normpath(os.path.join(folder, name))
    # As the HDF5 library does: a folder that was moved as a whole still works.
    beside = os.path.join(folder, os.path.basename(name))
    return beside if not os.path.exists(target) and os.path.exists(beside) else target


def check_raw_files(handle: FileHandle, dataset: str, may_follow: FollowPolicy) -> None:
    """Raise DataError unless all raw files of an external dataset are there, and long enough.

    libhdf5 reads zeros behind the end of a raw file.
    """
    with opened(handle, dataset) as (_file, dataset_id):
        created = dataset_id.get_create_plist()
        parts = [created.get_external(i) for i in range(created.get_external_count())]
        total = dataset_id.get_storage_size()
    for name, offset, size in parts:
        # Relative to the working folder: that is the library's rule.
        path = os.path.abspath(os.fsdecode(name))
        check_follow(handle, dataset, path, may_follow)
        needed = offset + min(size, total)
        try:
            have = os.stat(path).st_size
        except OSError as exc:
            what = f"its raw file {path} is missing or cannot be read: {exc}"
            raise data_error(handle, dataset, what) from exc
        if have < needed:
            what = f"its raw file {path} has {have} bytes, {needed} are needed"
            raise data_error(handle, dataset, what)
