"""Planted values follow the documented formula and are never 0."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.fileaccess.testing import planted, planted_text

NUMBERS = {
    "u1": (7, 1), "u2": (15, 1), "u4": (31, 1), "u8": (63, 1),
    "i1": (6, 1), "i2": (14, 1), "i4": (30, 1), "i8": (62, 1),
    "f2": (10, 1), "f4": (22, 0.25), "f8": (51, 2.0**-20),
}  # fmt: skip
SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


def by_the_formula(
    source: str, key: str, sequence: int, row: int, element: int, dtype: str
) -> float:
    """The formula of the documentation, once more, in plain integers."""
    name = f"{source}\0{key}\0{sequence}".encode()
    x = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little") + row
    x %= 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    x ^= x >> 31
    bits, unit = NUMBERS[dtype]
    return ((x + element * 0x9E3779B97F4A7C15) % 2**bits + 1) * unit


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.integers(0, 2**40), max_size=5),
    shape=SHAPES,
    dtype=st.sampled_from(sorted(NUMBERS)),
    sequence=st.integers(0, 99999),
    key=st.text(max_size=5),
)
def test_every_element_is_what_the_formula_says(
    rows: list[int], shape: tuple[int, ...], dtype: str, sequence: int, key: str
) -> None:
    got = planted("A/B/C", key, sequence, rows, shape, dtype)

    assert got.dtype == dtype
    assert got.shape == (len(rows), *shape)
    size = math.prod(shape)
    expected = [
        by_the_formula("A/B/C", key, sequence, r, e, dtype) for r in rows for e in range(size)
    ]
    assert got.ravel().tolist() == expected


@pytest.mark.parametrize("dtype", sorted(NUMBERS))
def test_numbers_are_positive_and_finite(dtype: str) -> None:
    got = planted("A/B/C", "x", 0, range(2000), (7,), dtype)

    assert np.isfinite(got).all()
    assert (got > 0).all()


def test_wide_integers_do_not_survive_a_detour_through_floats() -> None:
    got = planted("A/B/C", "x", 0, range(20), dtype="u8")

    assert (got.astype("f8").astype("u8") != got).any()


@pytest.mark.parametrize(
    "other",
    [
        ("A/B/D", "x", 0, [5]),
        ("A/B/C", "y", 0, [5]),
        ("A/B/C", "x", 1, [5]),
        ("A/B/C", "x", 0, [6]),
    ],
    ids=["source", "key", "sequence", "row"],
)
def test_values_change_with(other: tuple[str, str, int, list[int]]) -> None:
    here = planted("A/B/C", "x", 0, [5], (4, 4), "u2")

    assert (planted(*other, (4, 4), "u2") != here).all()


def test_booleans_are_true() -> None:
    assert planted("A/B/C", "x", 0, [0, 1], (2,), bool).tolist() == [[True, True], [True, True]]


def test_text_names_key_sequence_row_and_element() -> None:
    assert planted("A/B/C", "k", 2, [7], dtype=str).tolist() == ["k of sequence 2 row 7"]
    assert planted_text("k", 2, [7], (1,)).tolist() == [["k of sequence 2 row 7 element 0"]]
