"""Questions to a multi-module detector."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from .cases import Case
from .outcomes import train_list

FACTS: tuple[Case, ...] = (
    Case("name", lambda lib, det: det.detector_name),
    Case("sources", lambda lib, det: dict(det.source_to_modno)),
    Case("numbers", lambda lib, det: {str(m): s for m, s in det.modno_to_source.items()}),
    Case("n-modules", lambda lib, det: det.n_modules),
    Case("module-shape", lambda lib, det: list(det.module_shape)),
    Case("train-ids", lambda lib, det: train_list(det.train_ids)),
    Case("data-trains", lambda lib, det: train_list(det.data.train_ids)),
    Case("data-sources", lambda lib, det: sorted(det.data.all_sources)),
    Case("frame-counts", lambda lib, det: det.frame_counts),
    Case("frame-counts-of-selection", lambda lib, det: det.select_trains(np.s_[:3]).frame_counts),
    Case("trains-of-frames", lambda lib, det: det.train_ids_perframe),
    Case("availability", lambda lib, det: det.data_availability()),
    Case("availability-gaps", lambda lib, det: det.data_availability(module_gaps=True)),
    Case("select", lambda lib, det: train_list(det.select_trains(np.s_[1:5:2]).train_ids)),
    Case(
        "select-by-id",
        lambda lib, det: train_list(
            det.select_trains(lib.by_id[det.train_ids[1] : det.train_ids[3]]).train_ids
        ),
    ),
    Case("unknown-key", lambda lib, det: det["image.nonsense"], raises="KeyError"),
)


def _part_trains(parts: Any) -> list[list[int]]:
    return [train_list(part.train_ids) for part in parts]


SPLITS: tuple[Case, ...] = (
    Case("split-parts", lambda lib, det: _part_trains(det.split_trains(parts=3))),
    Case("split-size", lambda lib, det: _part_trains(det.split_trains(trains_per_part=4))),
    Case("split-frames", lambda lib, det: _part_trains(det.split_trains(frames_per_part=13))),
    Case("split-few-frames", lambda lib, det: _part_trains(det.split_trains(frames_per_part=1))),
    Case("split-all", lambda lib, det: _part_trains(det.split_trains(2, 5, 40))),
    Case("split-none", lambda lib, det: _part_trains(det.split_trains()), raises="ValueError"),
)


def _out(view: Any, **options: Any) -> Any:
    out = np.full(view.buffer_shape(**options), 77, view.dtype)
    given = view.ndarray(out=out, **options)
    return [given is out, out]


def _nameless(labelled: Any) -> Any:
    """Drop the name: xarray takes over the token of the Dask array."""
    return labelled.rename(None)


def _view_cases(key: str, name: str) -> Iterator[Case]:
    """Questions about one key of any kind."""
    yield Case(f"{name}-shape", lambda lib, det: list(det[key].shape))
    yield Case(f"{name}-ndim", lambda lib, det: det[key].ndim)
    yield Case(f"{name}-dtype", lambda lib, det: det[key].dtype)
    yield Case(f"{name}-dimensions", lambda lib, det: list(det[key].dimensions))
    yield Case(f"{name}-modules", lambda lib, det: list(det[key].modules))
    yield Case(f"{name}-trains", lambda lib, det: train_list(det[key].train_ids))
    yield Case(f"{name}-train-of-row", lambda lib, det: det[key].train_id_coordinates())
    yield Case(f"{name}-buffer", lambda lib, det: list(det[key].buffer_shape()))
    yield Case(
        f"{name}-buffer-gaps", lambda lib, det: list(det[key].buffer_shape(module_gaps=True))
    )
    yield Case(f"{name}-array", lambda lib, det: det[key].ndarray())
    yield Case(f"{name}-array-gaps", lambda lib, det: det[key].ndarray(module_gaps=True))
    yield Case(
        f"{name}-array-gaps-filled",
        lambda lib, det: det[key].ndarray(module_gaps=True, fill_value=3),
    )
    yield Case(f"{name}-array-fill", lambda lib, det: det[key].ndarray(fill_value=9))
    yield Case(f"{name}-array-type", lambda lib, det: det[key].ndarray(astype=np.float64))
    yield Case(f"{name}-array-out", lambda lib, det: _out(det[key]))
    yield Case(f"{name}-array-out-gaps", lambda lib, det: _out(det[key], module_gaps=True))
    yield Case(
        f"{name}-array-out-wrong",
        lambda lib, det: det[key].ndarray(out=np.zeros((1, 2))),
        raises="ValueError",
    )
    yield Case(f"{name}-array-of-selection", lambda lib, det: det[key][1:4].ndarray())
    yield Case(f"{name}-array-of-scattered", lambda lib, det: det[key][[4, 0]].ndarray())
    yield Case(f"{name}-availability", lambda lib, det: det[key].data_availability())
    yield Case(f"{name}-split", lambda lib, det: _part_trains(det[key].split_trains(parts=2)))
    yield Case(f"{name}-xarray", lambda lib, det: det[key].xarray())
    yield Case(f"{name}-xarray-of-selection", lambda lib, det: det[key][2:4].xarray())
    yield Case(f"{name}-get", lambda lib, det: det.get_array(key))
    yield Case(f"{name}-get-fill", lambda lib, det: det.get_array(key, fill_value=7))
    yield Case(f"{name}-get-type", lambda lib, det: det.get_array(key, astype=np.float32))
    yield Case(f"{name}-dask", lambda lib, det: det[key].dask_array())
    yield Case(
        f"{name}-dask-labelled", lambda lib, det: _nameless(det[key].dask_array(labelled=True))
    )
    yield Case(f"{name}-get-dask", lambda lib, det: _nameless(det.get_dask_array(key)))
    yield Case(
        f"{name}-get-dask-fill", lambda lib, det: _nameless(det.get_dask_array(key, fill_value=5))
    )
    yield Case(f"{name}-loop", lambda lib, det: list(det[key]), raises="TypeError")


# (id, what stands in select_pulses)
PULSES: tuple[tuple[str, Any], ...] = (
    ("first", np.s_[:1]),
    ("some", np.s_[1:3]),
    ("step", np.s_[::2]),
    ("beyond", np.s_[1:1000]),
    ("list", [0, 2]),
    ("array", np.array([1, 3])),
    ("one", 2),
    ("none-there", np.s_[500:]),
    ("list-beyond", [1, 500]),
)


def _pulse_cases(key: str, name: str) -> Iterator[Case]:
    for what, pulses in PULSES:
        yield from _one_choice(key, f"{name}-pulses-{what}", lambda lib, p=pulses: p)
        yield from _one_choice(key, f"{name}-pulses-{what}-id", lambda lib, p=pulses: lib.by_id[p])
    yield from _one_choice(key, f"{name}-pulses-index", lambda lib: lib.by_index[1:4:2])


def _one_choice(key: str, name: str, pulses: Any) -> Iterator[Case]:
    yield Case(f"{name}-array", lambda lib, det: det[key].select_pulses(pulses(lib)).ndarray())
    yield Case(f"{name}-xarray", lambda lib, det: det[key].select_pulses(pulses(lib)).xarray())


def _frame_cases(key: str, name: str) -> Iterator[Case]:
    """Questions about a key with pulses."""
    yield Case(f"{name}-pulse-ids", lambda lib, det: det[key].pulse_id_coordinates())
    yield Case(f"{name}-cell-ids", lambda lib, det: det[key].cell_id_coordinates())
    yield Case(
        f"{name}-pulse-ids-chosen",
        lambda lib, det: det[key].select_pulses(np.s_[1:3]).pulse_id_coordinates(),
    )
    yield Case(f"{name}-cells", lambda lib, det: det[key].xarray(subtrain_index="cellId"))
    yield Case(f"{name}-unstacked", lambda lib, det: det[key].xarray(unstack_pulses=True))
    yield Case(f"{name}-get-stacked", lambda lib, det: det.get_array(key, unstack_pulses=False))
    yield Case(f"{name}-get-pulses", lambda lib, det: det.get_array(key, np.s_[1:3]))
    yield Case(f"{name}-get-by-id", lambda lib, det: det.get_array(key, lib.by_id[:3]))
    yield Case(f"{name}-get-cells", lambda lib, det: det.get_array(key, subtrain_index="cellId"))
    yield Case(
        f"{name}-get-nonsense",
        lambda lib, det: det.get_array(key, subtrain_index="magic"),
        raises="ValueError",
    )
    yield Case(f"{name}-dask-cells", lambda lib, det: _nameless(det.get_dask_array(key, "cellId")))
    yield Case(
        f"{name}-pulses-then-trains",
        lambda lib, det: det[key].select_pulses(np.s_[:2])[1:3].ndarray(),
    )
    yield Case(
        f"{name}-pulses-gaps",
        lambda lib, det: det[key].select_pulses(np.s_[1:2]).ndarray(module_gaps=True),
    )
    yield Case(
        f"{name}-text-pulses", lambda lib, det: det[key].select_pulses(np.s_["a":]), "TypeError"
    )


def _roi_cases(key: str, name: str, axes: int) -> Iterator[Case]:
    box = {2: np.s_[2:6, 3:9], 3: np.s_[:, 2:6, 3:9]}[axes]
    line = {2: np.s_[1:3], 3: np.s_[0:1]}[axes]
    yield Case(f"{name}-roi-box", lambda lib, det: det[key].ndarray(roi=box))
    yield Case(f"{name}-roi-box-labelled", lambda lib, det: det[key].xarray(roi=box))
    yield Case(f"{name}-roi-first-axis", lambda lib, det: det[key].ndarray(roi=(line,)))
    yield Case(f"{name}-roi-buffer", lambda lib, det: list(det[key].buffer_shape(roi=box)))
    yield Case(f"{name}-roi-get", lambda lib, det: det.get_array(key, roi=box))
    yield Case(f"{name}-roi-type", lambda lib, det: det[key].ndarray(roi=box, astype=np.float32))
    yield Case(f"{name}-roi-integer", lambda lib, det: det[key].ndarray(roi=(0,)))


def _trains(trains: Any, count: int = 3) -> Any:
    return [(int(tid), data) for tid, data in islice(trains, count)]


def _masked_cases(key: str) -> Iterator[Case]:
    yield Case("masked", lambda lib, det: det.masked_data().ndarray())
    yield Case("masked-key", lambda lib, det: det.masked_data(key).ndarray())
    yield Case("masked-bits", lambda lib, det: det.masked_data(mask_bits=5).ndarray())
    yield Case("masked-bit-list", lambda lib, det: det.masked_data(mask_bits=[1, 8]).ndarray())
    yield Case("masked-value", lambda lib, det: det.masked_data(masked_value=-3).ndarray())
    yield Case("masked-xarray", lambda lib, det: det.masked_data().xarray())
    yield Case("masked-gaps", lambda lib, det: det.masked_data().ndarray(module_gaps=True))
    yield Case("masked-some", lambda lib, det: det.masked_data()[1:3].ndarray())
    yield Case(
        "masked-roi", lambda lib, det: det.masked_data(mask_bits=3).ndarray(roi=np.s_[1:4, 2:9])
    )
    yield Case("masked-dask", lambda lib, det: det.masked_data(mask_bits=2).dask_array())


def _masked_pulse_cases() -> Iterator[Case]:
    yield Case(
        "masked-pulses", lambda lib, det: det.masked_data().select_pulses(np.s_[1:2]).ndarray()
    )
    yield Case(
        "masked-pulses-xarray",
        lambda lib, det: det.masked_data(mask_bits=4).select_pulses([0, 1]).xarray(),
    )


def xtdf_cases(corrected: bool, brief: bool) -> Iterator[Case]:
    """Questions to an AGIPD, DSSC or LPD."""
    yield from (*FACTS, *SPLITS)
    yield from _view_cases("image.data", "pixels")
    yield from _frame_cases("image.data", "pixels")
    if not brief:
        yield from _pulse_cases("image.data", "pixels")
        yield from _view_cases("image.status", "status")
        yield from _view_cases("header.pulseCount", "header")
    yield Case("trains", lambda lib, det: _trains(det.trains()))
    yield Case("trains-any", lambda lib, det: _trains(det.trains(require_all=False)))
    gain = {"lpd_parallel_gain*": "parallel-gain-trains"}
    yield Case(
        "trains-pulses", lambda lib, det: _trains(det.trains(pulses=np.s_[1:3])), differs=gain
    )
    yield Case(
        "trains-by-id", lambda lib, det: _trains(det.trains(pulses=lib.by_id[:2])), differs=gain
    )
    yield Case("in", lambda lib, det: ["image.data" in det, "image.nonsense" in det])
    if corrected:
        yield from _masked_cases("image.data")
        yield from _masked_pulse_cases()
        yield from _roi_cases("image.data", "pixels", 2)
    else:
        yield Case("unmasked", lambda lib, det: det.masked_data(), raises="RuntimeError")


def jungfrau_cases() -> Iterator[Case]:
    """Questions to a JUNGFRAU."""
    yield from (*FACTS, *SPLITS)
    yield from _view_cases("data.adc", "pixels")
    yield from _view_cases("data.memoryCell", "cell")
    yield from _roi_cases("data.adc", "pixels", 3)
    yield Case("trains", lambda lib, det: _trains(det.trains()))
    yield Case("trains-any", lambda lib, det: _trains(det.trains(require_all=False)))
    yield Case("frames", lambda lib, det: int(det.frames_per_train))


def quiet(make: Any, data: Any, **options: Any) -> Any:
    """Make a detector; what it warns about is compared in cases of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(data, **options)
