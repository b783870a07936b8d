"""First and count per train: every claim of a file is checked before it is used."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess.format import Validity
from euxfel.fileaccess.index import build_index, read_index
from euxfel.fileaccess.problems import ProblemKind
from euxfel.fileaccess.trains import train_table

PATH = "INDEX/SRC"


def trains(n, raw=None):
    stored = np.arange(100, 100 + n) if raw is None else np.array(raw)
    return train_table(stored.astype(np.uint64), None, Validity.GUESSED, "f.h5")


def index(first, count, n=None, dtype=np.uint64):
    n = len(first) if n is None else n
    return build_index(np.array(first, dtype), np.array(count, dtype), trains(n), PATH)


def kinds(found):
    return [kind for kind, _, _ in found.findings]


def test_good_index_is_taken_as_it_is():
    found = index([0, 2, 2], [2, 0, 3])
    assert found.count.tolist() == [2, 0, 3]
    assert found.first[[0, 2]].tolist() == [0, 2]
    assert found.findings == ()


def test_gap_between_rows_is_legal_and_honoured():
    """B15: rows that no train claims are skipped, not shifted."""
    found = index([0, 10, 50], [5, 5, 5])
    assert found.first.tolist() == [0, 10, 50]
    assert not found.bad.any()


def test_short_index_leaves_later_trains_without_data():
    """B13: trains without an entry have count 0, and it is a problem."""
    found = index([0, 1], [1, 1], n=4)
    assert found.count.tolist() == [1, 1, 0, 0]
    assert kinds(found) == [ProblemKind.INDEX_SHORT]
    assert not found.bad.any()


def test_lengths_that_differ_make_the_uncovered_trains_bad():
    """B14: first and count of different length."""
    found = index([0, 1, 2], [1, 1])
    assert found.bad.tolist() == [False, False, True]
    assert kinds(found) == [ProblemKind.INDEX_INVALID]


def test_overlapping_rows_make_both_trains_bad():
    """B15: two trains must not claim the same row."""
    found = index([0, 3, 10], [5, 5, 2])
    assert found.bad.tolist() == [True, True, False]
    assert kinds(found) == [ProblemKind.INDEX_OVERLAP]


def test_range_inside_a_long_one_is_an_overlap():
    found = index([0, 2, 4], [10, 1, 1])
    assert found.bad.all()


@pytest.mark.parametrize("wild", [2**63, 2**64 - 1, 2**60])
def test_impossible_numbers_make_only_their_train_bad(wild):
    found = index([0, wild, 2], [1, 1, 1])
    assert found.bad.tolist() == [False, True, False]
    found = index([0, 1, 2], [1, wild, 1])
    assert found.bad.tolist() == [False, True, False]


def test_negative_numbers_are_bad():
    found = index([0, -4, 2], [1, 1, -1], dtype=np.int64)
    assert found.bad.tolist() == [False, True, True]


@pytest.mark.parametrize(
    "first", [np.zeros(3), np.zeros((3, 1), np.int64), np.array([b"a", b"b", b"c"])]
)
def test_index_of_another_type_is_refused_as_a_whole(first):
    found = build_index(first, np.ones(3, np.uint64), trains(3), PATH)
    assert found.bad.all()
    assert "first has dtype" in found.findings[0][1]


def test_inner_zero_train_takes_its_index_entry_with_it():
    """B17: IDs and index are filtered together."""
    found = build_index(np.array([0, 1, 2]), np.array([1, 1, 1]), trains(0, [100, 0, 102]), PATH)
    assert found.first.tolist() == [0, 2]


def test_rows_beyond_a_dataset_are_told():
    """B14: an index that goes beyond the dataset."""
    found = index([0, 2, 4], [2, 2, 2])
    assert found.check_length(5).tolist() == [False, False, True]


def stored(tmp_path, **datasets):
    path = tmp_path / "index.h5"
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[f"{PATH}/{name}"] = values
    return h5py.File(path, "r")


def test_first_last_status_does_not_wrap_around(tmp_path):
    """B16: trains without data have last < first in unsigned numbers."""
    with stored(
        tmp_path,
        first=np.array([0, 0, 5, 7], np.uint64),
        last=np.array([4, 0, 6, 6], np.uint64),
        status=np.array([1, 0, 1, 1], np.uint64),
    ) as file:
        found = read_index(file, PATH, trains(4))
    assert found is not None
    assert found.count.tolist() == [5, 0, 2, 0]
    assert not found.bad.any()


def test_missing_index_is_none(tmp_path):
    with stored(tmp_path) as file:
        assert read_index(file, PATH, trains(2)) is None


def test_half_an_index_is_refused(tmp_path):
    with stored(tmp_path, first=np.array([0, 1])) as file:
        found = read_index(file, PATH, trains(2))
    assert found is not None
    assert found.bad.all()


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=12),
)
def test_trains_that_are_not_bad_share_no_row(entries):
    first = [f for f, _ in entries]
    count = [c for _, c in entries]
    found = index(first, count)
    claimed: list[int] = []
    for f, c in zip(found.first.tolist(), found.count.tolist(), strict=True):
        claimed += range(f, f + c)
    assert len(claimed) == len(set(claimed))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=12))
def test_only_trains_that_share_a_row_are_bad(entries):
    found = index([f for f, _ in entries], [c for _, c in entries])
    for i, (f, c) in enumerate(entries):
        mine = set(range(f, f + c))
        others = [set(range(g, g + d)) for j, (g, d) in enumerate(entries) if j != i]
        assert bool(found.bad[i]) == any(mine & other for other in others)
