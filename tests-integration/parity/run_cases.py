"""Questions to a whole run."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from .cases import DEPENDS, Case, Question
from .makers import KeyNames
from .outcomes import train_list

Named = Callable[[Any, Any, str, str], Any]
"""Takes the library's module, the run, a source and a key."""


# The run whose sources have old names.
OLD_NAMES = {"modern_proc-*": "old-names"}
TELLING_OF_OLD_NAMES = {
    *("deselect-source", "deselect-key", "deselect-key-glob", "deselect-dict", "deselect-by-run"),
    *("deselect-by-source", "deselect-by-key", "union-of-parts", "select-key-glob"),
    *("select-require-all-many", "select-require-any-many"),
    "instrument_sources",
}


def _file_names(run: Any) -> list[str]:
    return sorted(Path(file.filename).name for file in run.files)


def _attribute(name: str) -> Case:
    differs = OLD_NAMES if name in TELLING_OF_OLD_NAMES else {}
    return Case(name, lambda lib, run: getattr(run, name), differs=differs)


FACTS: tuple[Case, ...] = (
    *map(
        _attribute,
        (
            *("control_sources", "instrument_sources", "all_sources", "detector_sources"),
            *("legacy_sources", "is_single_run", "inc_suspect_trains"),
        ),
    ),
    Case("train_ids", lambda lib, run: train_list(run.train_ids)),
    Case("train-ids-are-a-list", lambda lib, run: isinstance(run.train_ids, list)),
    Case("selection", lambda lib, run: dict(run.selection), differs=OLD_NAMES),
    Case(
        "selection-of-keys",
        lambda lib, run: dict(run.select("*", "*[a-e]*").selection),
        differs=OLD_NAMES,
    ),
    Case("file-names", lambda lib, run: _file_names(run)),
    Case("file-names-of-first", lambda lib, run: _file_names(run[:1])),
    Case("file-names-of-last", lambda lib, run: _file_names(run[-1:])),
    Case("file-names-of-none", lambda lib, run: _file_names(run[:0])),
    Case("file-names-of-parts", lambda lib, run: [_file_names(p) for p in run.split_trains(2)]),
    Case("all-have-data", lambda lib, run: train_list(run.select("*", require_all=True).train_ids)),
    Case("any-has-data", lambda lib, run: train_list(run.select("*", require_any=True).train_ids)),
    Case("contains-absent", lambda lib, run: "NO/SUCH/SOURCE" in run),
    Case("contains-pair-absent", lambda lib, run: ("NO/SUCH/SOURCE", "a.value") in run),
    Case("contains-number", lambda lib, run: 5 in run),
    Case("contains-triple", lambda lib, run: ("a", "b", "c") in run),
    Case("get-absent", lambda lib, run: run["NO/SUCH/SOURCE"], raises="KeyError"),
    Case("get-pair-absent", lambda lib, run: run["NO/SUCH/SOURCE", "a.value"], raises="KeyError"),
    Case("get-triple", lambda lib, run: run["a", "b", "c"], raises="TypeError"),
    Case("get-nothing", lambda lib, run: run[None], raises="TypeError"),
    Case("get-float", lambda lib, run: run[1.5], raises="TypeError"),
    Case("iterate", lambda lib, run: list(run), raises="TypeError"),
    Case("loop", lambda lib, run: [x for x in run], raises="TypeError"),  # noqa: C416
    Case("completions", lambda lib, run: sorted(run._ipython_key_completions_())),
)


