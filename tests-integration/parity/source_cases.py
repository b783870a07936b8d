"""Questions to one source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cases import Case
from .key_cases import signed
from .outcomes import train_list

FLAGS = (
    *("is_control", "is_instrument", "is_reduction", "is_errata", "is_auxiliary", "is_legacy"),
    "is_run_only",
)
FACTS = (
    *("source", "section", "canonical_name", "storage_class", "data_category", "aggregator"),
    *("device_class", "index_groups"),
)


def _attribute(name: str) -> Case:
    return Case(name, lambda lib, source: getattr(source, name))


def _a_key(source: Any) -> str:
    return str(min(key for key in source.keys() if not key.endswith(".timestamp")))  # noqa: SIM118


def _a_prefix(source: Any) -> str:
    """Give the first letters that a key shares with others, for a glob that matches some."""
    return _a_key(source)[:3]


def _short(source: Any) -> str:
    return _a_key(source).removesuffix(".value")


def _keys(source: Any) -> set[str]:
    return set(source.keys())


def _file_names(source: Any) -> list[str]:
    return sorted(Path(file.filename).name for file in source.files)


def _part_trains(parts: Any) -> list[list[int]]:
    return [train_list(part.train_ids) for part in parts]


RUN_ONLY = {"remi-1.0/SQS_REMI_DLD6/DET/TOP": "run-only"}
COUNT_LABELS = {"no_trains-*": "empty-labels", **RUN_ONLY}

ANY: tuple[Case, ...] = (
    *map(_attribute, (*FLAGS, *FACTS)),
    Case("train_ids", lambda lib, source: train_list(source.train_ids)),
    Case("keys", lambda lib, source: source.keys()),
    Case("keys-no-timestamps", lambda lib, source: source.keys(inc_timestamps=False)),
    Case("keys-positional", lambda lib, source: source.keys(False)),
    Case("one-key", lambda lib, source: source.one_key() in _keys(source)),
    Case("contains", lambda lib, source: _a_key(source) in source),
    Case("contains-short", lambda lib, source: _short(source) in source),
    Case("contains-absent", lambda lib, source: "no.such.key" in source),
    Case("get-key", lambda lib, source: source[_a_key(source)].key),
    Case("get-short", lambda lib, source: source[_short(source)].key),
    Case("get-absent", lambda lib, source: source["no.such.key"], raises="KeyError"),
    Case("get-nothing", lambda lib, source: source[None], raises="TypeError"),
    Case("get-pair", lambda lib, source: source["a", "b"], raises="TypeError"),
    Case("iterate", lambda lib, source: list(source), raises="TypeError"),
    Case("select-key", lambda lib, source: source.select_keys(_a_key(source))),
    Case("select-short", lambda lib, source: source.select_keys(_short(source))),
    Case("select-set", lambda lib, source: source.select_keys({_a_key(source)})),
    Case("select-list", lambda lib, source: source.select_keys([_short(source)])),
    Case("select-glob", lambda lib, source: source.select_keys(_a_prefix(source) + "*")),
    Case("select-class", lambda lib, source: source.select_keys("[a-z]*")),
    Case("select-all", lambda lib, source: source.select_keys("*")),
    Case("select-empty-set", lambda lib, source: source.select_keys(set())),
    Case("select-none", lambda lib, source: source.select_keys(None)),
    Case("select-absent", lambda lib, source: source.select_keys("no.such"), raises="KeyError"),
    Case("select-absent-glob", lambda lib, source: source.select_keys("zz*"), raises="KeyError"),
    Case("select-absent-in-set", lambda lib, source: source.select_keys({"zz"}), "KeyError"),
    Case(
        "select-twice",
        lambda lib, source: source.select_keys(_a_prefix(source) + "*").select_keys(_a_key(source)),
    ),
    Case("one-key-of-selection", lambda lib, source: source.select_keys(_a_key(source)).one_key()),
    Case(
        "contains-after-select",
        lambda lib, source: [
            k in source.select_keys(_a_key(source)) for k in sorted(_keys(source))
        ],
    ),
    Case("one-key-no-group", lambda lib, source: source.one_key("no-group") is None, "ValueError"),
    Case("counts", lambda lib, source: source.data_counts(), differs=COUNT_LABELS),
    Case("counts-unlabelled", lambda lib, source: signed(source.data_counts(labelled=False))),
    Case(
        "counts-of-selection", lambda lib, source: source[1::2].data_counts(), differs=COUNT_LABELS
    ),
    Case(
        "counts-of-groups",
        lambda lib, source: {
            group: source.data_counts(index_group=group) for group in source.index_groups
        },
        differs=COUNT_LABELS,
    ),
    Case(
        "counts-of-groups-unlabelled",
        lambda lib, source: {
            group: signed(source.data_counts(labelled=False, index_group=group))
            for group in source.index_groups
        },
    ),
    Case(
        "coordinates-of-groups",
        lambda lib, source: {
            group: source.train_id_coordinates(group) for group in source.index_groups
        },
        differs=RUN_ONLY,
    ),
    Case("counts-no-group", lambda lib, s: s.data_counts(index_group="no-group"), "ValueError"),
    Case("coordinates-no-group", lambda lib, s: s.train_id_coordinates("no-group"), "ValueError"),
    Case("full-trains-no-group", lambda lib, s: s.drop_empty_trains("no-group"), "ValueError"),
    Case("files-of-selection", lambda lib, source: _file_names(source[1:3])),
    Case("files-of-none", lambda lib, source: _file_names(source[:0])),
    Case("files-of-last", lambda lib, source: _file_names(source[-1:])),
    Case("full-trains", lambda lib, source: train_list(source.drop_empty_trains().train_ids)),
    Case(
        "full-trains-of-groups",
        lambda lib, source: {
            group: train_list(source.drop_empty_trains(group).train_ids)
            for group in source.index_groups
        },
    ),
    Case("full-trains-of-selection", lambda lib, source: source[2::5].drop_empty_trains()),
    Case("split-parts", lambda lib, source: _part_trains(source.split_trains(parts=3))),
    Case("split-size", lambda lib, source: _part_trains(source.split_trains(trains_per_part=9))),
    Case("split-both", lambda lib, source: _part_trains(source.split_trains(2, 9))),
    Case("split-nothing", lambda lib, source: list(source.split_trains()), raises="ValueError"),
    Case("union-self", lambda lib, source: source.union(source)),
    Case("union-parts", lambda lib, source: source[:3].union(source[5:7])),
    Case("union-operator", lambda lib, source: source[:2] | source[1:4]),
    Case("union-of-three", lambda lib, source: source[:1].union(source[2:3], source[4:5])),
    Case(
        "union-of-keys",
        lambda lib, source: source.select_keys(_a_key(source)) | source.select_keys("*"),
    ),
    Case(
        "union-data",
        lambda lib, source: (source[4:6] | source[:2])[_a_key(source)].train_id_coordinates(),
    ),
    Case("run-metadata", lambda lib, source: _settled(source.run_metadata())),
    Case("run-metadata-of-selection", lambda lib, source: _settled(source[:1].run_metadata())),
    Case("has-storage-class", lambda lib, source: source[:0].storage_class),
)


def _settled(metadata: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs between the sequence files of a run."""
    return {name: value for name, value in metadata.items() if name != "sequenceNumber"}


