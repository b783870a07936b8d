"""What is written of a run reads as the run: data, counts, attributes, RUN, metadata."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from euxfel.core import DataCollection, H5File, RunDirectory, by_id
from euxfel.fileaccess import DataError, FileStructureError, TargetExistsError, WriteError
from euxfel.fileaccess.testing import (
    FORMAT_VERSIONS,
    SimulatedRun,
    defects,
    detector_modules,
    errata,
    every_type,
    motor,
    reduction,
    run_only,
    small_run,
    xgm,
)
from euxfel.writer import FileWriter, verify


def detector_run() -> SimulatedRun:
    """Two modules whose frames are compressed, in files of 7 trains, each lacking one."""
    modules = detector_modules(
        "SPB_DET_AGIPD1M-1",
        5,
        corrected=True,
        modules=range(2),
        module_shape=(32, 16),
        old_names=True,
    )
    return SimulatedRun(modules, range(10000, 10020), 7, missing={"AGIPD01": (10004,)})


RUNS = {
    "small": small_run(),
    "detector": detector_run(),
    "types": SimulatedRun({"DA01": (every_type(),)}, trains_per_file=8),
    "run only": SimulatedRun({"DA01": (*xgm(), run_only())}),
    "old names": SimulatedRun(
        detector_modules("SPB_DET_AGIPD1M-1", 2, corrected=True, modules=[3], module_shape=(8, 4)),
        trains_per_file=6,
    ),
    "raw": SimulatedRun(
        detector_modules("SPB_DET_AGIPD1M-1", (2, 0, 3), modules=[3], module_shape=(8, 4)),
        trains_per_file=6,
    ),
    "auxiliary": SimulatedRun(
        {"DA01": (*xgm(), reduction("SPB_XTD9_XGM/DOOCS/MAIN:output"), errata())},
        trains_per_file=6,
        format_version="1.3",
    ),
    "suspect": SimulatedRun(
        {"DA01": (*xgm(), motor())}, suspect=frozenset({10003}), trains_per_file=12
    ),
    "unordered": SimulatedRun({"DA01": xgm()}, train_ids=[10003, 10001, 10002, 10000, 10004]),
    "no trains": SimulatedRun({"DA01": (*xgm(), motor())}, train_ids=[]),
    **{
        f"format {version}": SimulatedRun(
            {"DA01": (*xgm(), motor())}, trains_per_file=7, format_version=version
        )
        for version in FORMAT_VERSIONS
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def runs(folder: Path) -> Iterator[dict[str, DataCollection]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = {
            name: RunDirectory(run.write(folder / name.replace(" ", "_")).path)
            for name, run in RUNS.items()
        }
        yield opened


def assert_same(found: DataCollection, expected: DataCollection) -> None:
    """Everything that can be asked of two collections is answered alike."""
    assert found.train_ids == expected.train_ids
    assert found.all_sources == expected.all_sources
    assert found.legacy_sources == expected.legacy_sources
    np.testing.assert_array_equal(found.train_timestamps(), expected.train_timestamps())
    np.testing.assert_array_equal(found.suspect_train_ids, expected.suspect_train_ids)
    if expected.files:
        about, wanted = found.run_metadata(), expected.run_metadata()
        del about["dataFormatVersion"], wanted["dataFormatVersion"]
        assert about == wanted
    for name in expected.all_sources - expected.legacy_sources.keys():
        assert_same_source(found[name], expected[name])
    assert found.auxiliary.all_sources == expected.auxiliary.all_sources
    for name in expected.auxiliary.all_sources:
        assert_same_source(found.auxiliary[name], expected.auxiliary[name])


def assert_same_source(found: Any, expected: Any) -> None:
    assert found.keys() == expected.keys()
    if expected.is_control:
        assert_same_values(found.run_values(), expected.run_values())
    for name in sorted(expected.keys()):
        one, other = found[name], expected[name]
        data, wanted = one.ndarray(), other.ndarray()
        assert data.dtype == wanted.dtype
        np.testing.assert_array_equal(data, wanted)
        np.testing.assert_array_equal(
            one.data_counts(labelled=False), other.data_counts(labelled=False)
        )
        assert_same_values(one.attributes(), other.attributes())


def assert_same_values(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)


@pytest.mark.parametrize("name", RUNS)
def test_a_whole_run_reads_as_before(
    runs: dict[str, DataCollection], name: str, tmp_path: Path
) -> None:
    runs[name].write(str(tmp_path / "all.h5"), verify=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same(H5File(tmp_path / "all.h5"), runs[name])


@pytest.mark.parametrize("name", ["small", "detector", "old names"])
def test_sequence_files_read_as_before(
    runs: dict[str, DataCollection], name: str, tmp_path: Path
) -> None:
    runs[name].write(str(tmp_path / "run"), sequence_trains=6)
    assert len(os.listdir(tmp_path / "run")) == 4
    assert_same(RunDirectory(tmp_path / "run"), runs[name])


trains = st.one_of(
    st.builds(slice, st.integers(0, 20), st.integers(0, 20), st.integers(1, 4)),
    st.lists(st.integers(0, 19), min_size=1, max_size=20, unique=True).map(sorted),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(trains=trains, compression=st.sampled_from([None, "gzip", 4, "none"]),
       rows=st.sampled_from([None, 1, 3, 64]))  # fmt: skip
def test_any_selection_of_trains_reads_as_selected(
    runs: dict[str, DataCollection],
    tmp_path_factory: pytest.TempPathFactory,
    trains: Any,
    compression: Any,
    rows: int | None,
) -> None:
    """Chunks passed on and chunks made anew are mixed in every way."""
    path = tmp_path_factory.mktemp("out") / "some.h5"
    selected = runs["detector"].select("*", "image.*").select_trains(trains)
    chunks = {} if rows is None else {"*": rows}
    selected.write(str(path), compression=compression, chunks=chunks, verify=True)
    assert_same(H5File(path), selected)


def test_chunks_whose_rows_are_all_taken_are_the_bytes_they_were(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    run = runs["detector"].select("*/0CH0:xtdf", "image.data")
    run.write(str(tmp_path / "all.h5"))
    path = "INSTRUMENT/SPB_DET_AGIPD1M-1/DET/0CH0:xtdf/image/data"

    def chunks(files: list[Path]) -> list[bytes]:
        found = []
        for name in files:
            with h5py.File(name) as file:
                data = file[path].id
                offsets = [
                    data.get_chunk_info(i).chunk_offset for i in range(data.get_num_chunks())
                ]
                found += [data.read_direct_chunk(o)[1] for o in offsets]
        return found

    before = chunks([f.path for f in run.files])
    assert len(before) > 10
    assert chunks([tmp_path / "all.h5"]) == before


def test_pulses_can_be_chosen_by_position(runs: dict[str, DataCollection], tmp_path: Path) -> None:
    run = runs["detector"]
    run.write(str(tmp_path / "some.h5"), pulses=np.s_[::2], verify=True)
    found, source = H5File(tmp_path / "some.h5"), "SPB_DET_AGIPD1M-1/DET/0CH0:xtdf"
    whole = run[source, "image.data"].ndarray()
    np.testing.assert_array_equal(
        found[source, "image.data"].ndarray(),
        whole.reshape(20, 5, *whole.shape[1:])[:, ::2].reshape(-1, *whole.shape[1:]),
    )
    assert found[source, "image.pulseId"].data_counts(labelled=False).tolist() == [3] * 20


def test_pulses_can_be_chosen_by_id(runs: dict[str, DataCollection], tmp_path: Path) -> None:
    run, source = runs["detector"], "SPB_DET_AGIPD1M-1/DET/1CH0:xtdf"
    ids = run[source, "image.pulseId"].ndarray().ravel()
    wanted = sorted(set(ids.tolist()))[1:3]
    run.write(str(tmp_path / "some.h5"), pulses=by_id[wanted])
    found = H5File(tmp_path / "some.h5")
    whole = run[source, "image.data"].ndarray()
    np.testing.assert_array_equal(
        found[source, "image.data"].ndarray(), whole[np.isin(ids, wanted)]
    )
    assert (
        found[source, "image.data"].data_counts(labelled=False).tolist() == [2] * 4 + [0] + [2] * 15
    )


def test_a_region_a_type_and_decimals_only_where_asked(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    run, source = runs["detector"].select("*/0CH0:xtdf"), "SPB_DET_AGIPD1M-1/DET/0CH0:xtdf"
    run.write(
        str(tmp_path / "some.h5"),
        roi={("*:xtdf", "image.data"): np.s_[4:20, ::2]},
        dtype={("*:xtdf", "image.data"): "f8"},
        decimals={("*", "image.data"): 1},
        verify=True,
    )
    found, whole = H5File(tmp_path / "some.h5"), run[source, "image.data"].ndarray()
    np.testing.assert_array_equal(
        found[source, "image.data"].ndarray(), np.round(whole[:, 4:20, ::2], 1).astype("f8")
    )
    np.testing.assert_array_equal(
        found[source, "image.mask"].ndarray(), run[source, "image.mask"].ndarray()
    )


def test_an_option_about_nothing_is_an_error(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="'NO_SUCH' matches nothing"):
        runs["small"].write(str(tmp_path / "x.h5"), roi={"NO_SUCH": np.s_[:3]})
    with pytest.raises(ValueError, match="compression is"):
        runs["small"].write(str(tmp_path / "x.h5"), compression="zip")
    assert not os.listdir(tmp_path)


def test_compression_makes_it_smaller_and_none_larger(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    for name in ("none", "gzip"):
        runs["detector"].write(str(tmp_path / name), compression=name)
    assert (tmp_path / "gzip").stat().st_size < (tmp_path / "none").stat().st_size * 0.8


def test_an_input_of_the_run_is_refused(tmp_path: Path) -> None:
    """F2: the output path is an input file of the run."""
    run = RunDirectory(small_run().write(tmp_path).path)
    path = run.files[0].path
    before = path.read_bytes()
    (tmp_path / "link.h5").symlink_to(path)
    for name in (path, tmp_path / "link.h5"):
        with pytest.raises(WriteError, match="never overwritten"):
            run.write(str(name), overwrite=True)
    assert path.read_bytes() == before


def test_an_existing_file_is_kept_unless_it_may_be_overwritten(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    path = tmp_path / "old.h5"
    path.write_bytes(b"old")
    with pytest.raises(TargetExistsError):
        runs["small"].write(str(path))
    assert path.read_bytes() == b"old"
    runs["small"].write(str(path), overwrite=True)
    assert_same(H5File(path), runs["small"])


@pytest.mark.parametrize("name", defects.CASES)
def test_a_defect_is_an_error_before_the_target_is_touched_or_reads_as_before(
    tmp_path: Path, name: str
) -> None:
    """R1 to R8, B1 to B48: out-of-order and duplicate trains, changed types, damage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            run = RunDirectory(defects.CASES[name].run.write(tmp_path / "run").path)
        except OSError:
            # Nothing of it can be opened.
            return
        path = tmp_path / "old.h5"
        path.write_bytes(b"old")
        try:
            run.write(str(path), overwrite=True, verify=True)
        except (DataError, FileStructureError):
            assert path.read_bytes() == b"old"
            assert sorted(os.listdir(tmp_path)) == ["old.h5", "run"]
        else:
            assert_same(H5File(path), run)


