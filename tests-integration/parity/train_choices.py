"""Every way to choose trains that users type, for runs, sources and keys alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from .cases import Case, Question
from .outcomes import train_list

Choose = Callable[[Any, list[int]], Any]
"""Takes the library's module and the train IDs of the data; gives what goes in brackets."""


@dataclass(frozen=True)
class Choice:
    id: str
    choose: Choose
    raises: str = ""
    differs: Mapping[str, str] = field(default_factory=dict)


def _mask(train_ids: list[int]) -> Any:
    return np.arange(len(train_ids)) % 3 == 1


def _labelled(train_ids: list[int], values: Any) -> xr.DataArray:
    return xr.DataArray(values, dims=["trainId"], coords={"trainId": np.array(train_ids, "u8")})


CHOICES: tuple[Choice, ...] = (
    Choice("slice-head", lambda lib, t: np.s_[:4]),
    Choice("slice-inner", lambda lib, t: np.s_[1:3]),
    Choice("slice-tail", lambda lib, t: np.s_[-2:]),
    Choice("slice-step", lambda lib, t: np.s_[::3]),
    Choice("slice-all", lambda lib, t: np.s_[:]),
    Choice("slice-empty", lambda lib, t: np.s_[2:2]),
    Choice("slice-beyond", lambda lib, t: np.s_[100_000:]),
    Choice("int", lambda lib, t: 2),
    Choice("int-negative", lambda lib, t: -1),
    Choice("int-numpy", lambda lib, t: np.int64(1)),
    Choice("int-0d", lambda lib, t: np.array(1)),
    Choice("int-beyond", lambda lib, t: 100_000, raises="IndexError"),
    Choice("list", lambda lib, t: [0, 2, 3]),
    Choice("list-unordered", lambda lib, t: [3, 0, 2]),
    Choice("list-negative", lambda lib, t: [-1, 0]),
    Choice("list-empty", lambda lib, t: []),
    Choice("list-beyond", lambda lib, t: [0, 100_000], raises="IndexError"),
    Choice("array", lambda lib, t: np.array([1, 3])),
    Choice("array-unsigned", lambda lib, t: np.array([1, 3], dtype="u8")),
    Choice("array-bool", lambda lib, t: _mask(t)),
    Choice("array-bool-none", lambda lib, t: np.zeros(len(t), dtype=bool)),
    Choice("array-bool-short", lambda lib, t: _mask(t)[:-1], raises="ValueError"),
    Choice("list-bool", lambda lib, t: _mask(t).tolist()),
    Choice("by-index-slice", lambda lib, t: lib.by_index[1:4]),
    Choice("by-index-int", lambda lib, t: lib.by_index[3]),
    Choice("by-index-list", lambda lib, t: lib.by_index[[0, 3]]),
    Choice("by-index-array", lambda lib, t: lib.by_index[np.array([2, 0])]),
    Choice("by-index-bool", lambda lib, t: lib.by_index[_mask(t)]),
    Choice("by-id-int", lambda lib, t: lib.by_id[t[1]]),
    Choice("by-id-numpy", lambda lib, t: lib.by_id[np.uint64(t[1])]),
    Choice("by-id-slice", lambda lib, t: lib.by_id[t[1] : t[3]]),
    Choice("by-id-from", lambda lib, t: lib.by_id[t[2] :]),
    Choice("by-id-until", lambda lib, t: lib.by_id[: t[2]]),
    Choice("by-id-step", lambda lib, t: lib.by_id[t[0] : t[-1] : 2]),
    Choice("by-id-all", lambda lib, t: lib.by_id[:]),
    Choice("by-id-wider", lambda lib, t: lib.by_id[t[0] - 50 : t[-1] + 50]),
    Choice("by-id-before", lambda lib, t: lib.by_id[t[0] - 50 : t[0] - 5]),
    Choice("by-id-after", lambda lib, t: lib.by_id[t[-1] + 5 : t[-1] + 50]),
    Choice("by-id-list", lambda lib, t: lib.by_id[[t[3], t[0]]]),
    Choice("by-id-list-some-absent", lambda lib, t: lib.by_id[[t[0] - 7, t[2]]]),
    Choice("by-id-list-all-absent", lambda lib, t: lib.by_id[[t[0] - 7, t[-1] + 7]]),
    Choice("by-id-list-empty", lambda lib, t: lib.by_id[[]]),
    Choice("by-id-array", lambda lib, t: lib.by_id[np.array(t[1:3], dtype="u8")]),
    Choice("by-id-array-signed", lambda lib, t: lib.by_id[np.array(t[1:3], dtype="i8")]),
    Choice("by-id-text", lambda lib, t: lib.by_id["10001"], raises="TypeError"),
    Choice("by-id-pair", lambda lib, t: lib.by_id[t[0], t[1]], raises="TypeError"),
    Choice("labelled-bool", lambda lib, t: _labelled(t, _mask(t))),
    Choice("labelled-part", lambda lib, t: _labelled(t[1:4], np.array([True, False, True]))),
    Choice("labelled-none", lambda lib, t: _labelled(t, np.zeros(len(t), dtype=bool))),
    Choice("labelled-numbers", lambda lib, t: _labelled(t, np.array(t)), raises="TypeError"),
    Choice("unlabelled-bool", lambda lib, t: xr.DataArray(_mask(t)), raises="ValueError"),
    Choice("float", lambda lib, t: 1.5, raises="TypeError"),
    Choice("none", lambda lib, t: None, raises="TypeError"),
    Choice("dict", lambda lib, t: {}, raises="TypeError"),
    Choice("set", lambda lib, t: {1}, raises="TypeError"),
)


def select(lib: Any, subject: Any, choice: Choice) -> Any:
    """Apply a choice with the method."""
    return subject.select_trains(choice.choose(lib, train_list(subject.train_ids)))


def index(lib: Any, subject: Any, choice: Choice) -> Any:
    """Apply a choice with brackets."""
    return subject[choice.choose(lib, train_list(subject.train_ids))]


def _question(way: Callable[[Any, Any, Choice], Any], choice: Choice) -> Question:
    return lambda lib, subject: way(lib, subject, choice)


def cases() -> Iterator[Case]:
    """Give each choice twice: by method and by brackets."""
    for way in (select, index):
        for choice in CHOICES:
            name = f"{way.__name__}-{choice.id}"
            yield Case(name, _question(way, choice), choice.raises, choice.differs)