def _run_key(source: Any) -> str:
    return str(min(source.run_keys()))


CONTROL: tuple[Case, ...] = (
    Case("coordinates", lambda lib, source: source.train_id_coordinates(), differs=RUN_ONLY),
    Case("run-keys", lambda lib, source: source.run_keys()),
    Case("run-keys-no-timestamps", lambda lib, source: source.run_keys(inc_timestamps=False)),
    Case("run-keys-positional", lambda lib, source: source.run_keys(False)),
    Case("run-values", lambda lib, source: source.run_values()),
    Case("run-values-no-timestamps", lambda lib, source: source.run_values(inc_timestamps=False)),
    Case("run-values-positional", lambda lib, source: source.run_values(False)),
    Case("run-value", lambda lib, source: source.run_value(_run_key(source))),
    Case(
        "run-value-short",
        lambda lib, source: source.run_value(_run_key(source).rpartition(".")[0]),
    ),
    Case(
        "run-value-each",
        lambda lib, source: {key: source.run_value(key) for key in sorted(source.run_keys())},
    ),
    Case("run-value-absent", lambda lib, source: source.run_value("no.such"), raises="KeyError"),
    Case(
        "run-value-multi-run",
        lambda lib, source: source.run_value(_run_key(source), allow_multi_run=True),
    ),
    Case(
        "run-value-of-key",
        lambda lib, source: [
            source[key].run_value() for key in sorted(source.keys()) if key in source.run_keys()
        ],
    ),
    Case(
        "run-keys-after-select",
        lambda lib, source: source.select_keys(_a_key(source)).run_keys(),
    ),
    Case(
        "select-timestamp",
        lambda lib, source: source.select_keys({_short(source) + ".timestamp"}),
    ),
    Case("run-values-of-no-trains", lambda lib, source: source[:0].run_values()),
)

INSTRUMENT: tuple[Case, ...] = (
    Case("run-keys", lambda lib, source: source.run_keys(), raises="ValueError"),
    Case("run-values", lambda lib, source: source.run_values(), raises="ValueError"),
    Case("run-value", lambda lib, source: source.run_value("a.value"), raises="ValueError"),
)


def cases(section: str) -> Iterator[Case]:
    yield from ANY
    yield from CONTROL if section == "CONTROL" else INSTRUMENT
