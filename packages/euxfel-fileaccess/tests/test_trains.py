"""Train IDs of one file: padding, zeros, and which of them to trust."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess.format import Validity
from euxfel.fileaccess.problems import ProblemKind
from euxfel.fileaccess.trains import MAX_BREAKS, guess_valid, train_table

FILE = "RAW-R0001-DA01-S00000.h5"


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def table(raw, flag=None, validity=Validity.FLAG_SET):
    flags = None if flag is None else np.array(flag, dtype=np.int32)
    return train_table(ids(*raw), flags, validity, FILE)


def kinds(found):
    return [problem.kind for problem in found.problems]


def test_padding_is_cut_without_a_word():
    """B17: zeros at the end are padding."""
    found = table([10, 11, 12, 0, 0], [1, 1, 1, 0, 0])
    assert found.ids.tolist() == [10, 11, 12]
    assert found.rows.tolist() == [0, 1, 2]
    assert found.problems == ()


def test_inner_zero_is_left_out_with_its_index_row():
    """B17: a zero between train IDs is a problem, and later trains keep their own rows."""
    found = table([10, 0, 12, 0], [1, 1, 1, 0])
    assert found.ids.tolist() == [10, 12]
    assert found.rows.tolist() == [0, 2]
    assert kinds(found) == [ProblemKind.ZERO_TRAIN_ID]


def test_flag_marks_suspect_trains():
    found = table([10, 11, 500, 12], [1, 1, 0, 1])
    assert found.valid.tolist() == [True, True, False, True]
    assert ProblemKind.SUSPECT_TRAINS in kinds(found)


def test_flag_is_inverted_in_version_1_1():
    found = table([10, 11, 12], [0, 0, 3], Validity.FLAG_CLEAR)
    assert found.valid.tolist() == [True, True, False]


def test_short_flag_falls_back_to_the_guess():
    found = table([10, 11, 5, 12], [1, 1])
    assert found.valid.tolist() == [True, True, False, True]


@pytest.mark.parametrize("rogue", [3, 10**15, 2**64 - 1])
@pytest.mark.parametrize("flag", [None, [1, 1, 1, 1]])
def test_rogue_train_id_is_suspect_with_and_without_flags(rogue, flag):
    """B8/B9: an ID far too small or too large is isolated, whatever its flag says."""
    good = 1_000_000_000
    found = table([good, rogue, good + 1, good + 2], flag)
    assert found.valid.tolist() == [True, False, True, True]


def test_train_that_stands_twice_is_a_problem_naming_file_and_train():
    """R3: one train ID twice inside one file."""
    found = table([10, 11, 11, 12], [1, 1, 1, 1])
    (problem,) = [p for p in found.problems if p.kind is ProblemKind.DUPLICATE_TRAINS]
    assert problem.file == FILE
    assert problem.trains == (11,)


def test_empty_file_has_no_trains():
    """B11: a file with zero trains is no error."""
    found = table([])
    assert len(found) == 0
    assert found.problems == ()


@pytest.mark.parametrize(
    ("given_ids", "expected"),
    [
        ([1, 2, 3, 4], [1, 1, 1, 1]),
        ([1, 9, 2, 3], [1, 0, 1, 1]),
        ([5, 6, 7, 2, 8], [1, 1, 1, 0, 1]),
        ([1, 2, 3, 3, 4], [1, 1, 1, 0, 1]),
        ([8, 9, 3, 4, 5], [0, 0, 1, 1, 1]),
    ],
)
def test_guess_drops_the_smaller_side_of_a_break(given_ids, expected):
    assert guess_valid(ids(*given_ids)).astype(int).tolist() == expected


@given(st.lists(st.integers(1, 60), max_size=30))
def test_guessed_trains_increase_strictly(values):
    found = ids(*values)
    kept = found[guess_valid(found)]
    assert (np.diff(kept.astype(np.int64)) > 0).all()


def test_hopeless_order_is_judged_in_linear_time():
    many = np.tile(ids(5, 4), MAX_BREAKS * 2)
    assert not guess_valid(many).any()
