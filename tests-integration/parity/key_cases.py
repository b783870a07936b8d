"""Questions to one key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .cases import Case, Question
from .outcomes import train_list


def _attribute(name: str) -> Case:
    return Case(name, lambda lib, key: getattr(key, name))


# Which subjects get knowingly different answers, for one kind of question each.
EMPTY_LABELS = {"no_trains-*": "empty-labels"}
NO_TRAINS = {"no_trains-*": "no-trains"}
TEXT = {"*/text": "text-by-train"}
INCLUDE_EMPTY = {
    "fxe-0.5/empty": "include-empty",
    "empty_source-0.5/empty": "include-empty",
    "lpd_missed_train-*": "include-empty",
}
LAZY_RECORDS = {"*/record": "lazy-records"}


def _file_names(key: Any) -> list[str]:
    return sorted(Path(file.filename).name for file in key.files)


ATTRIBUTES = (
    *("source", "key", "section", "index_group", "hdf5_data_path"),
    *("dtype", "ndim", "units", "units_name"),
    *("is_control", "is_instrument", "is_reduction", "is_errata", "is_auxiliary"),
)
FACTS: tuple[Case, ...] = (
    *map(_attribute, ATTRIBUTES),
    # Numbers of Python's or of NumPy's: nobody can tell.
    Case("nbytes", lambda lib, key: int(key.nbytes)),
    Case("size_mb", lambda lib, key: float(key.size_mb)),
    Case("size_gb", lambda lib, key: float(key.size_gb)),
    Case("shape", lambda lib, key: [int(length) for length in key.shape]),
    Case("entry_shape", lambda lib, key: list(key.entry_shape)),
    Case("train_ids", lambda lib, key: train_list(key.train_ids)),
    Case(
        "file-names",
        lambda lib, key: sorted(p.name for p in key.source_file_paths),
        differs=NO_TRAINS,
    ),
    Case("files-of-selection", lambda lib, key: _file_names(key[1:3])),
    Case("files-of-none", lambda lib, key: _file_names(key[:0])),
    Case("files-of-parts", lambda lib, key: [_file_names(p) for p in key.split_trains(parts=3)]),
    Case("attributes", lambda lib, key: key.attributes()),
    Case("iterate", lambda lib, key: list(key), raises="TypeError"),
    Case("loop", lambda lib, key: [x for x in key], raises="TypeError"),  # noqa: C416
    Case("text-index", lambda lib, key: key["a"], raises="TypeError"),
)


def signed(counts: Any) -> Any:
    """Give counts as signed integers (difference "counts-signed")."""
    return counts.astype(np.int64)


COUNTS: tuple[Case, ...] = (
    Case("counts", lambda lib, key: key.data_counts(), differs=EMPTY_LABELS),
    Case("counts-unlabelled", lambda lib, key: signed(key.data_counts(labelled=False))),
    Case("counts-positional", lambda lib, key: signed(key.data_counts(False))),
    Case("counts-of-selection", lambda lib, key: key[1::2].data_counts(), differs=EMPTY_LABELS),
    Case("counts-of-no-trains", lambda lib, key: signed(key[:0].data_counts(labelled=False))),
    Case("coordinates", lambda lib, key: key.train_id_coordinates()),
    Case("coordinates-of-selection", lambda lib, key: key[1::2].train_id_coordinates()),
    Case("coordinates-of-no-trains", lambda lib, key: key[:0].train_id_coordinates()),
    Case("bounds", lambda lib, key: key.train_index_bounds(), differs=NO_TRAINS),
    Case(
        "bounds-labelled", lambda lib, key: key.train_index_bounds(labelled=True), differs=NO_TRAINS
    ),
    Case("bounds-of-selection", lambda lib, key: key[2:5].train_index_bounds(), differs=NO_TRAINS),
    Case("full-trains", lambda lib, key: train_list(key.drop_empty_trains().train_ids)),
    Case("full-trains-of-selection", lambda lib, key: key[::3].drop_empty_trains()),
    Case("full-trains-of-no-trains", lambda lib, key: key[:0].drop_empty_trains()),
)

SPLITS: tuple[Case, ...] = (
    Case("split-parts", lambda lib, key: _part_trains(key.split_trains(parts=3))),
    Case("split-one-part", lambda lib, key: _part_trains(key.split_trains(1))),
    Case("split-size", lambda lib, key: _part_trains(key.split_trains(trains_per_part=7))),
    Case("split-both", lambda lib, key: _part_trains(key.split_trains(9, 4))),
    Case("split-too-many", lambda lib, key: _part_trains(key[:3].split_trains(parts=10))),
    Case("split-data", lambda lib, key: list(key[:4].split_trains(parts=2))),
    Case("split-nothing", lambda lib, key: list(key.split_trains()), raises="ValueError"),
    Case("split-no-trains", lambda lib, key: _part_trains(key[:0].split_trains(parts=2))),
)


def _part_trains(parts: Any) -> list[list[int]]:
    return [train_list(part.train_ids) for part in parts]


def _out(key: Any, **options: Any) -> Any:
    out = np.zeros(key.shape, key.dtype)
    given = key.ndarray(out=out, **options)
    return [given is out, out]


READS: tuple[Case, ...] = (
    Case("array", lambda lib, key: key.ndarray()),
    Case("array-of-one", lambda lib, key: key[0].ndarray()),
    Case("array-of-selection", lambda lib, key: key[1::3].ndarray()),
    Case("array-of-scattered", lambda lib, key: key[[5, 0, 2]].ndarray()),
    Case(
        "array-by-id",
        lambda lib, key: key[lib.by_id[key.train_ids[1] : key.train_ids[4]]].ndarray(),
    ),
    Case("array-of-no-trains", lambda lib, key: key[:0].ndarray()),
    Case(
        "array-out-wrong-shape",
        lambda lib, key: key.ndarray(out=np.zeros((1, 2, 3, 4, 5))),
        "ValueError",
    ),
    Case("xarray", lambda lib, key: key.xarray()),
    Case("xarray-name", lambda lib, key: key[:3].xarray(name="fast")),
    Case("xarray-coords", lambda lib, key: key[:3].xarray(extra_coords=True)),
    Case("xarray-no-coords", lambda lib, key: key[:3].xarray(extra_coords=False)),
    Case("xarray-of-selection", lambda lib, key: key[1::3].xarray()),
    Case("xarray-of-no-trains", lambda lib, key: key[:0].xarray()),
    Case("train", lambda lib, key: _pair(key.train_from_index(0)), differs=TEXT),
    Case("train-last", lambda lib, key: _pair(key.train_from_index(-1)), differs=TEXT),
    Case(
        "train-keep-dims",
        lambda lib, key: _pair(key.train_from_index(1, keep_dims=True)),
        differs=TEXT,
    ),
    Case(
        "train-beyond", lambda lib, key: _pair(key.train_from_index(100_000)), raises="IndexError"
    ),
    Case(
        "train-by-id",
        lambda lib, key: _pair(key.train_from_id(train_list(key.train_ids)[1])),
        differs=TEXT,
    ),
    Case(
        "train-by-id-keep-dims",
        lambda lib, key: _pair(key.train_from_id(key.train_ids[1], keep_dims=True)),
        differs=TEXT,
    ),
    Case("train-absent", lambda lib, key: _pair(key.train_from_id(123)), raises="KeyError"),
    Case(
        "train-not-selected",
        lambda lib, key: _pair(key[:2].train_from_id(key.train_ids[2])),
        "KeyError",
    ),
    Case("trains", lambda lib, key: _pairs(key[:4].trains()), differs=TEXT),
    Case(
        "trains-keep-dims",
        lambda lib, key: _pairs(key[:4].trains(keep_dims=True)),
        differs={**TEXT, "sa3-1.2/sparse": "keep-dims-empty"},
    ),
    Case(
        "trains-with-empty",
        lambda lib, key: _pairs(key[:4].trains(include_empty=True)),
        differs={**TEXT, **INCLUDE_EMPTY},
    ),
    Case(
        "trains-with-empty-keep-dims",
        lambda lib, key: _pairs(key[:4].trains(keep_dims=True, include_empty=True)),
        differs={**TEXT, **INCLUDE_EMPTY},
    ),
    Case("trains-ids", lambda lib, key: [int(train) for train, _ in key.trains()]),
    Case("trains-of-selection", lambda lib, key: _pairs(key[1:20:6].trains()), differs=TEXT),
    Case("trains-of-no-trains", lambda lib, key: _pairs(key[:0].trains())),
)


def _pair(train: Any) -> Any:
    """Make the train ID a Python integer; in EXtra-data that depends on where it comes from."""
    return [int(train[0]), *train[1:]]


def _pairs(trains: Any) -> list[Any]:
    return [_pair(train) for train in trains]


def _labels(array: Any) -> Any:
    """Leave out what differs knowingly: name and attributes (difference "lazy-labels")."""
    return [array.dims, dict(array.coords), array.data]


LAZY: tuple[Case, ...] = (
    Case("dask", lambda lib, key: key.dask_array(), differs=TEXT),
    Case(
        "dask-labelled",
        lambda lib, key: _labels(key.dask_array(labelled=True)),
        differs={**TEXT, **LAZY_RECORDS},
    ),
    Case("dask-of-selection", lambda lib, key: key[1::3].dask_array(), differs=TEXT),
    Case("dask-of-no-trains", lambda lib, key: key[:0].dask_array()),
    Case(
        "dask-of-no-trains-labelled",
        lambda lib, key: _labels(key[:0].dask_array(labelled=True)),
        differs=LAZY_RECORDS,
    ),
)

# Entries without dimensions: a table column.
SERIES: tuple[Case, ...] = (
    Case("series", lambda lib, key: key.series()),
    Case("series-of-selection", lambda lib, key: key[1::3].series()),
    Case("series-of-no-trains", lambda lib, key: key[:0].series()),
)
NO_SERIES = Case("series", lambda lib, key: key.series(), raises="TypeError")

SINGLE: tuple[Case, ...] = (
    Case("single", lambda lib, key: key.as_single_value(), raises="ValueError"),
    Case("single-of-one", lambda lib, key: key[3].as_single_value(rtol=1e9)),
    Case("single-loose", lambda lib, key: key.as_single_value(rtol=1e9)),
    Case("single-atol", lambda lib, key: key.as_single_value(atol=1e9)),
    Case("single-mean", lambda lib, key: key.as_single_value(rtol=1e9, reduce_by="mean")),
    Case("single-first", lambda lib, key: key.as_single_value(rtol=1e9, reduce_by="first")),
    Case("single-max", lambda lib, key: key.as_single_value(rtol=1e9, reduce_by=np.max)),
    Case(
        "single-unknown", lambda lib, key: key.as_single_value(reduce_by="nonsense"), "ValueError"
    ),
    Case("single-not-a-method", lambda lib, key: key.as_single_value(reduce_by=7), "ValueError"),
    Case("single-of-no-trains", lambda lib, key: key[:0].as_single_value(), "ValueError"),
)
SINGLE_TEXT: tuple[Case, ...] = (
    Case("single", lambda lib, key: key.as_single_value(), raises="ValueError"),
    Case("single-of-one", lambda lib, key: key[8].as_single_value()),
    Case("single-of-equal", lambda lib, key: key[5:30].as_single_value()),
    Case("single-mean", lambda lib, key: key.as_single_value(reduce_by="mean"), "TypeError"),
    Case("single-of-no-trains", lambda lib, key: key[:0].as_single_value(), "ValueError"),
)

TEXT_BLOCKS: tuple[Case, ...] = (
    Case("array", lambda lib, key: key.ndarray()),
    Case("array-of-selection", lambda lib, key: key[1::3].ndarray()),
    Case("array-of-no-trains", lambda lib, key: key[:0].ndarray()),
    Case("array-roi", lambda lib, key: key[:5].ndarray(roi=np.s_[2:4])),
    Case("xarray", lambda lib, key: key[:5].xarray()),
    Case("dtype", lambda lib, key: key.dtype),
    Case("shape", lambda lib, key: [int(length) for length in key.shape]),
)

# (id, dimensions of an entry, region, exception)
REGIONS: tuple[tuple[str, int, Any, str], ...] = (
    ("head", 1, np.s_[:8], ""),
    ("tail", 1, np.s_[-4:], ""),
    ("step", 1, np.s_[1:20:3], ""),
    ("one", 1, 3, ""),
    ("one-negative", 1, -2, ""),
    ("list", 1, [1, 4, 6], ""),
    ("array", 1, np.array([0, 2, 5]), ""),
    ("bool", 1, np.arange(31) % 5 == 1, "IndexError"),
    ("ellipsis", 1, np.s_[...], ""),
    ("tuple", 1, np.s_[2:5,], ""),
    ("none", 1, np.s_[2:2], ""),
    ("beyond", 1, np.s_[100:200], ""),
    ("one-beyond", 1, 100, "IndexError"),
    ("too-many", 1, np.s_[1:3, 1:3], "IndexError"),
    ("box", 2, np.s_[2:6, 3:9], ""),
    ("rows", 2, np.s_[2:6], ""),
    ("row", 2, 4, ""),
    ("column", 2, np.s_[:, 5], ""),
    ("point", 2, np.s_[1, 2], ""),
    ("last", 2, np.s_[..., -3:], ""),
    ("steps", 2, np.s_[::3, 1::2], ""),
    ("list", 2, np.s_[[0, 2, 5], :4], ""),
    ("list-last", 2, np.s_[1:3, [0, 2, 5]], ""),
    ("none", 2, np.s_[3:3, 1:2], ""),
    ("too-many", 2, np.s_[0, 0, 0], "IndexError"),
    ("box", 3, np.s_[0, 2:6, 3:9], ""),
    ("boxes", 3, np.s_[:, 2:6, 3:9], ""),
    ("plane", 3, 0, ""),
    ("last", 3, np.s_[..., -3:], ""),
    ("between", 3, np.s_[0, ..., 4], ""),
    ("point", 3, np.s_[0, 1, 2], ""),
    ("steps", 3, np.s_[:, ::3, 1::2], ""),
    ("too-many", 3, np.s_[0, 0, 0, 0], "IndexError"),
)


def _regions(dimensions: int) -> Iterator[Case]:
    for name, ndim, region, raises in REGIONS:
        if ndim == dimensions:
            for way, ask in _ways_to_read(region).items():
                yield Case(f"roi-{name}{way}", ask, raises)


def _ways_to_read(region: Any) -> dict[str, Question]:
    return {
        "": lambda lib, key: key[1:7].ndarray(roi=region),
        "-labelled": lambda lib, key: key[1:7].xarray(roi=region),
        "-coords": lambda lib, key: key[1:7].xarray(roi=region, extra_coords=True),
    }


def _named(dimensions: int) -> Iterator[Case]:
    names = ["pixel", "slow_scan", "fast_scan"][-dimensions:]
    yield Case("xarray-dims", lambda lib, key: key[:3].xarray(extra_dims=names))
    yield Case(
        "xarray-dims-coords", lambda lib, key: key[:3].xarray(extra_dims=names, extra_coords=True)
    )
    for name, region in [
        ("first", np.s_[0]),
        ("last", np.s_[..., 1]),
        ("part", np.s_[..., 1:3]),
        ("listed", np.s_[..., [0, 1]]),
    ]:
        yield Case(
            f"xarray-dims-roi-{name}",
            lambda lib, key, roi=region: key[:3].xarray(extra_dims=names, roi=roi),
        )
    yield Case(
        "xarray-own-coords",
        lambda lib, key: key[:3].xarray(
            extra_dims=names, extra_coords={names[-1]: np.arange(key.entry_shape[-1]) * 0.5}
        ),
    )
    yield Case(
        "xarray-default-dims-own-coords",
        lambda lib, key: key[:3].xarray(
            extra_coords={f"dim_{dimensions - 1}": np.arange(key.entry_shape[-1]) * 0.5}
        ),
    )


NUMBERS_OUT: tuple[Case, ...] = (
    Case("array-out", lambda lib, key: _out(key[1:5])),
    Case("array-out-scattered", lambda lib, key: _out(key[[0, 2, 3]])),
)


def cases(dimensions: int, kind: str) -> Iterator[Case]:
    """Give the questions that make sense for a key.

    Parameters
    ----------
    dimensions : int
        Dimensions of one entry.
    kind : str
        Kind of data: "number", "text" or "record".
    """
    yield from (*FACTS, *COUNTS, *SPLITS, *READS, *LAZY, *_regions(dimensions))
    yield from SERIES if dimensions == 0 else (NO_SERIES,)
    yield from {"number": SINGLE, "text": SINGLE_TEXT, "record": ()}[kind]
    if kind == "number":
        yield from NUMBERS_OUT
    if dimensions > 0:
        yield from _named(dimensions)
