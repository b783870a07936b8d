"""Attributes copied from one HDF5 object to another, whatever their type."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5s, h5t


def copy_attributes(source: Any, target: Any) -> None:
    """Copy all attributes of an object, by low-level identifiers, as they are stored.

    Parameters
    ----------
    source, target : h5py identifier
        Such as ``group.id``.
    """
    for number in range(h5a.get_num_attrs(source)):
        _copy(h5a.open(source, index=number), target)


def _copy(attribute: h5a.AttrID, target: Any) -> None:
    stored = attribute.get_type().copy()
    space = attribute.get_space()
    created = h5a.create(target, attribute.name, stored, space)
    if space.get_simple_extent_type() == h5s.NULL:
        return
    dtype = attribute.dtype
    if dtype.kind == "O" and h5py.check_string_dtype(dtype) is None:
        # References and lists of variable length mean something in their own file only.
        return
    values = np.empty(attribute.shape, dtype)
    memory = h5t.py_create(dtype)
    attribute.read(values, memory)
    created.write(values, memory)
