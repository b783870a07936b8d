"""Rules give rows what they say; tables say whose the rows are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.fileaccess.testing import (
    Constant,
    EntryNumber,
    EntryTable,
    Group,
    InstrumentSource,
    Key,
    SimulatedFile,
    every_type,
)


def numbers(rule: EntryNumber, frames: int = 4) -> list[int]:
    """Values of the rule in a file of two trains."""
    source = InstrumentSource("A/B/C:out", (Group("g", (Key("n", "u2", rule=rule),), frames),))
    file = SimulatedFile((source,), range(10000, 10002))
    numbers: list[int] = file.expected("A/B/C:out", "g.n").tolist()
    return numbers


def test_entry_numbers_begin_anew_in_each_train() -> None:
    assert numbers(EntryNumber(start=1, step=4)) == [1, 5, 9, 13] * 2


def test_entry_numbers_can_repeat_within_a_train() -> None:
    assert numbers(EntryNumber(unique=3)) == [0, 1, 2, 0] * 2


def test_entry_numbers_can_end_before_the_train_does() -> None:
    assert numbers(EntryNumber(start=5, valid=2)) == [5, 6, 0, 0] * 2


def test_constants_fill_the_entry_shape() -> None:
    source = InstrumentSource("A/B/C:out", (Group("g", (Key("n", "f4", (2,), rule=Constant(3)),)),))
    file = SimulatedFile((source,), range(10000, 10002))

    assert file.expected("A/B/C:out", "g.n").tolist() == [[3, 3], [3, 3]]


@settings(deadline=None, max_examples=60)
@given(entries=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=8))
def test_rows_and_gaps_follow_each_other(entries: list[tuple[int, int]]) -> None:
    """B15: gaps lie before the rows of their train, and belong to nobody."""
    trains = range(100, 100 + len(entries))
    group = Group(
        "g",
        entries_at={t: n for t, (_, n) in zip(trains, entries, strict=True)},
        gaps={t: gap for t, (gap, _) in zip(trains, entries, strict=True)},
    )
    file = SimulatedFile((InstrumentSource("A/B/C:out", (group,)),), trains)

    table = file.table("A/B/C:out")

    owners: list[int] = []
    for train, (gap, count) in zip(trains, entries, strict=True):
        owners += [0] * gap + [train] * count
    # What follows the last row that is owned is not part of the table.
    while owners and not owners[-1]:
        owners.pop()
    assert table.train_id_of_rows[: len(owners)].tolist() == owners
    assert not table.train_id_of_rows[len(owners) :].any()
    assert table.count.tolist() == [n for _, n in entries]


def test_entry_of_rows_counts_within_the_train() -> None:
    ids = np.array([7, 8, 9], "u8")
    table = EntryTable(ids, np.array([0, 3, 3]), np.array([2, 0, 3]))

    assert table.entry_of_rows.tolist() == [0, 1, 0, 0, 1, 2]
    assert table.train_id_of_rows.tolist() == [7, 7, 0, 9, 9, 9]


def test_a_source_or_key_that_is_not_there_is_named() -> None:
    file = SimulatedFile((every_type("A/B/C"),))

    with pytest.raises(KeyError, match="NOT/HERE"):
        file.expected("NOT/HERE", "x")
    with pytest.raises(KeyError, match="not\\.here"):
        file.expected("A/B/C", "not.here")
    with pytest.raises(KeyError, match="not\\.here"):
        file.expected_run_value("A/B/C", "not.here")