def test_the_peers_way_to_call_it(runs: dict[str, DataCollection], tmp_path: Path) -> None:
    with FileWriter(tmp_path / "x.h5", runs["small"]) as writer:
        writer.write()
    assert_same(H5File(tmp_path / "x.h5"), runs["small"])


def test_provenance_tells_files_and_options(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    run = runs["small"].select("*XGM*", "data.*")
    run.write(str(tmp_path / "x.h5"), compression="gzip")
    with h5py.File(tmp_path / "x.h5") as file:
        about = file["provenance"]
        assert [Path(p.decode()) for p in about["files/paths"]] == [f.path for f in run.files]
        assert about["files/sizes"][:].tolist() == [f.path.stat().st_size for f in run.files]
        assert "'gzip'" in about.attrs["options"]
        assert b"INSTRUMENT/SPB_XTD9_XGM/DOOCS/MAIN:output/data/intensityTD" in list(
            about["selection"]
        )
    run.write(str(tmp_path / "y.h5"), provenance=False)
    with h5py.File(tmp_path / "y.h5") as file:
        assert "provenance" not in file


def test_progress_goes_to_the_end(runs: dict[str, DataCollection], tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    runs["detector"].write(
        str(tmp_path / "x.h5"), progress=lambda done, total: seen.append((done, total))
    )
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_digest_notices_any_byte_that_changes(
    runs: dict[str, DataCollection], tmp_path: Path
) -> None:
    """R3: files written with a manifest: nothing is wrong in silence."""
    path = tmp_path / "x.h5"
    runs["small"].select("*MOTOR*").write(str(path), manifest=True)
    verify(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    places = {*rng.integers(0, len(whole), 300).tolist(), *range(len(whole) - 60, len(whole))}
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        with pytest.raises((DataError, OSError)):
            verify(path)
    for length in (0, 1, 20, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(OSError, match="no digests"):
            verify(path)
