"""Written files hold what their description says, in every format version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from euxfel.fileaccess.testing import (
    FORMAT_VERSIONS,
    Group,
    InstrumentSource,
    Key,
    Layout,
    SimulatedFile,
    Storage,
    camera,
    detections,
    errata,
    every_type,
    motor,
    reduction,
    run_only,
    with_legacy_name,
    xgm,
)

Reader = Callable[[Path, str, str], dict[int, NDArray[Any]]]
XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"


def rich_file(**changes: Any) -> SimulatedFile:
    """A file with every kind of source."""
    sources = (
        *xgm(),
        motor(),
        every_type(),
        run_only(),
        detections(),
        reduction(CAMERA, "data"),
        errata(),
        with_legacy_name(camera()[1], "OLD/CAM/NAME:daqOutput"),
    )
    return replace(SimulatedFile(sources), **changes)


def index_path(file: SimulatedFile, source: str, key: str) -> str:
    control = file.source(source).section == "CONTROL"
    return f"INDEX/{source}" if control else f"INDEX/{source}/{key.partition('.')[0]}"


@pytest.mark.parametrize("index_style", ["first_count", "first_last_status"])
@pytest.mark.parametrize("version", FORMAT_VERSIONS)
def test_plain_h5py_reads_what_is_expected(
    tmp_path: Path, read_by_train: Reader, version: str, index_style: Any
) -> None:
    """B16: both encodings of the index mean the same rows."""
    file = rich_file(format_version=version, layout=Layout(index_style=index_style))
    path = file.write_in(tmp_path)

    compared = 0
    for dataset in file.datasets():
        rows = read_by_train(path, index_path(file, dataset.source, dataset.key), dataset.path)
        for train in file.train_ids:
            expected = file.expected(dataset.source, dataset.key, [train])
            np.testing.assert_array_equal(rows[train], expected)
            compared += len(expected)
    assert compared > 500


@pytest.mark.parametrize("version", FORMAT_VERSIONS)
def test_the_format_version_is_stated_where_it_has_a_number(tmp_path: Path, version: str) -> None:
    path = rich_file(format_version=version, proposal=2012, run=7).write_in(tmp_path)

    with h5py.File(path) as h5:
        if version == "0.5":
            assert set(h5["METADATA"]) >= {"dataSourceId", "root", "deviceId"}
            assert "dataFormatVersion" not in h5["METADATA"]
        else:
            assert h5["METADATA/dataFormatVersion"].asstr()[:].tolist() == [version]
            assert h5["METADATA/proposalNumber"][:].tolist() == [2012]
            assert h5["METADATA/runNumber"][:].tolist() == [7]
            assert set(h5["METADATA/dataSources"]) == {"dataSourceId", "root", "deviceId"}


def test_the_list_of_sources_is_padded_with_empty_texts(tmp_path: Path) -> None:
    layout = Layout(metadata_padding=3)
    path = SimulatedFile(xgm(), layout=layout).write_in(tmp_path)

    with h5py.File(path) as h5:
        listed = h5["METADATA/dataSources/dataSourceId"].asstr()[:].tolist()
    assert listed == [f"CONTROL/{XGM}", f"INSTRUMENT/{XGM}:output/data", "", "", ""]


def test_auxiliary_sources_are_listed_apart(tmp_path: Path) -> None:
    path = rich_file().write_in(tmp_path)

    with h5py.File(path) as h5:
        listed = h5["METADATA/dataSources/root"].asstr()[:].tolist()
        lists = {k: v.asstr()[:].tolist() for k, v in h5["METADATA/auxiliarySources"].items()}
    assert set(listed) == {"CONTROL", "INSTRUMENT", ""}
    assert lists == {
        "REDUCTION": [f"REDUCTION/PULSE_REDUCTION/{CAMERA}/data"],
        "ERRATA": ["ERRATA/TRAINS_OUTSIDE_BUFFER_RANGE/event"],
    }


def test_version_1_1_lists_the_time_server(tmp_path: Path) -> None:
    path = rich_file(format_version="1.1").write_in(tmp_path)

    with h5py.File(path) as h5:
        roots = h5["METADATA/dataSources/root"].asstr()[:].tolist()
    assert "Karabo_TimerServer" in roots


@pytest.mark.parametrize(
    ("version", "valid", "suspect"), [("1.0", 1, 0), ("1.1", 0, 1), ("1.2", 1, 0), ("1.3", 1, 0)]
)
def test_the_flag_tells_suspect_trains(
    tmp_path: Path, version: str, valid: int, suspect: int
) -> None:
    """B8: 1.1 has the flag the other way round."""
    file = SimulatedFile(
        train_ids=(10, 11, 12),
        suspect=frozenset({11}),
        format_version=version,
        layout=Layout(index_padding=1),
    )
    path = file.write_in(tmp_path)

    with h5py.File(path) as h5:
        assert h5["INDEX/flag"][:].tolist() == [valid, suspect, valid, 0]


def test_version_0_5_has_train_ids_alone(tmp_path: Path) -> None:
    path = SimulatedFile(format_version="0.5").write_in(tmp_path)

    with h5py.File(path) as h5:
        assert list(h5["INDEX"]) == ["trainId"]


def test_origin_says_time_server_from_version_1_2_on(tmp_path: Path) -> None:
    file = SimulatedFile(
        train_ids=(10, 11), suspect=frozenset({11}), layout=Layout(index_padding=0)
    )
    path = file.write_in(tmp_path)

    with h5py.File(path) as h5:
        assert h5["INDEX/origin"][:].tolist() == [-1, 0]
    with h5py.File(replace(file, format_version="1.1").write_in(tmp_path)) as h5:
        assert "origin" not in h5["INDEX"]


def test_trains_are_a_tenth_of_a_second_apart(tmp_path: Path) -> None:
    path = SimulatedFile(train_ids=(10, 11), layout=Layout(index_padding=0)).write_in(tmp_path)

    with h5py.File(path) as h5:
        early, late = h5["INDEX/timestamp"][:].tolist()
    assert late - early == 100_000_000


def test_index_datasets_are_padded_and_chunked_as_asked(tmp_path: Path) -> None:
    """B17: zeros at the end of all index datasets."""
    file = SimulatedFile((motor("A/B/C"),), (10, 11), layout=Layout(index_padding=3, index_chunk=1))
    path = file.write_in(tmp_path)

    with h5py.File(path) as h5:
        assert h5["INDEX/trainId"][:].tolist() == [10, 11, 0, 0, 0]
        assert h5["INDEX/A/B/C/count"][:].tolist() == [1, 1, 0, 0, 0]
        assert h5["INDEX/A/B/C/first"].chunks == (1,)


def test_datasets_can_be_longer_than_the_index_says(tmp_path: Path) -> None:
    path = SimulatedFile((motor("A/B/C"),), layout=Layout(data_padding=4)).write_in(tmp_path)

    with h5py.File(path) as h5:
        assert h5["CONTROL/A/B/C/actualPosition/value"].shape == (14,)
        assert h5["RUN/A/B/C/actualPosition/value"].shape == (1,)


def test_legacy_names_are_soft_links(tmp_path: Path) -> None:
    path = rich_file().write_in(tmp_path)

    with h5py.File(path) as h5:
        for root in ("INSTRUMENT", "INDEX"):
            link = h5.get(f"{root}/OLD/CAM/NAME:daqOutput", getlink=True)
            assert isinstance(link, h5py.SoftLink)
            assert link.path == f"/{root}/{CAMERA}"
        assert (
            "INSTRUMENT/OLD/CAM/NAME:daqOutput/data"
            in h5["METADATA/dataSources/dataSourceId"].asstr()
        )


def test_run_holds_a_snapshot_with_more_properties_than_control(tmp_path: Path) -> None:
    """B18: RUN-only sources and properties."""
    file = rich_file()
    path = file.write_in(tmp_path)

    with h5py.File(path) as h5:
        assert h5["RUN/SPB_IRU_SAMPLE/MOTOR/X/classId/value"].asstr()[0] == "BeckhoffMotor"
        limit = h5["RUN/SPB_IRU_SAMPLE/MOTOR/X/softLimitHigh/value"][0]
        assert limit == file.expected_run_value("SPB_IRU_SAMPLE/MOTOR/X", "softLimitHigh")
        assert "softLimitHigh" not in h5["CONTROL/SPB_IRU_SAMPLE/MOTOR/X"]
        assert list(h5["CONTROL/SPB_TEST/DEVICE/SETTINGS"]) == []
        assert not h5["INDEX/SPB_TEST/DEVICE/SETTINGS/count"][:].any()
        in_control = h5["CONTROL/SPB_IRU_SAMPLE/MOTOR/X/actualPosition/value"][0]
        assert h5["RUN/SPB_IRU_SAMPLE/MOTOR/X/actualPosition/value"][0] != in_control


def test_all_sequence_files_hold_the_same_snapshot() -> None:
    first, second = rich_file(), rich_file(sequence=1, train_ids=range(10010, 10020))

    for mine, other in zip(first.run_datasets(), second.run_datasets(), strict=True):
        np.testing.assert_array_equal(mine.values(), other.values())


def test_attributes_stand_on_the_property_or_on_the_instrument_dataset(tmp_path: Path) -> None:
    path = rich_file().write_in(tmp_path)

    with h5py.File(path) as h5:
        control = h5[f"CONTROL/{XGM}/beamPosition/ixPos"]
        assert dict(control.attrs)["alias"] == "IX.POS"
        assert dict(control["value"].attrs) == {}
        instrument = h5[f"INSTRUMENT/{XGM}:output/data/intensityTD"]
        assert instrument.attrs["metricPrefixSymbol"] == "u"


def test_nested_properties_and_texts_stand_where_the_key_says(tmp_path: Path) -> None:
    """B20: arrays of strings."""
    path = rich_file().write_in(tmp_path)

    with h5py.File(path) as h5:
        device = h5["CONTROL/SPB_TEST/DEVICE/TYPES"]
        assert device["a/b/c/value"].dtype == "i4"
        assert device["texts/value"].shape == (10, 3)
        assert device["texts/value"].asstr()[1, 2] == "texts.value of sequence 0 row 1 element 2"


def stored_as(storage: Storage, tmp_path: Path) -> tuple[SimulatedFile, Path]:
    keys = (Key("x", "f4", (5,), storage=storage),)
    file = SimulatedFile((InstrumentSource("A/B/C:out", (Group("g", keys, entries=2),)),))
    return file, file.write_in(tmp_path)


def test_filters_and_chunks_are_those_asked_for(tmp_path: Path) -> None:
    storage = Storage(chunk_rows=3, deflate=1, shuffle=True, fletcher32=True)
    file, path = stored_as(storage, tmp_path)

    with h5py.File(path) as h5:
        dataset = h5["INSTRUMENT/A/B/C:out/g/x"]
        assert dataset.chunks == (3, 5)
        assert (dataset.compression, dataset.compression_opts) == ("gzip", 1)
        assert dataset.shuffle
        assert dataset.fletcher32
        np.testing.assert_array_equal(dataset[:], file.expected("A/B/C:out", "g.x"))


def test_chunks_that_were_never_written_hold_the_fill_value(tmp_path: Path) -> None:
    """R2: unallocated chunks."""
    storage = Storage(chunk_rows=1, fill=7, unallocated=frozenset({10003, 10009}))
    file, path = stored_as(storage, tmp_path)

    expected = file.expected("A/B/C:out", "g.x")
    assert (expected[6:8] == 7).all()
    assert (expected[18:] == 7).all()
    with h5py.File(path) as h5:
        dataset = h5["INSTRUMENT/A/B/C:out/g/x"]
        assert dataset.id.get_num_chunks() == 16
        np.testing.assert_array_equal(dataset[:], expected)


def test_the_newest_file_layout_can_be_asked_for(tmp_path: Path) -> None:
    old, new = rich_file(), rich_file(layout=Layout(libver="latest"))
    paths = old.write(tmp_path / "old.h5"), new.write(tmp_path / "new.h5")

    # Byte 8 of an HDF5 file is the version of its superblock.
    assert [p.read_bytes()[8] for p in paths] == [0, 3]


def contents(path: Path) -> dict[str, str]:
    """Every dataset of a file in words, with its attributes."""
    found = {}

    def note(name: str, thing: h5py.Dataset | h5py.Group) -> None:
        data = thing[()].tolist() if isinstance(thing, h5py.Dataset) else None
        found[name] = f"{data} {sorted((k, str(v)) for k, v in thing.attrs.items())}"

    with h5py.File(path) as h5:
        h5.visititems(note)
    return found


def test_the_same_description_gives_the_same_file(tmp_path: Path) -> None:
    a = contents(rich_file().write(tmp_path / "a.h5"))
    b = contents(rich_file().write(tmp_path / "b.h5"))

    assert len(a) > 20
    assert a == b
