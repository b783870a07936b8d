"""Data of one train from many sources, put side by side."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.exceptions import AxisError
from numpy.typing import NDArray

from euxfel.core.stack_view import StackView
from euxfel.core.stacking import stack_data, stack_detector_data
from euxfel.fileaccess.errors import NoDataError, PropertyNameError

KEY = "image.data"
SHAPE = (3, 4, 5)


def frames(module: int, shape: tuple[int, ...] = SHAPE, dtype: Any = np.uint16) -> NDArray[Any]:
    return (np.arange(1, 1 + np.prod(shape)) * (module + 1)).reshape(shape).astype(dtype)


def source(module: int) -> str:
    return f"SPB_DET_AGIPD1M-1/DET/{module}CH0:xtdf"


def detector(*modules: int, dtype: Any = np.uint16) -> dict[str, dict[str, Any]]:
    return {
        source(m): {KEY: frames(m, dtype=dtype), "metadata": {"timestamp.tid": 10000}}
        for m in modules
    }


# ---- stack_data -------------------------------------------------------------------------------


def test_sources_are_ordered_by_their_numbers() -> None:
    train = {name: {"v": np.array([i, 10 * i])} for i, name in enumerate(NAMES, start=1)}
    assert stack_data(train, "v", axis=0)[:, 0].tolist() == [4, 2, 3, 1]
    assert stack_data(train, "v", axis=-1).shape == (2, 4)


NAMES = ["A_12_1", "B_7_0", "A_12_0", "Z_3"]


def test_sources_can_be_left_out() -> None:
    train: dict[str, Any] = {**{s: {"v": np.array([7, 8])} for s in NAMES}, "slow": {"speed": 3.5}}
    assert stack_data(train, "v", 0, xcept=["slow", "Z_3"]).shape == (3, 2)
    assert stack_data({"a": {"v": np.arange(1, 3)}, "b": {}}, "v", 0, xcept="b").shape == (1, 2)


def test_default_axis_puts_sources_before_images() -> None:
    assert stack_data(detector(1, 3), KEY).shape == (3, 2, 4, 5)


@pytest.mark.parametrize(
    ("train", "error", "words"),
    [
        ({}, NoDataError, "no sources"),
        ({"a": {"w": np.array([3])}}, PropertyNameError, "'v'"),
        ({"a": {"v": np.array([3])}, "b": {"v": np.array([3, 4])}}, ValueError, r"shape \(2,\)"),
        ({"a": {"v": np.array([3])}, "b": {"v": np.array([3.5])}}, ValueError, "float64"),
    ],
)
def test_what_cannot_be_stacked(train: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        stack_data(train, "v", axis=0)


# ---- stack_detector_data ----------------------------------------------------------------------


@pytest.mark.parametrize("axis", [-4, -3, -2, -1, 0, 1, 2, 3])
def test_modules_are_placed_by_number(axis: int) -> None:
    """Modules 10 to 15 do not come after module 1."""
    stacked = stack_detector_data(detector(*range(15, -1, -1)), KEY, axis)
    np.testing.assert_array_equal(stacked, np.stack([frames(m) for m in range(16)], axis))


@pytest.mark.parametrize(
    ("dtype", "fillvalue", "expected"),
    [
        (np.uint16, None, 0),
        (np.uint16, 9, 9),
        (np.int32, -1, -1),
        (np.float32, None, np.nan),
        (np.float32, 2.5, 2.5),
        (np.bool_, None, False),
    ],
)
def test_missing_modules_are_filled(dtype: Any, fillvalue: Any, expected: Any) -> None:
    stacked = np.asarray(stack_detector_data(detector(3, 7, dtype=dtype), KEY, 0, 8, fillvalue))
    assert stacked.dtype == dtype
    for module in range(8):
        values = frames(module, dtype=dtype) if module in {3, 7} else np.full(SHAPE, expected)
        np.testing.assert_array_equal(stacked[module], values)


def test_fill_value_matters_only_where_modules_are_missing() -> None:
    """A fill value that the data cannot hold is an error, not another number."""
    with pytest.raises(ValueError, match="NaN"):
        stack_detector_data(detector(1), KEY, fillvalue=np.nan, modules=2)
    with pytest.raises(OverflowError):
        stack_detector_data(detector(1), KEY, fillvalue=-1, modules=2)
    whole = stack_detector_data(detector(0, 1), KEY, 0, fillvalue=np.nan, modules=2)
    np.testing.assert_array_equal(whole, [frames(0), frames(1)])


def test_other_names_and_numbers() -> None:
    train = {
        f"FXE_XAD_JF1M/DET/JNGFR0{m}:daqOutput": {"data.adc": frames(m, (1, 4, 5))} for m in (1, 2)
    }
    stacked = stack_detector_data(
        train, "data.adc", modules=3, pattern=r"/DET/JNGFR(\d+)", starts_at=1, fillvalue=3
    )
    expected = [frames(1, (1, 4, 5)), frames(2, (1, 4, 5)), np.full((1, 4, 5), 3)]
    np.testing.assert_array_equal(stacked, np.stack(expected, axis=1))


def test_modules_without_frames_count_as_missing() -> None:
    train = detector(0, 1)
    train[source(1)][KEY] = frames(1, (0, 4, 5))
    train[source(2)] = {"metadata": {}}
    stacked = np.asarray(stack_detector_data(train, KEY, 0, 3))
    np.testing.assert_array_equal(stacked, [frames(0), np.zeros(SHAPE), np.zeros(SHAPE)])


def test_a_train_without_frames_stacks_to_no_frames() -> None:
    """B40/B41: a train without pulses is empty."""
    train = {source(m): {KEY: frames(m, (0, 4, 5))} for m in (0, 2)}
    assert np.asarray(stack_detector_data(train, KEY)).shape == (0, 16, 4, 5)


def changed(**values: Any) -> dict[str, dict[str, Any]]:
    return {**detector(0), **{name: {KEY: value} for name, value in values.items()}}


@pytest.mark.parametrize(
    ("train", "options", "error", "words"),
    [
        ({}, {}, NoDataError, KEY),
        ({source(0): {"other": 5}}, {}, NoDataError, KEY),
        (detector(0, 9), {"modules": 4}, IndexError, "module 9"),
        (detector(0, 1), {"starts_at": 1}, IndexError, "module 0"),
        ({"XGM": {KEY: frames(1)}}, {}, ValueError, "'XGM' does not match"),
        ({**detector(1), "B/DET/1CH0": {KEY: frames(1)}}, {}, ValueError, "both module 1"),
        (detector(1), {"pattern": "CH0"}, ValueError, "group"),
        (detector(1), {"pattern": "(CH)"}, ValueError, "CH"),
        ({**detector(1), source(2): {KEY: frames(2, (2, 4, 5))}}, {}, ValueError, "shape"),
        ({**detector(1), source(2): {KEY: frames(2, dtype="f4")}}, {}, ValueError, "float32"),
        (detector(1), {"axis": 4}, AxisError, "axis 4"),
        (detector(1), {"axis": -5}, AxisError, "axis -5"),
    ],
)
def test_what_is_no_detector(
    train: dict[str, Any], options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        stack_detector_data(train, KEY, **options)


# ---- views ------------------------------------------------------------------------------------


def view(axis: int = -3) -> StackView:
    stacked = stack_detector_data(detector(0, 2), KEY, axis, 3, 9, real_array=False)
    assert isinstance(stacked, StackView)
    return stacked


def test_a_view_shares_memory() -> None:
    train = detector(0, 2)
    stacked: Any = stack_detector_data(train, KEY, modules=3, real_array=False)
    for module in (0, 2):
        assert np.shares_memory(stacked[..., module, :, :], train[source(module)][KEY])
        assert np.shares_memory(stacked[1, :, 2:][module, 0], train[source(module)][KEY])


def test_a_view_looks_like_an_array() -> None:
    stacked = view()
    assert (stacked.shape, stacked.ndim, stacked.size, len(stacked)) == ((3, 3, 4, 5), 4, 180, 3)
    assert stacked.dtype == np.uint16
    assert repr(stacked) == "<StackView (shape=(3, 3, 4, 5), dtype=uint16)>"
    array = stacked.asarray()
    assert np.asarray(stacked, dtype=np.float64).dtype == np.float64
    assert np.mean(stacked) == array.mean()
    assert [part.shape for part in stacked] == [(3, 4, 5)] * 3
    np.testing.assert_array_equal(stacked == array, np.ones(array.shape, bool))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(stacked)), array)


def test_a_view_is_no_array_without_a_copy() -> None:
    with pytest.raises(ValueError, match="without a copy"):
        np.array(view(), copy=False)


def test_squeeze() -> None:
    one = view()[:1]
    assert one.squeeze().shape == (3, 4, 5)
    assert one.squeeze(0).shape == one.squeeze(-4).shape == (3, 4, 5)
    assert view()[:, 2:].squeeze().shape == (3, 4, 5)
    with pytest.raises(ValueError, match="length 3"):
        one.squeeze(1)


parts = st.one_of(
    st.integers(-5, 5),
    st.slices(5),
    st.just(Ellipsis),
    st.none(),
    st.lists(st.integers(0, 2), max_size=2),
    st.integers(-5, 5).map(np.int64),
    st.booleans(),
)


@given(st.integers(-4, 3), st.lists(parts, max_size=5).map(tuple) | parts)
@settings(deadline=None, max_examples=500)
def test_a_view_is_indexed_as_the_array(axis: int, index: Any) -> None:
    """Whatever NumPy gives for the array, the view gives; what NumPy refuses is refused."""
    stacked = view(axis)
    try:
        expected = stacked.asarray()[index]
    except IndexError:
        with pytest.raises(IndexError):
            np.asarray(stacked[index])
    else:
        np.testing.assert_array_equal(stacked[index], expected, strict=True)


@given(st.integers(-4, 3), st.slices(3), st.slices(4), st.slices(2))
@settings(deadline=None)
def test_views_of_views(axis: int, first: slice, second: slice, third: slice) -> None:
    array = view(axis).asarray()
    np.testing.assert_array_equal(
        view(axis)[first, second][..., third], array[first, second][..., third]
    )
