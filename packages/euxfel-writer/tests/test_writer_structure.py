"""Clones without data: the tree is the same, values are kept only where asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from euxfel.core import H5File, RunDirectory
from euxfel.fileaccess import TargetExistsError, WriteError
from euxfel.fileaccess.testing import small_run
from euxfel.writer import copy_structure
from euxfel.writer.testing import each_fault

XGM = "SPB_XTD9_XGM/DOOCS/MAIN"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "clones").mkdir()
    return small_run(6).write_flat(tmp_path / "run").path


def tree(path: Path) -> dict[str, Any]:
    """All objects of a file, without their values."""
    found: dict[str, Any] = {}

    def note(name: str, item: Any) -> None:
        about = [sorted((n, str(v)) for n, v in item.attrs.items())]
        if isinstance(item, h5py.Dataset):
            about += [item.dtype, item.shape, item.maxshape, item.chunks, item.compression]
        found[name] = about

    with h5py.File(path) as file:
        file.visititems(note)
    return found


@pytest.mark.parametrize("options", [{}, {"run_data": True}, {"control_data": True}])
def test_the_tree_is_the_same_and_values_are_kept_where_asked_for(
    run: Path, tmp_path: Path, options: dict[str, bool]
) -> None:
    made = copy_structure(run, tmp_path / "clones", **options)
    assert [os.path.basename(p) for p in made] == sorted(p.name for p in run.glob("*.h5"))
    for path in made:
        assert tree(Path(path)) == tree(run / os.path.basename(path))
    old, new = RunDirectory(run), RunDirectory(tmp_path / "clones")
    assert (new.train_ids, new.all_sources) == (old.train_ids, old.all_sources)
    assert new.run_metadata() == old.run_metadata()
    key = new[XGM, "pulseEnergy.photonFlux"]
    assert bool(key.ndarray().all()) == bool(options.get("control_data"))
    assert bool(key.run_value()) == bool(options.get("run_data"))
    assert not new[f"{XGM}:output", "data.intensityTD"].ndarray().any()


def test_clones_take_little_room(tmp_path: Path) -> None:
    (tmp_path / "clones").mkdir()
    with h5py.File(tmp_path / "large.h5", "w") as file:
        file["INSTRUMENT/A/data"] = np.ones(1_000_000)
        file.create_dataset("INSTRUMENT/A/chunked", data=np.ones(1_000_000), chunks=(1000,))
    [made] = copy_structure(tmp_path / "large.h5", tmp_path / "clones")
    assert os.path.getsize(made) < 20_000


def test_links_stay_what_they_are(tmp_path: Path) -> None:
    """Soft, hard and external links; a group that contains itself."""
    (tmp_path / "clones").mkdir()
    with h5py.File(tmp_path / "links.h5", "w") as file:
        file["INSTRUMENT/A/data"] = [1.5, 2.5]
        file["INSTRUMENT/B"] = file["INSTRUMENT/A"]
        file["INSTRUMENT/A/again"] = file["INSTRUMENT"]
        file["soft"] = h5py.SoftLink("/INSTRUMENT/A/data")
        file["external"] = h5py.ExternalLink("nowhere.h5", "/x")
        file.attrs["who"] = "me"
    [made] = copy_structure(tmp_path / "links.h5", tmp_path / "clones")
    with h5py.File(made) as file:
        assert file["INSTRUMENT/A"] == file["INSTRUMENT/B"]
        assert file["INSTRUMENT/A/again"] == file["INSTRUMENT"]
        assert file.get("soft", getlink=True).path == "/INSTRUMENT/A/data"
        assert file.get("external", getlink=True).filename == "nowhere.h5"
        assert file["soft"].shape == (2,)
        assert file.attrs["who"] == "me"


def test_the_same_folder_and_existing_files_are_refused(run: Path, tmp_path: Path) -> None:
    """F2."""
    with pytest.raises(ValueError, match="places of the files"):
        copy_structure(run, run)
    with pytest.raises(WriteError, match="make it first"):
        copy_structure(run, tmp_path / "none")
    with pytest.raises(ValueError, match="no HDF5 file"):
        copy_structure(tmp_path / "clones", run)
    first = sorted(run.glob("*.h5"))[0]
    (tmp_path / "clones" / first.name).symlink_to(first)
    before = first.read_bytes()
    with pytest.raises(WriteError, match="never overwritten"):
        copy_structure(run, tmp_path / "clones", overwrite=True)
    (tmp_path / "clones" / first.name).unlink()
    (tmp_path / "clones" / first.name).write_bytes(b"old")
    with pytest.raises(TargetExistsError):
        copy_structure(run, tmp_path / "clones")
    assert first.read_bytes() == before
    assert os.listdir(tmp_path / "clones") == [first.name]


def test_every_failing_call_is_told_and_the_old_file_survives(run: Path, tmp_path: Path) -> None:
    """F1, R6."""
    first = sorted(run.glob("*.h5"))[0]
    path = tmp_path / "clones" / first.name
    path.write_bytes(b"old")
    for fault, error in each_fault(lambda: copy_structure(first, path.parent, overwrite=True)):
        if error is not None:
            assert isinstance(error, WriteError)
            assert path.read_bytes() == b"old"
        else:
            assert not fault.happened or fault.calls[-1] == "fsync_folder"
            assert H5File(path).train_ids
        assert os.listdir(path.parent) == [first.name]
        path.write_bytes(b"old")
