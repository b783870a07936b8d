"""Data files seen as Zarr, through references: read by ``zarr`` alone, and the same values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fsspec
import h5py
import numpy as np
import pytest
import zarr

from euxfel.core import RunDirectory
from euxfel.fileaccess import TargetExistsError, WriteError
from euxfel.fileaccess.testing import (
    COMPRESSED,
    Group,
    InstrumentSource,
    Key,
    SimulatedRun,
    Storage,
    camera,
    detections,
    every_type,
    motor,
    xgm,
)
from euxfel.writer import write_references

FLOATS = Storage(chunk_rows=1, fill=7.5, unallocated=frozenset({10003, 10004}))
FAST = InstrumentSource(
    "SPB_TEST/FAST/1:output",
    (
        Group(
            "data",
            (
                Key("packed", "f4", (9, 5), storage=COMPRESSED),
                Key("mask", "u1", (9, 5), storage=Storage(chunk_rows=3, deflate=1, shuffle=True)),
                Key("deflated", "i8", (3,), storage=Storage(chunk_rows=7, deflate=4)),
                Key("gaps", "f8", (4,), storage=FLOATS),
                Key("checked", "u2", (4,), storage=Storage(chunk_rows=2, fletcher32=True)),
            ),
        ),
    ),
)
RUN = SimulatedRun(
    {"DA01": (*xgm(), motor(), every_type()), "DA02": camera(), "DA03": (detections(), FAST)},
    trains_per_file={"DA01": 11},
)


def opened(document: Path) -> zarr.Group:
    files = fsspec.filesystem(
        "reference", fo=str(document), asynchronous=True, skip_instance_cache=True
    )
    return zarr.open_group(zarr.storage.FsspecStore(files, read_only=True), mode="r", zarr_format=2)


def datasets(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, node: (
                found.update({name: node[()]}) if isinstance(node, h5py.Dataset) else None
            )
        )
    return found


@pytest.mark.parametrize("number", range(4))
def test_every_dataset_is_the_same_or_named_as_left_out(tmp_path: Path, number: int) -> None:
    """Runs as open data: chunked, packed, never written, contiguous; text is left out."""
    run = RunDirectory(RUN.write(tmp_path / "run").path)
    document = write_references(run, tmp_path / "zarr")[number]
    store = opened(document)
    stored = datasets(Path(run.files[number].filename))
    left_out = store.attrs["left_out"]
    for path, values in stored.items():
        if path in left_out:
            is_text = values.dtype.kind in "OS"
            assert is_text or path.endswith("data/checked"), path
        else:
            np.testing.assert_array_equal(store[path][:], values, err_msg=path)
    assert len(stored) - len(left_out) > 10


def test_units_come_along(tmp_path: Path) -> None:
    run = RunDirectory(RUN.write(tmp_path / "run").path)
    store = opened(write_references(run, tmp_path / "zarr")[0])
    xgm_data = store["INSTRUMENT/SPB_XTD9_XGM/DOOCS/MAIN:output/data/intensityTD"]
    assert xgm_data.attrs["unitSymbol"] == "J"
    assert xgm_data.attrs["_ARRAY_DIMENSIONS"] == ["entries_11", "intensityTD_1"]


def test_long_contiguous_data_is_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal ones, also where the number of rows has no convenient divisor."""
    monkeypatch.setattr("euxfel.writer.references._BLOCK", 100)
    path = RUN.write(tmp_path / "run").paths[0]
    with h5py.File(path, "r+") as file:
        file["INSTRUMENT/long"] = np.arange(1, 91, dtype="u4").reshape(30, 3)
        file["INSTRUMENT/prime"] = np.arange(1, 94, dtype="u4").reshape(31, 3)
        file["INSTRUMENT/none"] = np.zeros((0, 3), "u4")
        file["INSTRUMENT/one"] = np.float32(2.5)
    run = RunDirectory(path.parent)
    store = opened(write_references(run, tmp_path / "zarr")[0])
    assert store["INSTRUMENT/long"].chunks == (6, 3)
    assert store["INSTRUMENT/prime"].chunks == (1, 3)
    for name, values in datasets(path).items():
        if name in ("INSTRUMENT/long", "INSTRUMENT/prime", "INSTRUMENT/none"):
            np.testing.assert_array_equal(store[name][:], values)
    assert "INSTRUMENT/one" in store.attrs["left_out"]


def test_data_may_be_elsewhere(tmp_path: Path) -> None:
    """With a URL, every reference leads there; what it was made of is told by size and time."""
    run = RunDirectory(RUN.write(tmp_path / "run").path)
    document = write_references(run, tmp_path / "zarr", url="https://example.org/r0001/")[2]
    found = json.loads(document.read_text())
    places = {value[0] for value in found["refs"].values() if isinstance(value, list)}
    assert places == {"https://example.org/r0001/RAW-R0001-DA02-S00000.h5"}
    size = Path(run.files[2].filename).stat().st_size
    assert json.loads(found["refs"][".zattrs"])["described_file"]["size"] == size


def test_documents_are_not_replaced_unasked(tmp_path: Path) -> None:
    """F1: an old document stays as it is; nothing is written over a data file (F2)."""
    run = RunDirectory(RUN.write(tmp_path / "run").path)
    first = write_references(run, tmp_path / "zarr")
    with pytest.raises(TargetExistsError):
        write_references(run, tmp_path / "zarr")
    assert write_references(run, tmp_path / "zarr", overwrite=True) == first
    hard_link = tmp_path / "zarr" / first[0].name
    hard_link.unlink()
    hard_link.hardlink_to(run.files[1].filename)
    run = RunDirectory(tmp_path / "run/SPB/202601/p900000/raw/r0001")
    with pytest.raises(WriteError):
        write_references(run, tmp_path / "zarr", overwrite=True)
