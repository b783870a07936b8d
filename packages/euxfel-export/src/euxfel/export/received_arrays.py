"""Arrays of bytes that came over the wire, made only if shape, type and size agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.format import descr_to_dtype

from .errors import BadMessageError
from .message import Part

# Objects could only come as pickles, which run code.
_KINDS = "biufcmMSUV"


def array_of(header: Mapping[str, Any], said: Mapping[str, Any], content: Part) -> Any:
    """Give the array, or scalar, that a header of version 2.2 describes.

    Parameters
    ----------
    header : mapping
        With ``dtype`` and ``shape``.
    said : mapping
        What our server says beyond the protocol: ``fields`` and ``scalar``.
    content : bytes or memoryview
        The bytes, of which the array becomes a view.
    """
    dtype = checked_dtype(said.get("fields", header.get("dtype")))
    array = of_bytes(dtype, header.get("shape"), content)
    return array[()] if said.get("scalar") is True and array.ndim == 0 else array


def of_bytes(dtype: np.dtype[Any], shape: Any, content: Part) -> Any:
    """Give an array of some bytes.

    Raises
    ------
    BadMessageError
        They are too few or too many.
    """
    n_bytes = len(content)
    dims = shape_of(shape, n_bytes // dtype.itemsize)
    if math.prod(dims) * dtype.itemsize != n_bytes:
        raise BadMessageError(f"{n_bytes} bytes are no array of {dtype} and shape {dims}")
    try:
        return np.frombuffer(content, dtype).reshape(dims)
    except ValueError as error:
        raise BadMessageError(f"no array can have shape {dims}: {error}") from error


def shape_of(shape: Any, n_values: int) -> tuple[int, ...]:
    """Give a shape, if it is one and holds this number of values."""
    if not isinstance(shape, list | tuple) or not all(
        type(length) is int and length >= 0 for length in shape
    ):
        raise BadMessageError(f"{shape!r} is no shape of an array")
    if math.prod(shape) != n_values:
        raise BadMessageError(f"there are {n_values} values for an array of shape {tuple(shape)}")
    return tuple(shape)


def checked_dtype(found: Any) -> np.dtype[Any]:
    """Give the dtype of its text, or of a list of fields; none that can hold objects."""
    try:
        dtype = descr_to_dtype(_as_fields(found))
    except (TypeError, ValueError, KeyError, IndexError, SyntaxError, RecursionError) as error:
        raise BadMessageError(f"{found!r} is no type of an array") from error
    if dtype.hasobject or dtype.kind not in _KINDS or not dtype.itemsize:
        raise BadMessageError(f"arrays of type {found!r} are not taken")
    return dtype


def _as_fields(found: Any) -> Any:
    """Give what NumPy takes: text, or fields as tuples, which msgpack makes lists of."""
    match found:
        case str():
            return found
        case [[_, *_], *_]:
            return [_field(*field) for field in found]
    raise TypeError(found)


def _field(name: str, dtype: Any, shape: Any = None) -> tuple[Any, ...]:
    inner = dtype if isinstance(dtype, str) else _as_fields(dtype)
    return (name, inner) if shape is None else (name, inner, tuple(shape))
