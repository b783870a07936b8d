"""One file: every version of the format says the same, every method what was written."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.fileaccess import (
    FileAccess,
    FileStructureError,
    PropertyNameError,
    Section,
    SourceNameError,
)
from euxfel.fileaccess.testing import (
    FORMAT_VERSIONS,
    InstrumentSource,
    Layout,
    SimulatedFile,
    detections,
    errata,
    every_type,
    motor,
    reduction,
    run_only,
    with_legacy_name,
    xgm,
)
from euxfel.fileaccess.testing.rules import train_timestamps

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
FAST = f"{XGM}:output"
HITS = "SQS_REMI_DLD6/DET/TOP:output"
SETTINGS = "SPB_TEST/DEVICE/SETTINGS"
CONTROL, FAST_XGM = xgm()
FILE = SimulatedFile(
    (CONTROL, FAST_XGM, motor(), detections(), run_only()), train_ids=range(10000, 10012)
)
STYLES = ("first_count", "first_last_status")


def written(file: SimulatedFile, folder: Path) -> FileAccess:
    return FileAccess(file.write_in(folder))


@pytest.fixture
def file(tmp_path: Path) -> FileAccess:
    return written(FILE, tmp_path)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("version", FORMAT_VERSIONS)
def test_every_version_tells_the_same(version: str, style: str, tmp_path: Path) -> None:
    """B16, B17: all formats, with both kinds of index, padded."""
    layout = Layout(index_style=style, index_padding=3, index_chunk=1)  # type: ignore[arg-type]
    # An index that has a status can only tell of trains with rows.
    described = replace(FILE, format_version=version, layout=layout)
    file = written(described, tmp_path)
    assert file.format_version == version
    assert file.train_ids.tolist() == list(range(10000, 10012))
    assert file.validity_flag.all()
    assert file.control_sources == {XGM, MOTOR, SETTINGS}
    assert file.instrument_sources == {FAST, HITS}
    assert file.all_sources == file.control_sources | file.instrument_sources
    assert file.legacy_sources == {}
    assert file.reduction_sources == file.errata_sources == frozenset()
    assert not file.problems
    for source, group in ((MOTOR, ""), (FAST, "data"), (HITS, "rec"), (SETTINGS, "")):
        first, count = file.get_index(source, group)
        table = described.table(source, group)
        np.testing.assert_array_equal(count, table.count)
        np.testing.assert_array_equal(first[count > 0], table.first[count > 0])
        assert first.dtype == count.dtype == np.int64


@pytest.mark.parametrize("version", FORMAT_VERSIONS)
def test_suspect_trains(version: str, tmp_path: Path) -> None:
    """B8: the flag has another sense in 1.1 and is not there in 0.5."""
    trains = [10000, 10001, 77, 10003, 10004, 10005]
    described = replace(FILE, train_ids=trains, suspect=frozenset({77}), format_version=version)
    file = written(described, tmp_path)
    assert file.validity_flag.tolist() == [True, True, False, True, True, True]
    assert file.valid_train_ids.tolist() == [10000, 10001, 10003, 10004, 10005]
    assert "suspect-trains" in [p.kind for p in file.problems if p.trains == (77,)]


@pytest.mark.parametrize("version", FORMAT_VERSIONS)
def test_times_of_trains(version: str, tmp_path: Path) -> None:
    file = written(replace(FILE, format_version=version), tmp_path)
    if version == "0.5":
        assert file.timestamps is None
    else:
        expected = train_timestamps(np.arange(10000, 10012, dtype=np.uint64))
        np.testing.assert_array_equal(file.timestamps, expected)


def test_a_version_of_the_future_is_read_like_the_last_one(tmp_path: Path) -> None:
    path = FILE.write_in(tmp_path)
    with h5py.File(path, "r+") as h5:
        h5["METADATA/dataFormatVersion"][0] = "9.7"
    file = FileAccess(path)
    assert file.format_version == "9.7"
    assert file.control_sources == {XGM, MOTOR, SETTINGS}


def test_sections_and_keys(file: FileAccess) -> None:
    assert file.section_of(MOTOR) is Section.CONTROL
    assert file.section_of(FAST) is Section.INSTRUMENT
    names = {"actualPosition", "targetPosition", "isMoving"}
    expected = {f"{name}.{part}" for name in names for part in ("value", "timestamp")}
    assert file.get_keys(MOTOR) == expected
    assert file.get_keys(FAST) == {
        *("data.trainId", "data.intensityTD", "data.intensitySa1TD"),
        "data.intensitySigma.x_data",
    }
    assert file.index_groups(MOTOR) == {""}
    assert file.index_groups(HITS) == {"rec"}
    for known in (False, True):
        fresh = file if known else FileAccess(file.filename)
        assert fresh.has_key(Section.CONTROL, MOTOR, "isMoving.value")
        assert not fresh.has_key(Section.CONTROL, MOTOR, "isMoving")
        assert not fresh.has_key(Section.CONTROL, MOTOR, "absent.value")


@pytest.mark.parametrize("source", ["A/B/C", "", "..", "CONTROL", MOTOR.lower(), f"{FAST}/data"])
def test_an_unknown_source_is_named(source: str, file: FileAccess) -> None:
    for ask in (file.section_of, file.get_keys, file.index_groups):
        with pytest.raises(SourceNameError, match="has no source") as caught:
            ask(source)
        assert (caught.value.file, caught.value.source) == (file.filename, source)


def test_snapshot(file: FileAccess) -> None:
    """B18: values that CONTROL lacks, and devices that stand in RUN alone."""
    assert "softLimitLow.value" in file.get_run_keys(MOTOR)
    for source, key in ((MOTOR, "softLimitLow"), (XGM, "state"), (SETTINGS, "threshold")):
        value = file.get_run_value(source, f"{key}.value")
        assert value == FILE.expected_run_value(source, key)
    assert file.get_keys(SETTINGS) == frozenset()
    assert file.get_index(SETTINGS, "")[1].tolist() == [0] * 12
    with pytest.raises(PropertyNameError, match=MOTOR) as caught:
        file.get_run_value(MOTOR, "absent.value")
    assert caught.value.key == "absent.value"
    assert file.get_run_keys("A/B/C") == frozenset()


def test_snapshot_of_every_type(tmp_path: Path) -> None:
    """B20: numbers keep their type, texts are str, arrays are arrays."""
    described = SimulatedFile((every_type(),))
    file = written(described, tmp_path)
    source = described.sources[0].name
    for key in file.get_run_keys(source):
        if key.endswith(".timestamp"):
            continue
        value, expected = file.get_run_value(source, key), described.expected_run_value(source, key)
        np.testing.assert_array_equal(value, expected)
        assert np.asarray(value).dtype == np.asarray(expected).dtype
        assert np.shape(value) == np.shape(expected)


def test_attributes(file: FileAccess) -> None:
    control = file.attributes(Section.CONTROL, MOTOR, "actualPosition.value")
    assert control["unitSymbol"] == "m"
    assert control["metricPrefixName"] == "milli"
    fast = file.attributes(Section.INSTRUMENT, FAST, "data.intensityTD")
    assert fast["unitName"] == "joule"


def test_metadata(file: FileAccess) -> None:
    about = file.metadata()
    assert about["dataFormatVersion"] == "1.2"
    assert (about["proposalNumber"], about["runNumber"], about["sequenceNumber"]) == (900000, 1, 0)
    assert about["daqLibrary"] == "1.14.0"


def test_metadata_of_the_oldest_files(tmp_path: Path) -> None:
    assert written(replace(FILE, format_version="0.5"), tmp_path).metadata() == {
        "dataFormatVersion": "0.5"
    }


def test_legacy_names(tmp_path: Path) -> None:
    """Old names are links, and not sources of their own."""
    old = "SPB_OLD_XGM/DOOCS/MAIN:output"
    described = SimulatedFile((with_legacy_name(FAST_XGM, old), motor()))
    file = written(described, tmp_path)
    assert file.legacy_sources == {old: FAST}
    assert file.instrument_sources == {FAST}
    summary = file.summary()
    assert summary.legacy_sources == {old: FAST}
    assert old in summary.instrument_sources
    again = FileAccess(file.filename, summary)
    assert again.instrument_sources == {FAST}
    assert again.is_remembered
    assert not file.is_remembered


def test_auxiliary_sources(tmp_path: Path) -> None:
    described = SimulatedFile((FAST_XGM, reduction(FAST, "data"), errata()), format_version="1.3")
    file = written(described, tmp_path)
    assert file.reduction_sources == {f"PULSE_REDUCTION/{FAST}"}
    assert file.errata_sources == {"TRAINS_OUTSIDE_BUFFER_RANGE"}
    assert file.all_sources == {FAST}
    for name in (f"PULSE_REDUCTION/{FAST}", "TRAINS_OUTSIDE_BUFFER_RANGE"):
        source = described.source(name)
        assert isinstance(source, InstrumentSource)
        group = source.groups()[0].name
        count = file.get_index(name, group)[1]
        np.testing.assert_array_equal(count, described.table(name, group).count)


def test_a_remembered_file_is_not_opened(tmp_path: Path) -> None:
    """B23: trains and sources come from the map alone."""
    path = FILE.write_in(tmp_path)
    summary = FileAccess(path).summary()
    content = path.read_bytes()
    path.write_bytes(b"x" * len(content))
    file = FileAccess(path, summary)
    assert file.train_ids.tolist() == list(range(10000, 10012))
    assert file.control_sources == {XGM, MOTOR, SETTINGS}
    assert not file.problems
    with pytest.raises(FileStructureError):
        file.get_keys(MOTOR)


def test_names_and_places(tmp_path: Path) -> None:
    described = replace(FILE, aggregator="AGIPD07", sequence=4, category="CORR")
    file = written(described, tmp_path)
    assert (file.aggregator, file.sequence, file.data_category) == ("AGIPD07", 4, "CORR")
    assert file.path == tmp_path / "CORR-R0001-AGIPD07-S00004.h5"
    other = FileAccess(described.write(tmp_path / "some.h5"))
    assert (other.aggregator, other.sequence, other.data_category) == (None, None, None)
    assert other.path_facts is None
    assert not other.is_overview


def test_files_are_values(file: FileAccess) -> None:
    """B31: the same state of the same file is the same file, here and in another process."""
    again = FileAccess(file.filename)
    assert again == file
    assert len({again, file}) == 1
    assert file != file.filename
    received = pickle.loads(pickle.dumps(file))
    assert received == file
    assert received.get_keys(MOTOR) == file.get_keys(MOTOR)
    os.utime(file.filename, ns=(1, 1))
    assert FileAccess(file.filename) != file


def test_closed_it_opens_again(file: FileAccess) -> None:
    file.get_keys(MOTOR)
    file.close()
    assert "METADATA" in file.file
    file.close()
    assert file.get_keys(FAST)


@pytest.mark.parametrize("part", ["METADATA", "INDEX", "INDEX/trainId", "METADATA/dataSources"])
def test_what_every_file_has(part: str, tmp_path: Path) -> None:
    """B10: a file without it is no EXDF file, and is named."""
    path = FILE.write_in(tmp_path)
    with h5py.File(path, "r+") as h5:
        del h5[part]
    with pytest.raises(FileStructureError, match="it is not an EXDF file") as caught:
        FileAccess(path).facts  # noqa: B018
    assert caught.value.file == str(path)


@pytest.mark.parametrize("values", [3.5, [1.5, 2.5], [[1, 2], [3, 4]], ["a", "b"], 7])
def test_train_ids_of_another_kind(values: object, tmp_path: Path) -> None:
    """B10: no list of whole numbers, no trains."""
    path = FILE.write_in(tmp_path)
    with h5py.File(path, "r+") as h5:
        del h5["INDEX/trainId"]
        h5["INDEX/trainId"] = values
    with pytest.raises(FileStructureError, match="not a list of integers"):
        FileAccess(path).facts  # noqa: B018
