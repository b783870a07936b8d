"""Near-equal parts of a number of trains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.core.split import split_parts


def sizes(*args: int | None) -> list[int]:
    return [part.stop - part.start for part in split_parts(*args)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n", "parts", "per_part", "expected"),
    [
        (11, None, 8, [5, 6]),
        (11, 4, None, [2, 3, 3, 3]),
        (10, 2, 3, [2, 3, 2, 3]),
        (10, 5, 3, [2, 2, 2, 2, 2]),
        (3, 5, None, [1, 1, 1]),
        (5, None, 100, [5]),
        (0, 3, None, []),
        (0, None, 3, []),
    ],
)
def test_sizes(n: int, parts: int | None, per_part: int | None, expected: list[int]) -> None:
    assert sizes(n, parts, per_part) == expected


@given(st.integers(0, 500), st.none() | st.integers(1, 60), st.none() | st.integers(1, 60))
def test_parts_cover_all_trains_evenly(n: int, parts: int | None, per_part: int | None) -> None:
    if parts is None and per_part is None:
        return
    slices = split_parts(n, parts, per_part)
    assert [i for s in slices for i in range(n)[s]] == list(range(n))
    lengths = sizes(n, parts, per_part)
    assert all(lengths)
    assert not lengths or max(lengths) - min(lengths) <= 1
    assert per_part is None or max(lengths, default=0) <= per_part
    assert parts is None or len(lengths) >= min(parts, n)
    assert parts is None or per_part is not None or len(lengths) <= parts


def test_numpy_numbers_are_numbers() -> None:
    assert split_parts(4, np.int32(2)) == [slice(0, 2), slice(2, 4)]  # type: ignore[arg-type]


@pytest.mark.parametrize("numbers", [(5,), (5, 0), (5, -1), (5, None, 0), (5, None, -2)])
def test_refused_numbers(numbers: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match=r"parts|trains_per_part"):
        sizes(*numbers)


@pytest.mark.parametrize("numbers", [(5, 2.0), (5, None, 2.5), (5, "2")])
def test_refused_types(numbers: tuple[int, ...]) -> None:
    with pytest.raises(TypeError):
        sizes(*numbers)
