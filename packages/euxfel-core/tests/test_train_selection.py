"""What users write for a choice of trains, and the trains they get."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from euxfel.core.train_selection import ById, ByIndex, by_id, by_index, pick_trains

# With gaps, as runs have them.
IDS = np.array([1000, 1001, 1005, 1008, 1009, 1020, 1030], dtype=np.uint64)


def picked(wanted: object, ids: NDArray[np.uint64] = IDS) -> list[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = pick_trains(ids, wanted)
    assert chosen.dtype == np.uint64
    result: list[int] = chosen.tolist()
    return result


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: by_index[x]], ids=["bare", "by_index"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (slice(1, 3), [1001, 1005]),
        (slice(-2, None), [1020, 1030]),
        (slice(None, None, -3), [1000, 1008, 1030]),
        (0, [1000]),
        (-1, [1030]),
        (np.uint64(3), [1008]),
        (np.int8(-7), [1000]),
        (np.array(2), [1005]),
        ([3, 1], [1001, 1008]),
        ([1, 1, 1], [1001]),
        ([-1, 6], [1030]),
        (np.array([5, 0], dtype=np.uint16), [1000, 1020]),
        (range(2, 4), [1005, 1008]),
        ([], []),
        (np.array([]), []),
        (np.array([True, False, False, False, False, True, False]), [1000, 1020]),
        ([False, True, False, False, False, False, False], [1001]),
    ],
)
def test_positions(wrap: Any, wanted: object, expected: list[int]) -> None:
    """Order and repeats do not matter; negative positions count from the end."""
    assert picked(wrap(wanted)) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (by_id[1005], [1005]),
        (by_id[np.int64(1005)], [1005]),
        (by_id[1006], []),
        (by_id[-1], []),
        (by_id[2**70], []),
        (by_id[[1020, 1000, 1020, 7]], [1000, 1020]),
        (by_id[[-1, 1000, 2**63]], [1000]),
        (by_id[[1000, 2**70]], [1000]),
        (by_id[np.array([1030, 1000], dtype=np.int32)], [1000, 1030]),
        (by_id[np.array([1030.0, 1000.0])], [1000, 1030]),
        (by_id[[np.int64(1001), np.uint64(1005)]], [1001, 1005]),
        (by_id[range(1000, 1009)], [1000, 1001, 1005, 1008]),
        (by_id[pd.Index([1001, 1002])], [1001]),
        (by_id[xr.DataArray(IDS[:2], dims="trainId")], [1000, 1001]),
        (by_id[[]], []),
        (by_id[:], IDS.tolist()),
        (by_id[1001:1009], [1001, 1005, 1008]),
        (by_id[np.uint64(1001) : np.uint64(1009)], [1001, 1005, 1008]),
        (by_id[1002:1010], [1005, 1008, 1009]),
        (by_id[:1005], [1000, 1001]),
        (by_id[1009:], [1009, 1020, 1030]),
        (by_id[1:1001], [1000]),
        (by_id[-5 : 2**70], IDS.tolist()),
        (by_id[1000.5:1005.5], [1001, 1005]),
        (by_id[1002:1004], []),
        (by_id[1009:1005], []),
        (by_id[1001:1030:2], [1001, 1008, 1020]),
        (by_id[1009:1001:-1], [1005, 1008, 1009]),
        (by_id[1010::-2], [1000, 1005, 1009]),
    ],
)
def test_by_id(wanted: object, expected: list[int]) -> None:
    """IDs that are absent are passed over; the step of a slice counts trains that are there."""
    assert picked(wanted) == expected


def labelled(values: list[bool], ids: list[int]) -> xr.DataArray:
    return xr.DataArray(np.array(values), dims="trainId", coords={"trainId": ids})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (labelled([True, False, True], [1001, 1005, 1008]), [1001, 1008]),
        (labelled([True, False, True], [1030, 1005, 1000]), [1000, 1030]),
        (labelled([True, True], [999, 1005]), [1005]),
        (labelled([True, False], [1005, 1005]), [1005]),
        (labelled([False], [1005]), []),
    ],
)
def test_labelled_mask(wanted: xr.DataArray, expected: list[int]) -> None:
    """A DataArray chooses by its trainId coordinate, whatever its order and length."""
    assert picked(wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        (7, IndexError, "position 7"),
        (-8, IndexError, "position -8"),
        ([0, 7], IndexError, "position 7"),
        (np.array([-9, 0]), IndexError, "position -9"),
        (by_index[7], IndexError, "7 trains"),
        (2**70, IndexError, "position"),
        (np.array([2**64 - 1], dtype=np.uint64), IndexError, "18446744073709551615"),
        (True, TypeError, "bool"),
        (np.True_, TypeError, "bool"),
        (1.0, TypeError, "float"),
        ("1", TypeError, "str"),
        (None, TypeError, "NoneType"),
        ((1, 2), TypeError, "tuple"),
        (by_index[1, 2], TypeError, "tuple"),
        ([1.0], TypeError, "float64"),
        (["a"], TypeError, "positions"),
        (np.array([[1]]), TypeError, r"\(1, 1\)"),
        (pd.Series([True] * 7), TypeError, "Series"),
        ([True, False], ValueError, "2, the number of trains 7"),
        (np.ones(8, dtype=bool), ValueError, "8, the number of trains 7"),
        (np.ones((1, 7), dtype=bool), ValueError, r"\(1, 7\)"),
        (by_id["a"], TypeError, "str"),
        (by_id[None], TypeError, "NoneType"),
        (by_id[True], TypeError, "bool"),
        (by_id[1000.0], TypeError, "float"),
        (by_id[[1000.5]], TypeError, "whole"),
        (by_id[[float("nan")]], TypeError, "whole"),
        (by_id[["a"]], TypeError, "whole"),
        (by_id[[True]], TypeError, "bool"),
        (by_id[[[1000]]], TypeError, r"\(1, 1\)"),
        (by_id[1000, 1001], TypeError, "two brackets"),
        (by_id["a":], TypeError, "'a'"),
        (by_id[: float("inf")], TypeError, "inf"),
        (by_id[::0], ValueError, "zero"),
        (xr.DataArray([True] * 7, dims="trainId"), ValueError, "'trainId' coordinate"),
        (xr.DataArray([1] * 7, dims="trainId"), TypeError, "int64"),
        (
            xr.DataArray([[True]], dims=("trainId", "x"), coords={"trainId": [1]}),
            ValueError,
            "one-",
        ),
    ],
)
def test_refused(wanted: object, error: type[Exception], words: str) -> None:
    """Numbers outside the data, and things that are no choice, are errors that say so."""
    with pytest.raises(error, match=words):
        pick_trains(IDS, wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (by_id[5], "none of the train IDs"),
        (by_id[[5, 6]], "1000 to 1030"),
        (by_id[:999], "999 is before"),
        (by_id[1031:], "1031 is after"),
        (by_id[5:10], "10 is before"),
        (by_id[998::-1], "is before"),
    ],
)
def test_warns_when_ids_miss_the_run(wanted: object, words: str) -> None:
    with pytest.warns(UserWarning, match=words) as seen:
        assert not len(pick_trains(IDS, wanted))
    assert [w.filename for w in seen] == [__file__], "the warning points at the user's line"


@pytest.mark.parametrize(
    "wanted", [by_id[:1000], by_id[1002:1004], by_id[[]], by_id[[5, 1000]], []]
)
def test_silent_when_ids_are_within_the_run(wanted: object) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pick_trains(IDS, wanted)


@pytest.mark.parametrize("wanted", [by_id[5:], by_id[:5], by_id[5], by_id[[5]]])
def test_ids_of_data_without_trains(wanted: object) -> None:
    with pytest.warns(UserWarning, match="without trains|0 trains"):
        assert pick_trains(IDS[:0], wanted).shape == (0,)


@pytest.mark.parametrize("wanted", [slice(3), [], np.array([], dtype=bool), range(0), by_id[[]]])
def test_nothing_from_data_without_trains(wanted: object) -> None:
    """B11/B12: a selection of zero trains is an empty selection."""
    assert picked(wanted, IDS[:0]) == []


def test_selectors_show_themselves() -> None:
    assert repr(by_id) == "by_id"
    assert repr(by_index[-3:]) == "by_index[-3:]"
    assert repr(by_id[1:9:2]) == "by_id[1:9:2]"
    assert repr(by_id[[4, 2]]) == "by_id[[4, 2]]"
    assert repr(by_index[4::2, 7]) == "by_index[4::2, 7]"
    assert repr(by_index[..., :3]) == "by_index[..., :3]"
    assert repr(by_index[1:2,]) == "by_index[1:2,]"


def test_selectors_are_frozen_values() -> None:
    selector = by_id[[7, 8]]
    assert isinstance(selector, ById)
    assert isinstance(by_index[3], ByIndex)
    assert pickle.loads(pickle.dumps(selector)).value == [7, 8]
    with pytest.raises(AttributeError, match="cannot be changed"):
        selector.value = 3


def test_names_stand_in_for_classes() -> None:
    """EXtra-data has classes under these names: ``isinstance(x, by_id)`` and pickling work."""
    names: list[Any] = [by_id, by_index]
    for name in names:
        assert [isinstance(other[3], name) for other in names] == [o is name for o in names]
        assert isinstance(name[3], tuple(names))
        assert pickle.loads(pickle.dumps(name)) is name


def test_xarray_is_not_imported() -> None:
    code = (
        "import sys, numpy as np\n"
        "from euxfel.core.train_selection import by_id, pick_trains\n"
        "pick_trains(np.array([5, 6], dtype=np.uint64), by_id[5:])\n"
        "sys.exit('xarray' in sys.modules or 'pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- against plain lists ----------------------------------------------------------------------

id_sets = st.sets(st.integers(1, 40), max_size=15).map(sorted)
ends = st.none() | st.integers(-5, 45)
steps = st.none() | st.sampled_from([1, 2, 3, -1, -2])


@given(id_sets, ends, ends, steps)
@settings(deadline=None, max_examples=300)
def test_position_slices_follow_lists(
    ids: list[int], start: int | None, stop: int | None, step: int | None
) -> None:
    wanted = slice(start, stop, step)
    assert picked(wanted, np.array(ids, dtype=np.uint64)) == sorted(ids[wanted])


@given(id_sets, st.lists(st.integers(-15, 14), max_size=8))
@settings(deadline=None)
def test_position_lists_follow_lists(ids: list[int], wanted: list[int]) -> None:
    array = np.array(ids, dtype=np.uint64)
    if all(-len(ids) <= p < len(ids) for p in wanted):
        assert picked(wanted, array) == sorted({ids[p] for p in wanted})
    else:
        with pytest.raises(IndexError):
            pick_trains(array, wanted)


@given(id_sets, ends, ends, steps)
@settings(deadline=None, max_examples=300)
def test_id_slices_follow_lists(
    ids: list[int], start: int | None, stop: int | None, step: int | None
) -> None:
    step = step or 1
    low = -99 if start is None else start
    high = 99 if stop is None else stop
    if step > 0:
        inside = [i for i in ids if low <= i < high]
    else:
        low = -99 if stop is None else stop
        high = 99 if start is None else start
        inside = [i for i in reversed(ids) if low < i <= high]
    expected = sorted(inside[:: abs(step)])
    assert picked(by_id[start:stop:step], np.array(ids, dtype=np.uint64)) == expected


@given(id_sets, st.lists(st.integers(-3, 45), max_size=8))
@settings(deadline=None)
def test_id_lists_follow_sets(ids: list[int], wanted: list[int]) -> None:
    assert picked(by_id[wanted], np.array(ids, dtype=np.uint64)) == sorted(set(ids) & set(wanted))
