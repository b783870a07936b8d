"""First, last, duration and gaps of trains."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core.display.durations import format_duration, seconds_of_trains
from euxfel.core.display.plain import counted, percent, plain
from euxfel.core.display.spans import format_absent, train_span

HUGE = 2**64 - 1
ids = st.sets(st.integers(1, 200) | st.integers(1, HUGE), max_size=40)


@settings(max_examples=100, deadline=None)
@given(ids, ids)
def test_spans_agree_with_sets(trains: set[int], suspect: set[int]) -> None:
    good = sorted(trains - suspect)
    span = train_span(sorted(trains), suspect)
    assert span.n_trains == len(trains)
    assert span.suspect == tuple(sorted(trains & suspect))
    assert (span.first, span.last) == ((good[0], good[-1]) if good else (None, None))
    assert span.n_absent == (good[-1] - good[0] + 1 - len(good) if good else 0)
    for a, b in span.absent:
        assert a - 1 in good
        assert b + 1 in good
        assert not [t for t in good if a <= t <= b]


def test_a_rogue_id_decides_nothing() -> None:
    """B8/B9: durations come from good trains."""
    span = train_span([5, *range(10000, 10064), HUGE], [5, HUGE])
    assert (span.first, span.last, span.seconds) == (10000, 10063, 6.4)
    assert span.suspect == (5, HUGE)


def test_a_rogue_id_that_nobody_noticed_does_no_harm() -> None:
    """B9: 2^64-1 overflows no time type."""
    span = train_span([10000, HUGE])
    assert span.last == HUGE
    assert format_duration(span.seconds).endswith("min")


def test_only_suspect_trains_give_no_span() -> None:
    span = train_span([5, 6], [5, 6])
    assert (span.n_trains, span.first, span.last, span.seconds) == (2, None, None, 0.0)


def test_order_of_trains_does_not_matter() -> None:
    assert train_span([12, 10, 11]) == train_span([10, 11, 12])


def test_many_gaps_are_named_only_in_part() -> None:
    span = train_span(range(100, 140, 2))
    assert span.n_absent == 19
    assert format_absent(span) == "101, 103, 105, 107, 109, ..."
    assert format_absent(train_span([10, 14, 16])) == "11 to 13, 15"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.1, "0.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00.0 s"),
        (3599.9, "59 min 59.9 s"),
        (3600.0, "1 h 00 min 00 s"),
        (86399.0, "23 h 59 min 59 s"),
        (90061.0, "1 d 01 h 01 min"),
    ],
)
def test_durations_carry_over(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_one_train_lasts_a_tenth_of_a_second() -> None:
    assert seconds_of_trains(10007, 10007) == 0.1


@pytest.mark.parametrize(
    "text", ["\x1b]0;title\x07", "a\rb", "a\nb", "\u202eabc", "\udc80", "\x9b1m"]
)
def test_nothing_but_letters_reaches_a_terminal(text: str) -> None:
    shown = plain(f"NAME{text}")
    assert shown.isprintable()
    assert shown.startswith("NAME")


def test_letters_of_all_scripts_stay() -> None:
    assert plain("μJ × Ångström") == "μJ × Ångström"


def test_almost_all_is_not_all() -> None:
    assert percent(99999, 100000) == ">99.9 %"
    assert percent(1, 100000) == "<0.1 %"
    assert percent(0, 0) == "0 %"


def test_nouns_follow_their_number() -> None:
    assert [counted(n, "entry") for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
