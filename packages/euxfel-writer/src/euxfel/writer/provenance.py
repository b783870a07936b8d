"""Where the data of a new file came from, and what was done to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import h5py
import numpy as np

from euxfel.core import DataCollection

from .write_plan import SourcePlan

GROUP = "provenance"
_PACKAGES = ("euxfel-writer", "euxfel-core", "euxfel-fileaccess", "h5py", "numpy")


def write_provenance(
    file: h5py.File,
    data: DataCollection,
    plans: Sequence[SourcePlan],
    said: Mapping[str, str],
) -> None:
    """Write the group ``provenance``: selection, options, files, versions."""
    group = file.create_group(GROUP)
    group.attrs["version"] = 1
    group.attrs["created"] = datetime.now(UTC).isoformat(timespec="seconds")
    group.attrs["packages"] = json.dumps(_versions())
    group.attrs["options"] = json.dumps(dict(said))
    _write_texts(group, "selection", [k.path for p in plans for k in p.keys])
    names = [f.filename for f in data.files]
    _write_texts(group, "files/paths", names)
    identities = [f.handle.identity for f in data.files]
    group["files/sizes"] = np.array([i.size for i in identities], "i8")
    group["files/mtimes_ns"] = np.array([i.mtime_ns for i in identities], "i8")


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _write_texts(group: h5py.Group, name: str, texts: Sequence[str]) -> None:
    stored = np.array([t.encode("utf-8", "surrogateescape") for t in texts], dtype=object)
    group.create_dataset(name, data=stored, dtype=h5py.special_dtype(vlen=bytes))
