"""Groups and datasets made with the groups that lead to them, through the low-level interface.

A run has thousands of both, and each step of a path that h5py looks up costs as much as making
the dataset.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import h5py
from h5py import h5d, h5g, h5p, h5s, h5t
from numpy.typing import NDArray


@cache
def links() -> h5p.PropLCID:
    """Give the properties of links whose parent groups are made with them."""
    links = h5p.create(h5p.LINK_CREATE)
    links.set_create_intermediate_group(True)
    links.set_char_encoding(1)
    return links


def group_at(file: h5py.File, path: str) -> h5py.Group:
    """Give the group at a path, made if it is not there."""
    name = path.encode()
    if name in file.id:
        return h5py.Group(h5g.open(file.id, name))
    return h5py.Group(h5g.create(file.id, name, links()))


def numbers_at(file: h5py.File, path: str, values: NDArray[Any]) -> None:
    """Make a dataset of numbers at a path where there is none."""
    created = h5p.create(h5p.DATASET_CREATE)
    created.set_obj_track_times(False)
    kind, space = h5t.py_create(values.dtype), h5s.create_simple(values.shape)
    dataset = h5d.create(file.id, path.encode(), kind, space, created, links())
    dataset.write(h5s.ALL, h5s.ALL, values)
