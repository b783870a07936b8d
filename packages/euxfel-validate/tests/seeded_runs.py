"""Runs with the defects of `seeded_defects.toml` that are not among the cases of the simulator."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.run_map import RunMap
from euxfel.fileaccess.testing import SimulatedRun, detector_modules
from euxfel.fileaccess.testing.defects import CASES, healthy_run
from euxfel.fileaccess.testing.defects.cases import CAMERA, MODULE, MOTOR

FIRST = "RAW-R0001-DA01-S00000.h5"
SECOND = "RAW-R0001-DA01-S00001.h5"
MODULE_FILE = "RAW-R0001-AGIPD03-S00000.h5"
CELLS = f"INSTRUMENT/{MODULE}/image/cellId"
POSITION = f"CONTROL/{MOTOR}/actualPosition"

Seed = Callable[[Path], None]
SEEDS: dict[str, Seed] = {}


def seeded(name: str, folder: Path) -> Path:
    """Write the run with a defect; give its folder."""
    if name in CASES:
        return CASES[name].run.write(folder).path
    path = healthy_run().write(folder).path
    SEEDS[name](path)
    return path


def _seed(seed: Seed) -> Seed:
    SEEDS[seed.__name__.strip("_").replace("_", "-")] = seed
    return seed


def _in_file(name: str, change: Callable[[h5py.File], None]) -> Seed:
    def seed(folder: Path) -> None:
        with h5py.File(folder / name, "r+") as file:
            change(file)

    return seed


def _replaced(path: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[h5py.File], None]:  # type: ignore[type-arg]
    def replace(file: h5py.File) -> None:
        values = change(file[path][:])
        del file[path]
        file[path] = values

    return replace


def _moved(path: str, target: str) -> Callable[[h5py.File], None]:
    return lambda file: file.move(path, target)


def _backwards(values: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    values[4] = values[2]
    return values


def _zero_inside(values: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    values[4] = 0
    return values


def _two_rows(values: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    values[9] = 2
    return values


def _lists(file: h5py.File) -> None:
    del file[f"{POSITION}/value"]
    file.create_dataset(f"{POSITION}/value", (10,), h5py.vlen_dtype(np.int32))


def _linked(path: str, link: object) -> Callable[[h5py.File], None]:
    def replace(file: h5py.File) -> None:
        del file[path]
        file[path] = link

    return replace


def _unlisted(file: h5py.File) -> None:
    entries = file["METADATA/dataSources/dataSourceId"]
    for number, entry in enumerate(entries[:]):
        if MOTOR.encode() in entry:
            entries[number] = b""
            for name in ("root", "deviceId"):
                file[f"METADATA/dataSources/{name}"][number] = b""


def _virtual(name: str, rows: int) -> Callable[[h5py.File], None]:
    def replace(file: h5py.File) -> None:
        shape, dtype = file[CELLS].shape, file[CELLS].dtype
        del file[CELLS]
        layout = h5py.VirtualLayout(shape, dtype)
        layout[:] = h5py.VirtualSource(name, "cells", shape)
        file.create_virtual_dataset(CELLS, layout)
        if rows:
            with h5py.File(Path(file.filename).with_name(name), "w") as other:
                other["cells"] = np.ones((rows, *shape[1:]), dtype)

    return replace


def _external(file: h5py.File) -> None:
    shape, dtype = file[CELLS].shape, file[CELLS].dtype
    del file[CELLS]
    where = str(Path(file.filename).with_name("cells.raw"))
    size = int(np.prod(shape)) * dtype.itemsize
    file.create_dataset(CELLS, shape, dtype, external=[(where, 0, size)])


SEEDS |= {
    "control-data-cut": _in_file(FIRST, _replaced(f"{POSITION}/value", lambda v: v[:7])),
    "control-index-missing": _in_file(FIRST, lambda file: file.__delitem__(f"INDEX/{MOTOR}")),
    "control-rows-twice": _in_file(FIRST, _replaced(f"INDEX/{MOTOR}/count", _two_rows)),
    "type-unknown": _in_file(FIRST, _lists),
    "trains-cut-short": _in_file(FIRST, _replaced("INDEX/trainId", lambda v: v[:8])),
    "train-ids-of-data-differ": _in_file(
        MODULE_FILE, _replaced(f"INSTRUMENT/{MODULE}/image/trainId", lambda v: v + np.uint64(1))
    ),
    "timestamps-decrease": _in_file(FIRST, _replaced(f"{POSITION}/timestamp", _backwards)),
    "timestamp-zero": _in_file(FIRST, _replaced(f"{POSITION}/timestamp", _zero_inside)),
    "train-times-decrease": _in_file(FIRST, _replaced("INDEX/timestamp", _backwards)),
    "train-times-missing": _in_file(FIRST, lambda file: file.__delitem__("INDEX/timestamp")),
    "flags-missing": _in_file(FIRST, lambda file: file.__delitem__("INDEX/flag")),
    "source-unlisted": _in_file(FIRST, _unlisted),
    "index-of-nothing": _in_file(FIRST, _moved(f"INDEX/{MOTOR}", "INDEX/SPB_NO/SUCH/DEVICE")),
    "data-lost": _in_file(FIRST, lambda file: file.__delitem__(f"INSTRUMENT/{CAMERA}")),
    "columns-differ": _in_file(
        FIRST, lambda file: file["METADATA/dataSources/deviceId"].__setitem__(0, b"A/B/C")
    ),
    "dangling-link": _in_file(FIRST, _linked(f"{POSITION}/value", h5py.SoftLink("/gone"))),
    "dangling-external-link": _in_file(
        FIRST, _linked(f"{POSITION}/value", h5py.ExternalLink("gone.h5", "/value"))
    ),
    "virtual-source-gone": _in_file(MODULE_FILE, _virtual("gone.hdf5", 0)),
    "virtual-source-short": _in_file(MODULE_FILE, _virtual("short.hdf5", 7)),
    "raw-file-gone": _in_file(MODULE_FILE, _external),
}


@_seed
def _renamed(folder: Path) -> None:
    (folder / SECOND).rename(folder / "RAW-R0001-DA01-S00002.h5")
    shutil.copyfile(folder / "RAW-R0001-DA01-S00002.h5", folder / SECOND)


@_seed
def _sequence_missing(folder: Path) -> None:
    (folder / FIRST).unlink()


@_seed
def _module_missing(folder: Path) -> None:
    (folder / MODULE_FILE).unlink()


def _jungfrau(folder: Path, missing: dict[str, range]) -> None:
    """Put a JUNGFRAU-4M beside what is there; of some aggregators trains are missing."""
    modules = detector_modules("SPB_IRDA_JF4M", 1, module_shape=(4, 8))
    SimulatedRun(modules, range(10000, 10010), run=1, missing=missing).write_flat(folder)


@_seed
def _jungfrau_module_missing(folder: Path) -> None:
    _jungfrau(folder, {})
    (folder / "RAW-R0001-JNGFR03-S00000.h5").unlink()


@_seed
def _jungfrau_module_lacks_trains(folder: Path) -> None:
    _jungfrau(folder, {"JNGFR03": range(10002, 10004)})


@_seed
def _file_of_other_run(folder: Path) -> None:
    shutil.copyfile(folder / MODULE_FILE, folder / "RAW-R0002-AGIPD03-S00000.h5")


@_seed
def _map_wrong(folder: Path) -> None:
    file = FileAccess(folder / FIRST)
    other = FileAccess(folder / SECOND)
    RunMap.load(folder).save({FIRST: (file.handle.identity, other.summary())})


@_seed
def _map_damaged(folder: Path) -> None:
    (folder / "karabo_data_map.json").write_text(json.dumps({"files": []}))


@_seed
def _overview_old(folder: Path) -> None:
    with h5py.File(folder / "overview.h5", "w") as file:
        file.attrs["virtual_overview_version"] = 1
        names = sorted(os.listdir(folder))
        sizes = [(folder / name).stat().st_size for name in names]
        file[".source_files/names"] = [name.encode() for name in names]
        file[".source_files/sizes"] = np.array(sizes) + 1


@_seed
def _nothing_usable(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_text("This is not HDF5.\n")
