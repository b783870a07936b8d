"""Grouping of similar names: nothing may be lost, nothing invented."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from euxfel.core.display.grouping import braces, group_names, natural_key, single_names


def expanded(pattern: str) -> list[str]:
    """Expand braces as a shell does; written from the shell's rules, not from the code."""
    parts = re.split(r"\{([^{}]*)\}", pattern)
    choices = []
    for i, part in enumerate(parts):
        choices.append([part] if i % 2 == 0 else _alternatives(part))
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _alternatives(text: str) -> list[str]:
    found = []
    for item in text.split(","):
        first, dots, last = item.partition("..")
        if not dots:
            found.append(item)
            continue
        found += [str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)]
    return found


def patterns(*names: str) -> list[str]:
    return [group.pattern for group in group_names(names)]


names = st.from_regex(r"[AB][0-9]{0,2}/[MN]{0,1}[0-9]{0,3}(/[0-9]{1,2}X?){0,2}", fullmatch=True)


@settings(max_examples=150, deadline=None)
@given(st.sets(names, max_size=25))
@example({"A/1", "A/01", "A/2", "A/9", "A/10", "A/11"})
@example({"A/1/1", "A/1/2", "A/2/1"})
def test_patterns_expand_to_exactly_the_names(given_names: set[str]) -> None:
    groups = group_names(given_names)
    found = [name for group in groups for name in expanded(group.pattern)]
    assert sorted(found) == sorted(given_names)
    for group in groups:
        assert sorted(expanded(group.pattern)) == sorted(group.names)


def test_sixteen_modules_become_one_pattern() -> None:
    modules = [f"SPB_DET_AGIPD1M-1/DET/{n}CH0:xtdf" for n in range(16)]
    assert patterns(*modules) == ["SPB_DET_AGIPD1M-1/DET/{0..15}CH0:xtdf"]


def test_a_gap_in_the_numbers_shows() -> None:
    assert patterns(*(f"A/B/{n}" for n in (1, 2, 3, 5, 6))) == ["A/B/{1..3,5,6}"]


def test_a_full_grid_of_numbers_becomes_one_pattern() -> None:
    grid = [f"A/ADC/{a}_{b}" for a in range(1, 4) for b in range(8, 12)]
    assert patterns(*grid) == ["A/ADC/{1..3}_{8..11}"]


def test_beamlines_stay_apart() -> None:
    given_names = ["SA1_XTD2_XGM/DOOCS/MAIN", "SA1_XTD9_XGM/DOOCS/MAIN"]
    assert patterns(*given_names) == given_names


def test_leading_zeros_are_kept() -> None:
    assert patterns("A/JNGFR09:o", "A/JNGFR10:o", "A/JNGFR11:o") == ["A/JNGFR{09..11}:o"]
    assert patterns("A/B/9", "A/B/010", "A/B/11") == ["A/B/{9,010,11}"]


def test_groups_stand_in_natural_order() -> None:
    assert patterns("A/B/10", "A/B/9x", "A/B/1y") == ["A/B/1y", "A/B/9x", "A/B/10"]
    assert [g.names for g in single_names(["M10", "M9"])] == [("M9",), ("M10",)]


def test_digits_of_other_scripts_are_letters() -> None:
    given_names = ["A/B/٣", "A/B/٤"]
    assert patterns(*given_names) == given_names


def test_absurdly_long_numbers_do_no_harm() -> None:
    long = ["A/B/" + "9" * 5000, "A/B/" + "9" * 4999 + "8"]
    found = [name for pattern in patterns(*long) for name in expanded(pattern)]
    assert sorted(found) == sorted(long)


@pytest.mark.parametrize("n", [3000])
def test_thousands_of_names_are_grouped_by_one_number(n: int) -> None:
    assert patterns(*(f"A/MOTOR/{i}" for i in range(n))) == [f"A/MOTOR/{{0..{n - 1}}}"]


def test_a_single_number_needs_no_braces() -> None:
    assert braces({"07"}) == "07"


def test_natural_order_puts_numbers_before_longer_ones() -> None:
    assert sorted(["a10b", "a9b", "a09b", "a"], key=natural_key) == ["a", "a9b", "a09b", "a10b"]
