"""CXI files with the frames in them hold what virtual ones show, without the run."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from euxfel.components import AGIPD1M, DSSC1M, JUNGFRAU, LPD1M, MultimodDetector
from euxfel.core import RunDirectory, by_id
from euxfel.fileaccess import DataError
from euxfel.fileaccess.testing import Constant, SimulatedRun, detector_modules
from euxfel.fileaccess.testing import defects as d
from euxfel.writer import cxi_copy

SOURCE = "entry_1/instrument_1/source_1"
SHAPE = (6, 5)
CASES: dict[str, tuple[type[MultimodDetector], str, dict[str, Any]]] = {
    "AGIPD raw": (AGIPD1M, "SPB_DET_AGIPD1M-1", {"corrected": False}),
    "AGIPD corrected": (AGIPD1M, "SPB_DET_AGIPD1M-1", {"corrected": True}),
    "LPD raw": (LPD1M, "FXE_DET_LPD1M-1", {"corrected": False}),
    "DSSC raw": (DSSC1M, "SCS_DET_DSSC1M-1", {"corrected": False}),
    "JUNGFRAU": (JUNGFRAU, "SPB_IRDA_JF4M", {"corrected": True, "cells": 16}),
}


def detector(folder: Path, name: str, *defects: Any, alike: bool = True) -> Any:
    cls, detector_name, options = CASES[name]
    parts = detector_modules(detector_name, modules=(2, 3), module_shape=SHAPE, **options)
    if cls is JUNGFRAU and alike:
        # Simulated modules number their cells each for itself, real ones alike.
        cell = {"rule": Constant(3)}
        parts = {
            aggregator: tuple(source.with_key("data.memoryCell", **cell) for source in sources)
            for aggregator, sources in parts.items()
        }
    run = SimulatedRun(parts, range(10000, 10007), trains_per_file=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = RunDirectory(run.with_defect(*defects).write(folder).path)
        return cls(opened, raw=not options["corrected"])


def contents(path: Path) -> dict[str, Any]:
    """Every dataset with its type and attributes, by name; links as what they lead to."""
    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith(SOURCE):
            found[name] = (item[()], item.dtype, dict(item.attrs))

    with h5py.File(path) as file:
        file.visititems(visit)
        found["links"] = {
            name: file[name].name
            for name in ("entry_1/data_1", "entry_1/data_1/experiment_identifier")
        }
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_copy_holds_what_a_virtual_file_shows(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces of any size, also where the run is gone."""
    missing = [] if name == "JUNGFRAU" else [next(iter(detector_aggregators(name)))]
    defects = [d.TrainsMissing(aggregator=a, train_ids=[10002]) for a in missing]
    det = detector(tmp_path / "run", name, *defects)
    monkeypatch.setattr(cxi_copy, "PIECE_BYTES", 2000)
    det.write_virtual_cxi(tmp_path / "virtual.cxi")
    det.write_cxi(tmp_path / "copy.cxi")
    virtual = contents(tmp_path / "virtual.cxi")
    shutil.rmtree(tmp_path / "run")
    copy = contents(tmp_path / "copy.cxi")
    assert copy.keys() == virtual.keys()
    for path, wanted in virtual.items():
        if path == "links":
            assert copy[path] == wanted
            continue
        values, dtype, attributes = copy[path]
        np.testing.assert_array_equal(values, wanted[0])
        assert (dtype, attributes) == wanted[1:]


def detector_aggregators(name: str) -> list[str]:
    _, detector_name, options = CASES[name]
    return sorted(detector_modules(detector_name, modules=(2, 3), module_shape=SHAPE, **options))


def test_memory_cells_that_differ_are_told_with_a_way_that_exists(tmp_path: Path) -> None:
    """JUNGFRAU has no pulse IDs to align by."""
    det = detector(tmp_path / "run", "JUNGFRAU", alike=False)
    said = "has other memoryCells than other modules in train 10000; choose modules with modules=$"
    for write in (det.write_virtual_cxi, det.write_cxi):
        with pytest.raises(DataError, match=said):
            write(tmp_path / "out.cxi")
    assert not (tmp_path / "out.cxi").exists()


@pytest.mark.parametrize("level", [0, 1, 4])
def test_frames_are_compressed_as_asked(tmp_path: Path, level: int) -> None:
    det = detector(tmp_path / "run", "AGIPD corrected")
    det.write_cxi(tmp_path / "copy.cxi", compression=level)
    wanted = det["image.data"].ndarray(module_gaps=True)
    with h5py.File(tmp_path / "copy.cxi") as file:
        data = file["entry_1/data_1/data"]
        assert data.compression_opts == (level or None)
        assert data.chunks == (1, 1, *SHAPE)
        np.testing.assert_array_equal(data[()].swapaxes(0, 1)[: len(wanted)], wanted)


def test_photon_energy_is_in_ev_and_in_joule(tmp_path: Path) -> None:
    det = detector(tmp_path / "run", "AGIPD corrected")
    det.write_cxi(tmp_path / "copy.cxi", 9300.0)
    with h5py.File(tmp_path / "copy.cxi") as file:
        assert file[f"{SOURCE}/photon_energy_eV"][()] == 9300.0
        assert file[f"{SOURCE}/photon_energy_eV"].attrs["units"] == "eV"
        assert file[f"{SOURCE}/energy"][()] == pytest.approx(1.4900e-15, rel=1e-4)


def test_photon_energy_of_each_frame(tmp_path: Path) -> None:
    det = detector(tmp_path / "run", "AGIPD corrected").select_trains(by_id[10001:10003])
    energies = 9000 + np.arange(len(det.train_ids_perframe), dtype="f8")
    det.write_cxi(tmp_path / "copy.cxi", energies)
    with h5py.File(tmp_path / "copy.cxi") as file:
        assert file[f"{SOURCE}/photon_energy_eV"][()].tolist() == energies.tolist()


@pytest.mark.parametrize("energy", [[9300.0, 9301.0], 0, float("nan"), -9300.0])
def test_a_senseless_photon_energy_is_refused_first(tmp_path: Path, energy: Any) -> None:
    det = detector(tmp_path / "run", "AGIPD corrected")
    with pytest.raises(ValueError, match="photon energ"):
        det.write_cxi(tmp_path / "copy.cxi", energy)
    assert not (tmp_path / "copy.cxi").exists()


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cxi_copy, "PIECE_BYTES", 2000)
    det = detector(tmp_path / "run", "AGIPD corrected")
    told: list[tuple[int, int]] = []
    det.write_cxi(tmp_path / "copy.cxi", progress=lambda *done: told.append(done))
    frames = len(det.train_ids_perframe)
    assert told[-1] == (frames, frames)
    assert told == sorted(told)
    assert len(told) > 2