def _to_ms(times: list[datetime | None]) -> list[datetime | None]:
    """Cut to milliseconds (difference "timestamps-microseconds")."""
    return [time and time.replace(microsecond=time.microsecond // 1000 * 1000) for time in times]


EMPTY_LABELS = {"no_trains-*": "empty-labels"}

TIMESTAMPS: tuple[Case, ...] = (
    Case("timestamps", lambda lib, run: run.train_timestamps()),
    Case(
        "timestamps-labelled",
        lambda lib, run: run.train_timestamps(labelled=True),
        differs=EMPTY_LABELS,
    ),
    Case(
        "timestamps-positional", lambda lib, run: run.train_timestamps(True), differs=EMPTY_LABELS
    ),
    Case("timestamps-datetime", lambda lib, run: _to_ms(run.train_timestamps(pydatetime=True))),
    Case(
        "timestamps-labelled-local",
        lambda lib, run: run.train_timestamps(labelled=True, euxfel_local_time=True),
        differs=EMPTY_LABELS,
    ),
    Case(
        "timestamps-datetime-local",
        lambda lib, run: _to_ms(run.train_timestamps(pydatetime=True, euxfel_local_time=True)),
    ),
    Case(
        "timestamps-local-alone",
        lambda lib, run: run.train_timestamps(euxfel_local_time=True),
        raises="ValueError",
    ),
    Case("timestamps-of-selection", lambda lib, run: run[1::3].train_timestamps()),
    Case("timestamps-of-no-trains", lambda lib, run: run[:0].train_timestamps()),
    Case(
        "timestamps-both",
        lambda lib, run: run.train_timestamps(True, pydatetime=True),
        differs=EMPTY_LABELS,
    ),
)


def _settled(metadata: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs between files; EXtra-data asks any file of a selection."""
    return {
        name: value
        for name, value in metadata.items()
        if name not in {"sequenceNumber", "runNumber"}
    }


METADATA: tuple[Case, ...] = (
    Case("run-metadata", lambda lib, run: run.run_metadata()),
    Case("run-metadata-of-selection", lambda lib, run: _settled(run[:2].run_metadata())),
    Case("run-metadata-of-no-trains", lambda lib, run: _settled(run[:0].run_metadata())),
    Case(
        "run-metadata-of-union",
        lambda lib, run: _settled((run[:2] | run[3:4]).run_metadata()),
        raises=DEPENDS,
    ),
)


def _part_trains(parts: Any) -> list[list[int]]:
    return [train_list(part.train_ids) for part in parts]


SPLITS: tuple[Case, ...] = (
    Case("split-parts", lambda lib, run: _part_trains(run.split_trains(parts=3))),
    Case("split-one-part", lambda lib, run: _part_trains(run.split_trains(1))),
    Case("split-size", lambda lib, run: _part_trains(run.split_trains(trains_per_part=7))),
    Case("split-both", lambda lib, run: _part_trains(run.split_trains(9, 4))),
    Case("split-too-many", lambda lib, run: _part_trains(run[:3].split_trains(parts=10))),
    Case("split-parts-are-runs", lambda lib, run: list(run[:4].split_trains(parts=2))),
    Case("split-nothing", lambda lib, run: list(run.split_trains()), raises="ValueError"),
)

UNIONS: tuple[Case, ...] = (
    Case("union-self", lambda lib, run: run.union(run)),
    Case("union-trains", lambda lib, run: run[:2].union(run[3:5])),
    Case("union-overlapping", lambda lib, run: run[:3] | run[2:5]),
    Case("union-of-three", lambda lib, run: run[:1].union(run[2:3], run[4:5])),
    Case("union-alone", lambda lib, run: run[:2].union(), differs={"*-0.5": "single-run"}),
    Case("union-in-place", lambda lib, run: _in_place(run[:2], run[3:4])),
)


def _in_place(one: Any, other: Any) -> Any:
    one |= other
    return one


def _printed(call: Callable[[], Any]) -> list[bool]:
    """Say what a printing method returned, and that it printed; each has words of its own."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        # EXtra-data counts frames while it prints, and warns if they vary.
        warnings.simplefilter("ignore")
        returned = call()
    return [returned is None, bool(printed.getvalue().strip())]


# The texts differ (difference "info-text"): what must hold is that all arguments are taken.
INFO: tuple[Case, ...] = (
    Case("info", lambda lib, run: _printed(run.info)),
    Case("info-ungrouped", lambda lib, run: _printed(lambda: run.info(group_sources=False))),
    Case(
        "info-counts",
        lambda lib, run: _printed(lambda: run.info(counts=True)),
        differs={"no_trains-*": "no-trains"},
    ),
    Case("info-aggregators", lambda lib, run: _printed(lambda: run.info(with_aggregators=True))),
    Case("info-auxiliary", lambda lib, run: _printed(lambda: run.info(with_auxiliary=True))),
    Case(
        "info-details",
        lambda lib, run: _printed(lambda: run.info(["*[0-3]*"])),
        differs={"no_trains-*": "no-trains"},
    ),
    Case("info-of-no-trains", lambda lib, run: _printed(run[:0].info)),
    Case("train-info", lambda lib, run: _printed(lambda: run.train_info(run.train_ids[1]))),
    Case("train-info-absent", lambda lib, run: run.train_info(123), raises="ValueError"),
)

# What one question asks of one key, with the names filled in for each kind of key.
OF_A_KEY: tuple[tuple[str, Named, str], ...] = (
    ("contains-source", lambda lib, run, s, k: s in run, ""),
    ("contains-key", lambda lib, run, s, k: (s, k) in run, ""),
    ("contains-key-absent", lambda lib, run, s, k: (s, "no.such") in run, ""),
    ("get-source", lambda lib, run, s, k: run[s].source, ""),
    ("get-key", lambda lib, run, s, k: run[s, k].key, ""),
    ("get-key-short", lambda lib, run, s, k: run[s, k.removesuffix(".value")].key, ""),
    ("get-key-absent", lambda lib, run, s, k: run[s, "no.such"], "KeyError"),
    ("keys-for-source", lambda lib, run, s, k: run.keys_for_source(s), ""),
    ("keys-for-absent", lambda lib, run, s, k: run.keys_for_source(s + "x"), "KeyError"),
    ("keys-of-selection", lambda lib, run, s, k: run.select(s, k).keys_for_source(s), ""),
    ("entry-shape", lambda lib, run, s, k: list(run.get_entry_shape(s, k)), ""),
    ("entry-shape-absent", lambda lib, run, s, k: run.get_entry_shape(s, "no.such"), "KeyError"),
    ("entry-shape-no-source", lambda lib, run, s, k: run.get_entry_shape("no", k), "KeyError"),
    ("dtype", lambda lib, run, s, k: run.get_dtype(s, k), ""),
    ("dtype-absent", lambda lib, run, s, k: run.get_dtype(s, "no.such"), "KeyError"),
    ("dtype-no-source", lambda lib, run, s, k: run.get_dtype("no", k), "KeyError"),
    ("counts", lambda lib, run, s, k: run.get_data_counts(s, k), ""),
    ("counts-of-selection", lambda lib, run, s, k: run[::4].get_data_counts(s, k), ""),
    ("counts-absent", lambda lib, run, s, k: run.get_data_counts(s, "no.such"), "KeyError"),
    ("array", lambda lib, run, s, k: run[:5].get_array(s, k), ""),
    ("array-name", lambda lib, run, s, k: run[:3].get_array(s, k, name="fast"), ""),
    ("array-absent", lambda lib, run, s, k: run.get_array(s, "no.such"), "KeyError"),
    ("dask", lambda lib, run, s, k: run[:5].get_dask_array(s, k), ""),
    ("dask-absent", lambda lib, run, s, k: run.get_dask_array(s, "no.such"), "KeyError"),
    ("train", lambda lib, run, s, k: _train(run.train_from_index(1, {s: {k}})), ""),
    ("train-list", lambda lib, run, s, k: _train(run.train_from_index(0, [(s, k)])), ""),
    (
        "train-flat",
        lambda lib, run, s, k: _train(run.select(s, k).train_from_index(0, flat_keys=True)),
        "",
    ),
    (
        "train-keep-dims",
        lambda lib, run, s, k: _train(run.select(s, k).train_from_index(0, keep_dims=True)),
        "",
    ),
    ("train-by-id", lambda lib, run, s, k: _by_id(run.select(s, k)), ""),
    ("train-beyond", lambda lib, run, s, k: run.train_from_index(100_000), "IndexError"),
    ("train-absent", lambda lib, run, s, k: run.train_from_id(123, {s: {k}}), "KeyError"),
    ("trains", lambda lib, run, s, k: _trains(run.select(s, k)[:4].trains()), ""),
    ("trains-devices", lambda lib, run, s, k: _trains(run[:3].trains({s: {k}})), ""),
    ("trains-globs", lambda lib, run, s, k: _trains(run[:3].trains([(s, k)])), ""),
    (
        "trains-range",
        lambda lib, run, s, k: _trains(run.trains([(s, k)], lib.by_index[1:5:2])),
        "",
    ),
    (
        "trains-range-by-id",
        lambda lib, run, s, k: _trains(
            run.trains({s: {k}}, train_range=lib.by_id[run.train_ids[1] : run.train_ids[3]])
        ),
        "",
    ),
    ("trains-flat", lambda lib, run, s, k: _trains(run[:3].trains({s: {k}}, flat_keys=True)), ""),
    (
        "trains-keep-dims",
        lambda lib, run, s, k: _trains(run[:3].trains({s: {k}}, keep_dims=True)),
        "",
    ),
    (
        "trains-require-all",
        lambda lib, run, s, k: [
            int(train) for train, _ in run.trains({s: {k}}, require_all=True, flat_keys=True)
        ],
        "",
    ),
    ("trains-absent", lambda lib, run, s, k: list(run.trains({"no": set()})), "KeyError"),
    ("trains-of-no-trains", lambda lib, run, s, k: _trains(run[:0].trains({s: {k}})), ""),
    ("select-globs", lambda lib, run, s, k: run.select(s, k), ""),
    ("select-short", lambda lib, run, s, k: run.select(s, k.removesuffix(".value")), ""),
    ("select-source", lambda lib, run, s, k: run.select(s), ""),
    ("select-star", lambda lib, run, s, k: run.select("*"), ""),
    ("select-source-glob", lambda lib, run, s, k: run.select(s[:6] + "*"), ""),
    ("select-question-mark", lambda lib, run, s, k: run.select(s[:-1] + "?"), ""),
    ("select-class", lambda lib, run, s, k: run.select(f"[{s[0]}]*"), ""),
    ("select-not-class", lambda lib, run, s, k: run.select(f"[!#]*{s[-3:]}"), ""),
    ("select-key-glob", lambda lib, run, s, k: run.select("*", k[:3] + "*"), ""),
    ("select-key-middle", lambda lib, run, s, k: run.select(s, "*" + k[1:4] + "*"), ""),
    ("select-lower-case", lambda lib, run, s, k: run.select(s.lower()), "ValueError"),
    ("select-list", lambda lib, run, s, k: run.select([s]), ""),
    ("select-pairs", lambda lib, run, s, k: run.select([(s, k), ("*", k)]), ""),
    ("select-mixed", lambda lib, run, s, k: run.select([s, ("*", k)]), ""),
    ("select-dict", lambda lib, run, s, k: run.select({s: {k}}), ""),
    ("select-dict-short", lambda lib, run, s, k: run.select({s: {k.removesuffix(".value")}}), ""),
    ("select-dict-all", lambda lib, run, s, k: run.select({s: set()}), ""),
    ("select-dict-none", lambda lib, run, s, k: run.select({s: None}), ""),
    ("select-dict-empty-dict", lambda lib, run, s, k: run.select({s: {}}), ""),
    ("select-dict-list", lambda lib, run, s, k: run.select({s: [k]}), "TypeError"),
    ("select-dict-absent", lambda lib, run, s, k: run.select({"no": set()}), "KeyError"),
    ("select-dict-absent-key", lambda lib, run, s, k: run.select({s: {"no.such"}}), "KeyError"),
    ("select-by-run", lambda lib, run, s, k: run.select(run.select(s, k)), ""),
    ("select-by-source", lambda lib, run, s, k: run.select(run[s]), ""),
    ("select-by-key", lambda lib, run, s, k: run.select(run[s, k]), ""),
    ("select-twice", lambda lib, run, s, k: run.select(s).select(s, k), ""),
    ("select-narrow-then-star", lambda lib, run, s, k: run.select(s, k).select("*"), ""),
    ("select-nothing", lambda lib, run, s, k: run.select("no-such-*"), "ValueError"),
    ("select-no-key", lambda lib, run, s, k: run.select(s, "no-such-*"), "ValueError"),
    ("select-number", lambda lib, run, s, k: run.select(5), "TypeError"),
    ("select-require-all", lambda lib, run, s, k: run.select(s, k, require_all=True), ""),
    ("select-require-any", lambda lib, run, s, k: run.select(s, k, require_any=True), ""),
    ("select-require-positional", lambda lib, run, s, k: run.select(s, k, True), ""),
    (
        "select-require-all-many",
        lambda lib, run, s, k: run.select([(s, k), ("*", k[:4] + "*")], require_all=True),
        "",
    ),
    (
        "select-require-any-many",
        lambda lib, run, s, k: run.select([(s, k), ("*", k[:4] + "*")], require_any=True),
        "",
    ),
    (
        "select-require-all-of-trains",
        lambda lib, run, s, k: run[::3].select(s, k, require_all=True),
        "",
    ),
    (
        "select-warn-dropped",
        lambda lib, run, s, k: run.select(s, k, require_all=True, warn_drop_trains_frac=0.01),
        "",
    ),
    ("deselect-source", lambda lib, run, s, k: run.deselect(s), ""),
    ("deselect-key", lambda lib, run, s, k: run.deselect(s, k), ""),
    ("deselect-key-glob", lambda lib, run, s, k: run.deselect("*", k[:3] + "*"), ""),
    ("deselect-pairs", lambda lib, run, s, k: run.deselect([(s, k), (s[:8] + "*", "*")]), ""),
    ("deselect-dict", lambda lib, run, s, k: run.deselect({s: {k}}), ""),
    ("deselect-by-run", lambda lib, run, s, k: run.deselect(run.select(s, k)), ""),
    ("deselect-by-source", lambda lib, run, s, k: run.deselect(run[s]), ""),
    ("deselect-by-key", lambda lib, run, s, k: run.deselect(run[s, k]), ""),
    ("deselect-nothing", lambda lib, run, s, k: run.deselect("no-such-*"), "ValueError"),
    ("union-of-sources", lambda lib, run, s, k: run.select(s, k) | run.select("*", k), ""),
    ("union-of-parts", lambda lib, run, s, k: run.select(s)[:2] | run.select("*", k)[1:4], ""),
    (
        "union-data",
        lambda lib, run, s, k: (run.select(s, k)[4:6] | run.select(s)[:2])[s, k],
        "",
    ),
    ("dataframe-absent", lambda lib, run, s, k: run.get_dataframe({"no": set()}), "KeyError"),
)


def _train(pair: Any) -> Any:
    train, data = pair
    return [int(train), {name: _with_plain_train(item) for name, item in data.items()}]


def _with_plain_train(item: Any) -> Any:
    """Make the train ID in the metadata of a source a Python integer, as the one beside it."""
    if isinstance(item, dict) and "timestamp.tid" in item:
        return {**item, "timestamp.tid": int(item["timestamp.tid"])}
    if isinstance(item, dict):
        return {name: _with_plain_train(part) for name, part in item.items()}
    return item


def _by_id(run: Any) -> Any:
    return _train(run.train_from_id(train_list(run.train_ids)[2]))


def _trains(trains: Any) -> list[Any]:
    return [_train(pair) for pair in trains]


OF_A_SCALAR: tuple[tuple[str, Named, str], ...] = (
    ("series", lambda lib, run, s, k: run.get_series(s, k), ""),
    ("series-short", lambda lib, run, s, k: run.get_series(s, k.removesuffix(".value")), ""),
    ("series-absent", lambda lib, run, s, k: run.get_series(s, "no.such"), "KeyError"),
    ("dataframe", lambda lib, run, s, k: run.get_dataframe({s: {k}}), ""),
    ("dataframe-globs", lambda lib, run, s, k: run.get_dataframe([(s, k[:4] + "*")]), ""),
    (
        "dataframe-timestamps",
        lambda lib, run, s, k: run.get_dataframe([(s, k[:4] + "*")], timestamps=True),
        "",
    ),
    ("dataframe-of-selection", lambda lib, run, s, k: run[::3].select(s, k).get_dataframe(), ""),
    ("run-value", lambda lib, run, s, k: run.get_run_value(s, k), ""),
    ("run-value-short", lambda lib, run, s, k: run.get_run_value(s, k.removesuffix(".value")), ""),
    ("run-value-absent", lambda lib, run, s, k: run.get_run_value(s, "no.such"), "KeyError"),
    ("run-value-no-source", lambda lib, run, s, k: run.get_run_value("no", k), "KeyError"),
    ("run-values", lambda lib, run, s, k: run.get_run_values(s), ""),
    ("run-values-of-selection", lambda lib, run, s, k: run.select(s, k).get_run_values(s), ""),
    ("run-values-no-source", lambda lib, run, s, k: run.get_run_values("no"), "KeyError"),
)
OF_ENTRIES_WITH_SHAPE: tuple[tuple[str, Named, str], ...] = (
    ("series", lambda lib, run, s, k: run.get_series(s, k), "TypeError"),
    ("array-roi", lambda lib, run, s, k: run[:4].get_array(s, k, roi=np.s_[:5]), ""),
    (
        "array-roi-by-index",
        lambda lib, run, s, k: run[:4].get_array(s, k, roi=lib.by_index[..., 1:4]),
        "",
    ),
    (
        "array-dims",
        lambda lib, run, s, k: run[:4].get_array(
            s, k, extra_dims=[f"axis{n}" for n in range(len(run.get_entry_shape(s, k)))]
        ),
        "",
    ),
    ("run-values", lambda lib, run, s, k: run.get_run_values(s), "ValueError"),
)
OF_A_DETECTOR: tuple[tuple[str, Named, str], ...] = (
    ("detector-info", lambda lib, run, s, k: run.detector_info(s), ""),
    ("detector-info-absent", lambda lib, run, s, k: run.detector_info("no"), "KeyError"),
    ("detector-info-of-selection", lambda lib, run, s, k: run[3:9].detector_info(s), ""),
)


# Question about a key -> the runs and kinds of key where the answers differ knowingly.
DIFFERING: Mapping[str, Mapping[str, str]] = {
    "counts": EMPTY_LABELS,
    "counts-of-selection": EMPTY_LABELS,
    "run-values-of-selection": {"*-0.5/scalar": "single-run"},
    "detector-info": {
        "lpd_missed_train-*": "detector-totals",
        "reduced_proc-*": "detector-totals",
    },
    "detector-info-of-selection": {"reduced_proc-*": "detector-totals"},
    "select-require-any": {"fxe-0.5/empty": "warn-no-trains"},
}


def of_the_run() -> Iterator[Case]:
    """Give the questions that name no source or key."""
    yield from (*FACTS, *TIMESTAMPS, *METADATA, *SPLITS, *UNIONS, *INFO)


def of_a_key(kind: str, source: str, key: str) -> Iterator[Case]:
    """Give the questions about one key of a run."""
    questions = list(OF_A_KEY)
    questions += OF_A_SCALAR if kind == "scalar" else OF_ENTRIES_WITH_SHAPE
    if "CH0:" in source:
        questions += OF_A_DETECTOR
    for name, ask, raises in questions:
        yield Case(name, _question(ask, source, key), raises, _differing(name))


def _differing(name: str) -> dict[str, str]:
    old_names = OLD_NAMES if name in TELLING_OF_OLD_NAMES else {}
    return {**old_names, **DIFFERING.get(name, {})}


def _question(ask: Named, source: str, key: str) -> Question:
    return lambda lib, run: ask(lib, run, source, key)


def kinds(keys: KeyNames, wanted: str) -> Iterator[tuple[str, str, str]]:
    """Give (kind, source, key) for the kinds wanted."""
    for kind in wanted.split():
        yield (kind, *keys[kind])
