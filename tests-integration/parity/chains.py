"""Random chains of selections, and what is asked at their end, for both libraries alike."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .outcomes import train_list

Step = Callable[[Any, Any], Any]
"""Takes the whole run and what was made of it so far; gives another selection."""


def steps(rng: random.Random, run: Any, most: int) -> list[tuple[str, Step]]:
    """Give some steps, each with words for it. They name sources and keys of the run."""
    return [_step(rng, run) for _ in range(rng.randint(1, most))]


def _step(rng: random.Random, run: Any) -> tuple[str, Step]:
    ways = [_select, _select, _deselect, _trains, _trains, _part]
    # Of a union, EXtra-data leaves out what is not in the files of a selection before it.
    if not any(file.sequence for file in run.files):
        ways.append(_union)
    return rng.choice(ways)(rng, run)


def _a_source(rng: random.Random, run: Any) -> str:
    return str(rng.choice(sorted(run.all_sources)))


def _a_key(rng: random.Random, run: Any, source: str) -> str:
    keys = sorted(k for k in run.keys_for_source(source) if not k.endswith(".timestamp"))
    return str(rng.choice(keys)).removesuffix(".value") if keys else "*"


def _a_glob(rng: random.Random, name: str) -> str:
    cut = rng.randint(0, len(name))
    form = rng.choice(["{}*", "*{}", "*", "{}"])
    return form.format(name[:cut] if form == "{}*" else name[cut:] if form == "*{}" else name)


def _chosen(rng: random.Random, run: Any) -> Any:
    """Sources and keys, in one of the forms that `select` takes."""
    names = [_a_source(rng, run) for _ in range(rng.randint(1, 3))]
    form = rng.choice(["glob", "globs", "pairs", "pairs", "dict"])
    if form == "glob":
        return _a_glob(rng, names[0])
    if form == "globs":
        return [_a_glob(rng, name) for name in names]
    if form == "pairs":
        return [(_a_glob(rng, n), _a_glob(rng, _a_key(rng, run, n))) for n in names]
    return {n: {_a_key(rng, run, n)} - {"*"} if rng.random() < 0.6 else set() for n in names}


def _select(rng: random.Random, run: Any) -> tuple[str, Step]:
    what = _chosen(rng, run)
    # Not require_any: with it, EXtra-data takes trains that were left out before.
    how = rng.choice([{}, {}, {"require_all": True}])
    return f".select({what!r}, **{how})", lambda whole, data: data.select(what, **how)


def _deselect(rng: random.Random, run: Any) -> tuple[str, Step]:
    what = _chosen(rng, run)
    return f".deselect({what!r})", lambda whole, data: data.deselect(what)


def _trains(rng: random.Random, run: Any) -> tuple[str, Step]:
    n = len(run.train_ids)
    low, high = sorted((rng.randint(-2, n), rng.randint(0, n + 2)))
    chosen = rng.choice(
        [
            np.s_[low:high],
            np.s_[low : high : rng.randint(1, 4)],
            sorted(rng.sample(range(n), min(n, rng.randint(1, 5)))),
        ]
    )
    return f".select_trains({chosen})", lambda whole, data: data.select_trains(chosen)


def _part(rng: random.Random, run: Any) -> tuple[str, Step]:
    parts, number = rng.randint(1, 5), rng.randint(0, 4)

    def step(whole: Any, data: Any) -> Any:
        found = list(data.split_trains(parts=parts))
        return found[number % len(found)]

    return f".split_trains({parts})[{number}]", step


def _union(rng: random.Random, run: Any) -> tuple[str, Step]:
    words, other = rng.choice([_select, _trains])(rng, run)
    return f" | run{words}", lambda whole, data: data.union(other(whole, whole))


def facts(run: Any, rng: random.Random) -> Iterator[tuple[str, Any]]:
    """What a run says of itself, and of one of its keys."""
    yield "trains", train_list(run.train_ids)
    yield "control", run.control_sources
    sources = sorted(run.all_sources)
    yield "sources", sources
    yield "keys", {source: run.keys_for_source(source) for source in sources}
    yield "counts", {s: run[s].data_counts(labelled=False).astype("i8") for s in sources}
    for source in rng.sample(sources, min(2, len(sources))):
        keys = sorted(run.keys_for_source(source))
        if keys:
            kd = run[source, rng.choice(keys)]
            yield f"{kd.source} {kd.key} owners", kd.train_id_coordinates()
            yield f"{kd.source} {kd.key} shape", [int(n) for n in kd.shape]
            yield f"{kd.source} {kd.key} data", kd.ndarray()
