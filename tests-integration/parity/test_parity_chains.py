"""Selections of selections: whatever the chain, both libraries end up with the same data."""

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest
from parity import chains
from parity.libraries import Opened, Store
from parity.makers import RECIPES
from parity.outcomes import mismatch, plain

# Legacy names stand apart in one of the libraries (difference "old-names").
KNOWN_TO_DIFFER = ("modern_proc",)
RUNS = [r for r in RECIPES if not r.name.startswith(KNOWN_TO_DIFFER)]
STEPS_MOST = 4


@pytest.fixture(autouse=True)
def quiet() -> Any:
    """Let selections without trains pass without a word: they are compared all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("seed", range(300))
def test_chains_of_selections_end_alike(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    run = store.get(rng.choice(RUNS))
    words, ends = _ends(rng, run)
    if ends is None:
        return
    at = rng.random()
    theirs, ours = (dict(chains.facts(end, random.Random(at))) for end in ends)
    wrong = mismatch(plain(theirs), plain(ours))
    assert wrong is None, f"{run.name}{words}: {wrong}"


def _ends(rng: random.Random, run: Opened) -> tuple[str, tuple[Any, Any] | None]:
    """Go the same way with both libraries; None at the end if both refuse a step."""
    words, theirs, ours = "", run.theirs, run.ours
    for said, step in chains.steps(rng, run.theirs, STEPS_MOST):
        if not theirs.all_sources:
            # EXtra-data cannot be asked about data without sources.
            break
        words += said
        made = [_made(step, whole, now) for whole, now in ((run.theirs, theirs), (run.ours, ours))]
        refused = [isinstance(end, Exception) for end in made]
        assert refused[0] == refused[1], f"{run.name}{words}: {made[0]!r} | {made[1]!r}"
        if refused[0]:
            return words, None
        theirs, ours = made
    return words, (theirs, ours)


def _made(step: chains.Step, whole: Any, now: Any) -> Any:
    try:
        return step(whole, now)
    except (ValueError, LookupError, ZeroDivisionError) as error:
        return error
