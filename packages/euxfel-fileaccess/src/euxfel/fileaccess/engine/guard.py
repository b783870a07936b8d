"""What is checked before anything is read, and the errors that name what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import numpy as np

from ..errors import DataError
from ..handle import FileHandle
from .layout import DatasetLayout
from .region import Region
from .request import I64, ReadRequest

#: Whether a file (first argument) may draw data from another file (second argument).
FollowPolicy = Callable[[str, str], bool]

#: Environment variable with folders from which virtual datasets may draw data, wherever they are.
TRUSTED = "EUXFEL_TRUSTED_FOLDERS"

_PROPOSAL = re.compile(r"p\d{6}")
_CYCLE = re.compile(r"\d{6}")


def data_error(handle: FileHandle, dataset: str, what: str) -> DataError:
    """Error about the stored data of one dataset."""
    return DataError(f"{handle.path}, dataset {dataset}: {what}", file=handle.path, key=dataset)


def check_request(request: ReadRequest, layout: DatasetLayout, region: Region) -> None:
    """Raise if a request reaches outside its dataset, or its destination does not fit.

    Raises
    ------
    DataError
        If rows are asked for that the dataset does not have.
    ValueError
        If the shape of ``out`` is not that of the selection.
    """
    total = check_rows(request.handle, request.dataset, layout, request.rows)
    if request.out.shape != (total, *region.shape):
        raise ValueError(
            f"the destination has shape {request.out.shape}, "
            f"the selection needs {(total, *region.shape)}"
        )


def check_rows(handle: FileHandle, dataset: str, layout: DatasetLayout, rows: I64) -> int:
    """Count the rows of half-open ranges; raise DataError if the dataset does not have them."""
    if rows.ndim != 2 or rows.shape[1] != 2 or rows.dtype != np.int64:
        raise ValueError(f"rows must be int64 pairs, not {rows.dtype} of shape {rows.shape}")
    if not len(rows):
        return 0
    low, high = int(rows[:, 0].min()), int(rows[:, 1].max())
    if low < 0 or high > layout.rows or bool((rows[:, 0] > rows[:, 1]).any()):
        what = f"rows {low} to {high} are wanted, but it has {layout.rows} rows"
        raise data_error(handle, dataset, what)
    return int((rows[:, 1] - rows[:, 0]).sum())


def same_tree(path: str, target: str) -> bool:
    """Whether a target lies below the folder of a file, in the same proposal, or where allowed.

    Links are resolved first. A file that names data anywhere else could make a reader hand out
    any file of the account that runs it. The environment variable ``EUXFEL_TRUSTED_FOLDERS``
    allows more folders, separated by colons.
    """
    target = os.path.realpath(target)
    roots = {os.path.dirname(os.path.realpath(path)), os.path.dirname(os.path.abspath(path))}
    known = {proposal for root in roots if (proposal := _proposal(root)) is not None}
    if _names_of(target) in {_names_of(proposal) for proposal in known}:
        return True
    folders = roots | known | set(filter(None, os.environ.get(TRUSTED, "").split(os.pathsep)))
    return any(target.startswith(os.path.realpath(f).rstrip("/") + "/") for f in folders)


def _proposal(folder: str) -> str | None:
    parts = folder.split("/")
    found = [i for i, part in enumerate(parts) if _PROPOSAL.fullmatch(part)]
    return "/".join(parts[: found[-1] + 1]) if found else None


def _names_of(path: str) -> tuple[str, ...]:
    """Give instrument, cycle and proposal: the folders of a proposal can be links to others.

    There they stand below the same three names. A path that lacks them is like no other.
    """
    parts = (_proposal(path) or "").split("/")[-3:]
    return tuple(parts) if len(parts) == 3 and _CYCLE.fullmatch(parts[1]) else (path,)


def check_follow(handle: FileHandle, dataset: str, target: str, policy: FollowPolicy) -> None:
    """Raise DataError if a dataset draws from a file it must not draw from."""
    if not policy(handle.path, target):
        raise data_error(
            handle,
            dataset,
            f"its data lies in {target}, which is outside the run and its proposal; if you "
            f"trust the file, allow the folder of its data in the environment variable {TRUSTED}",
        )
