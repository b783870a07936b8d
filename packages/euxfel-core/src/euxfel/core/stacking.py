"""Data of one train from many sources, put side by side in one array."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import NDArray

from euxfel.fileaccess.errors import NoDataError, PropertyNameError

from .stack_view import StackView

_DIGITS = re.compile("[0-9]+")
TrainData = Mapping[str, Mapping[str, Any]]


def stack_data(
    train: TrainData, data: str, axis: int = -3, xcept: Collection[str] = ()
) -> NDArray[Any]:
    """Values of one key from all sources of a train, in a new array with one more axis.

    The sources are ordered by the numbers in their names: ``B_7_0``, ``A_12_0``, ``A_12_1``.

    Parameters
    ----------
    train : dict
        Data of a train by source and key, as `DataCollection.trains` gives it.
    data : str
        The key, which all sources must have.
    axis : int
        Where the axis of the sources is in the result.
    xcept : collection of str
        Sources to leave out.

    Raises
    ------
    PropertyNameError
        A source does not have the key.
    NoDataError
        There are no sources.
    ValueError
        Shapes or types differ between sources.

    Examples
    --------
    >>> import numpy as np
    >>> train = {"cam10": {"data": np.array([5, 6])}, "cam9": {"data": np.array([3, 4])}}
    >>> stack_data(train, "data", axis=0)
    array([[3, 4],
           [5, 6]])
    """
    left_out = {xcept} if isinstance(xcept, str) else set(xcept)
    sources = sorted((source for source in train if source not in left_out), key=_numbers)
    if not sources:
        raise NoDataError("there are no sources to stack: check the train data and xcept")
    arrays = {source: _value(source, train[source], data) for source in sources}
    _refuse_differences(arrays)
    return np.stack(list(arrays.values()), axis=axis)


def _numbers(source: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in _DIGITS.findall(source))


def _value(source: str, values: Mapping[str, Any], key: str) -> NDArray[Any]:
    if key not in values:
        raise PropertyNameError(
            f"source {source!r} has no key {key!r} in this train: leave it out with xcept",
            source=source,
            key=key,
        )
    return np.asarray(values[key])


def stack_detector_data(
    train: TrainData,
    data: str,
    axis: int = -3,
    modules: int = 16,
    fillvalue: Any = None,
    real_array: bool = True,
    *,
    pattern: str = r"/DET/(\d+)CH",
    starts_at: int = 0,
) -> NDArray[Any] | StackView:
    r"""Values of one key from the modules of a detector, placed by module number.

    Parameters
    ----------
    train : dict
        Data of a train by source and key, as `DataCollection.trains` gives it. Sources that lack
        the key, or have no frames in this train while others have, count as missing modules.
    data : str
        The key, such as ``"image.data"``.
    axis : int
        Where the axis of the modules is in the result.
    modules : int
        How many modules the detector has.
    fillvalue : number, optional
        What stands for missing modules. Default: NaN in floating point data, else 0.
    real_array : bool
        True to copy the data into a new array. False for a `StackView` of the arrays as they
        are: enough to place modules by detector geometry, and fast.
    pattern : str
        Regular expression in which the first group finds the module number in source names,
        such as ``r"/DET/JNGFR(\d+)"``.
    starts_at : int
        Number of the first module.

    Returns
    -------
    ndarray or StackView

    Raises
    ------
    NoDataError
        No source has the key.
    IndexError
        A module number is outside the detector.
    ValueError
        A source does not match `pattern`, two sources are the same module, or shapes or types
        differ between modules.

    Examples
    --------
    >>> import numpy as np
    >>> train = {"SPB_DET/DET/1CH0:xtdf": {"image.data": np.full((2, 3), 7)}}
    >>> stack_detector_data(train, "image.data", axis=0, modules=2)
    array([[[0, 0, 0],
            [0, 0, 0]],
    <BLANKLINE>
           [[7, 7, 7],
            [7, 7, 7]]])
    """
    sources = [source for source in train if data in train[source]]
    if not sources:
        raise NoDataError(f"no source has the key {data!r} in this train", key=data)
    by_place = _by_place(sources, pattern, starts_at, modules)
    present = _without_empty({place: np.asarray(train[s][data]) for place, s in by_place.items()})
    _refuse_differences({by_place[place]: array for place, array in present.items()})
    one = next(iter(present.values()))
    if len(present) < modules:
        filler = np.broadcast_to(_fill(fillvalue, one.dtype), one.shape)
        places = [present.get(place, filler) for place in range(modules)]
    else:
        places = [present[place] for place in range(modules)]
    view = StackView(places, normalize_axis_index(axis, one.ndim + 1))
    return view.asarray() if real_array else view


def _by_place(sources: Iterable[str], pattern: str, starts_at: int, modules: int) -> dict[int, str]:
    """Sources by the place of their module in the detector, from 0."""
    found = {number - starts_at: source for number, source in _by_module(sources, pattern).items()}
    for place, source in found.items():
        if not 0 <= place < modules:
            raise IndexError(
                f"source {source!r} is module {place + starts_at}: outside a detector of "
                f"{modules} modules that starts at {starts_at}"
            )
    return found


def _by_module(sources: Iterable[str], pattern: str) -> dict[int, str]:
    """Sources by module number."""
    regex = re.compile(pattern)
    if not regex.groups:
        raise ValueError(f"the pattern {pattern!r} needs a group for the module number: (\\d+)")
    found: dict[int, str] = {}
    for source in sources:
        match = regex.search(source)
        if match is None:
            raise ValueError(f"source {source!r} does not match the pattern {pattern!r}")
        other = found.setdefault(int(match[1]), source)
        if other != source:
            raise ValueError(f"sources {other!r} and {source!r} are both module {int(match[1])}")
    return found


def _without_empty(arrays: dict[int, NDArray[Any]]) -> dict[int, NDArray[Any]]:
    """Leave out modules without frames, unless none has any."""
    filled = {place: array for place, array in arrays.items() if array.size}
    return filled or arrays


def _refuse_differences(arrays: Mapping[str, NDArray[Any]]) -> None:
    first, *others = arrays.items()
    for source, array in others:
        if array.dtype != first[1].dtype or array.shape != first[1].shape:
            raise ValueError(
                f"arrays cannot be stacked: {first[0]!r} has {_kind(first[1])}, {source!r} has "
                f"{_kind(array)}"
            )


def _kind(array: NDArray[Any]) -> str:
    return f"shape {array.shape} of {array.dtype}"


def _fill(fillvalue: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    if fillvalue is None:
        fillvalue = np.nan if dtype.kind == "f" else 0
    # NumPy would turn NaN into any integer.
    return np.full((), int(fillvalue) if dtype.kind in "iu" else fillvalue, dtype=dtype)
