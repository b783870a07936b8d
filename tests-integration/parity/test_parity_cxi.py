"""CXI files are the same as EXtra-data's, dataset by dataset and attribute by attribute."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any
from unittest import mock

import extra_data
import h5py
import numpy as np
import pytest
from extra_data import components as theirs
from parity.makers import BY_NAME
from parity.plant import plant

from euxfel import components as ours
from euxfel.core import RunDirectory

FILLS = {"data": 7, "gain": 3, "mask": 5}


def settle_cells(folder: Path) -> None:
    """Number memory cells as a detector does: planted ones differ between modules."""
    for path in folder.glob("*.h5"):
        with h5py.File(path, "r+") as file:
            file.visititems(_settle)


def _settle(name: str, item: Any) -> None:
    if name.endswith("memoryCell"):
        item[...] = np.broadcast_to(np.arange(item.shape[1]), item.shape)


# Classes and options by recipe.
DETECTORS: dict[str, tuple[str, dict[str, Any]]] = {
    "spb_raw-1.0": ("AGIPD1M", {}),
    "spb_proc-0.5": ("AGIPD1M", {}),
    "jungfrau-1.0": ("JUNGFRAU", {}),
    "fxe-0.5": ("LPD1M", {}),
    "lpd_parallel_gain-1.0": ("LPD1M", {"parallel_gain": True}),
    "scs-1.0": ("DSSC1M", {}),
}


@pytest.fixture(scope="module", params=DETECTORS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("cxi") / request.param
    made.mkdir()
    BY_NAME[request.param].make(made)
    plant(made)
    settle_cells(made)
    return made


def detectors(folder: Path, **options: Any) -> tuple[Any, Any]:
    """The detector of a run, opened with both libraries."""
    name, usual = DETECTORS[folder.name]
    options |= usual
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = extra_data.RunDirectory(str(folder), parallelize=False)
        peer = getattr(theirs, name)(run, **options)
        own = getattr(ours, name)(RunDirectory(folder), **options)
    # The makers' modules are small here; only the shape of corrected data depends on it.
    peer.module_shape = own[own.data_key].ndarray().shape[-2:]
    return peer, own


def written(detector: Any, path: Path, *arguments: Any) -> h5py.File:
    with contextlib.redirect_stdout(io.StringIO()):
        detector.write_virtual_cxi(str(path), *arguments)
    return h5py.File(path)


def described(item: Any) -> list[Any]:
    """All that a reader can see of an object."""
    attributes = [(n, type(v).__name__, np.asarray(v).dtype, v) for n, v in item.attrs.items()]
    if isinstance(item, h5py.Group):
        return [attributes]
    values = item[()]
    data = values.tolist() if values.dtype == object else (values.shape, values.tobytes())
    return [attributes, item.dtype, item.maxshape, item.is_virtual, str(item.fillvalue), data]


def links(group: h5py.Group, path: str = "") -> dict[str, str]:
    found = {}
    for name in group:
        link = group.get(name, getlink=True)
        is_soft = isinstance(link, h5py.SoftLink)
        found[f"{path}/{name}"] = link.path if is_soft else "hard"
        if not is_soft and isinstance(group[name], h5py.Group):
            found |= links(group[name], f"{path}/{name}")
    return found


def assert_same(own: h5py.File, peer: h5py.File) -> None:
    assert links(own) == links(peer)
    for path in links(peer):
        assert described(own[path]) == described(peer[path]), path


@pytest.mark.parametrize("fills", [None, FILLS], ids=["usual", "given"])
def test_files_are_the_same(folder: Path, tmp_path: Path, fills: Any) -> None:
    """AGIPD raw with data_gain and corrected, JUNGFRAU, LPD with gain stages and without, DSSC."""
    with mock.patch("builtins.print"):
        peer, own = detectors(folder)
    if fills is not None:
        peer, own = (detector.select_trains(np.s_[:2]) for detector in (peer, own))
    arguments = [] if fills is None else [dict(fills)]
    if fills is not None:
        # JUNGFRAU's data is called adc there.
        arguments[0][own.data_key.partition(".")[2]] = arguments[0].pop("data")
    with (
        written(peer, tmp_path / "peer.cxi", *arguments) as theirs_file,
        written(own, tmp_path / "own.cxi", *arguments) as own_file,
    ):
        assert_same(own_file, theirs_file)


def test_missing_modules_and_trains_are_the_same(folder: Path, tmp_path: Path) -> None:
    modules = {"modules": [1, 2, 4]}
    peer, own = detectors(folder, **modules)
    trains = np.s_[1:3]
    with (
        written(peer.select_trains(trains), tmp_path / "peer.cxi") as theirs_file,
        written(own.select_trains(trains), tmp_path / "own.cxi") as own_file,
    ):
        assert_same(own_file, theirs_file)
