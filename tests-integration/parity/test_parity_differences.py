"""Where the results differ on purpose: that the table is complete, and that ours is right."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import resource
import subprocess
import sys
import tempfile
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import extra_data.components
import h5py
import numpy as np
import pytest
import xarray as xr
from parity import key_cases, run_cases, source_cases, train_choices
from parity.cases import Case
from parity.libraries import Opened, Store, ours
from parity.makers import BY_NAME, XGM

from euxfel.core import RunDirectory
from euxfel.export import ZMQStreamer
from euxfel.export.decoding import decode
from euxfel.export.encoding import encode
from euxfel.export.source import trains_of
from euxfel.fileaccess import DataError
from euxfel.fileaccess.testing import SimulatedRun, detector_modules, motor, small_run
from euxfel.fileaccess.testing.defects import OtherFrameCount
from euxfel.validate import RunValidator

TABLE = Path(__file__).with_name("differences.toml")
FIELDS = {"id", "what", "extra_data", "euxfel", "reason", "row"}

Proof = Callable[[Store], None]
PROOFS: dict[str, Proof] = {}


def proves(id: str) -> Callable[[Proof], Proof]:
    """Register what shows that ours is right where a row of the table says it differs."""

    def register(proof: Proof) -> Proof:
        PROOFS[id] = proof
        return proof

    return register


def rows() -> list[dict[str, str]]:
    found: list[dict[str, str]] = tomllib.loads(TABLE.read_text("utf-8"))["difference"]
    return found


def known_cases() -> list[Case]:
    kinds = [
        *(key_cases.cases(n, kind) for n in range(4) for kind in ("number", "text", "record")),
        *(source_cases.cases(section) for section in ("CONTROL", "INSTRUMENT")),
        *(run_cases.of_a_key(kind, "a/b/0CH0:c", "k") for kind in ("scalar", "frames")),
        run_cases.of_the_run(),
        train_choices.cases(),
    ]
    return [case for some in kinds for case in some]


def test_rows_have_all_fields_and_unique_ids() -> None:
    assert all(row.keys() == FIELDS for row in rows())
    assert all(row[field].strip() for row in rows() for field in FIELDS - {"row"})
    assert len({row["id"] for row in rows()}) == len(rows())


def test_cases_name_rows_of_the_table() -> None:
    named = {id for case in known_cases() for id in case.differs.values()}
    assert named <= {row["id"] for row in rows()}


def test_every_row_is_proven() -> None:
    assert {row["id"] for row in rows()} == PROOFS.keys()


@pytest.mark.parametrize("id", [row["id"] for row in rows()])
def test_difference_is_right(store: Store, id: str) -> None:
    PROOFS[id](store)


def opened(store: Store, name: str) -> Opened:
    return store.get(BY_NAME[name])


def key_of(run: Opened, kind: str) -> tuple[str, str]:
    return run.recipe.keys[kind]


def printed(call: Callable[[], object]) -> str:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        call()
    return text.getvalue()


@proves("folder-order")
def _(store: Store) -> None:
    run = opened(store, "fxe-0.5").ours
    names = [Path(file.path).name for file in run.files]
    assert names == sorted(names)


@proves("counts-signed")
def _(store: Store) -> None:
    run = opened(store, "reduced_proc-1.3")
    counts = run.ours[key_of(run, "frames")].data_counts(labelled=False)
    assert counts.dtype == np.int64
    assert np.diff(counts).min() < 0


@proves("empty-labels")
def _(store: Store) -> None:
    run = opened(store, "no_trains-1.0").ours
    assert run[SA3_XGM].data_counts().index.dtype == np.uint64
    assert run.train_timestamps(labelled=True).index.dtype == np.uint64


@proves("no-trains")
def _(store: Store) -> None:
    run = opened(store, "no_trains-1.0").ours
    key = run[SA3_XGM, "beamPosition.ixPos"]
    assert [bounds.shape for bounds in key.train_index_bounds()] == [(0,), (0,)]
    assert [path.name for path in key.source_file_paths] == ["RAW-R0450-DA01-S00002.h5"]
    assert SA3_XGM in printed(lambda: run.info([SA3_XGM], counts=True))


@proves("text-by-train")
def _(store: Store) -> None:
    """B20: strings are `str`, whichever way they are read."""
    run = opened(store, "spb_raw-1.3")
    key = run.ours[key_of(run, "text")]
    expected = key.ndarray().tolist()
    assert expected[:6] == [*["OFF"] * 5, "ON"]
    assert [state for _, state in key.trains()] == expected
    assert [key.train_from_index(n)[1] for n in range(6)] == expected[:6]
    assert key.dask_array().compute().tolist() == expected


@proves("include-empty")
def _(store: Store) -> None:
    """B1: a train that one source lacks."""
    run = opened(store, "lpd_missed_train-1.0")
    key = run.ours[key_of(run, "frames")]
    found = [(int(train), data) for train, data in key.trains(include_empty=True)]
    assert [train for train, _ in found] == run.oracle.train_ids
    assert found[2][1] is None
    kept = list(key.trains(include_empty=True, keep_dims=True))
    assert kept[2][1].shape == (0, *key.entry_shape)


@proves("keep-dims-empty")
def _(store: Store) -> None:
    """B40: trains without entries."""
    run = opened(store, "sa3-1.2")
    source, name = key_of(run, "sparse")
    key = run.ours[source, name][:6]
    counts = run.oracle.counts(source, name, run.oracle.train_ids[:6])
    full = [t for t, count in zip(run.oracle.train_ids, counts, strict=False) if count]
    assert [int(train) for train, _ in key.trains(keep_dims=True)] == full
    assert all(data.shape[0] == 1 for _, data in key.trains(keep_dims=True))


@proves("lazy-records")
def _(store: Store) -> None:
    run = opened(store, "remi-1.0")
    key = run.ours[key_of(run, "record")]
    lazy = key.dask_array(labelled=True)
    assert isinstance(lazy, xr.Dataset)
    assert lazy.compute().identical(key.xarray())


@proves("lazy-labels")
def _(store: Store) -> None:
    run = opened(store, "spb_raw-0.5")
    key = run.ours[key_of(run, "vector")]
    lazy, eager = key.dask_array(labelled=True), key.xarray()
    assert lazy.name == eager.name
    assert lazy.attrs == eager.attrs == {"units": "μJ"}


@proves("timestamps-microseconds")
def _(store: Store) -> None:
    run = opened(store, "spb_raw-1.3")
    found = [time.timestamp() for time in run.ours.train_timestamps(pydatetime=True)]
    expected = [stamp // 1000 / 1e6 for stamp in run.oracle.timestamps() if stamp]
    assert found == pytest.approx(expected, abs=1e-6, rel=0)
    assert any(time.microsecond % 1000 for time in run.ours.train_timestamps(pydatetime=True))


@proves("info-text")
def _(store: Store) -> None:
    run = opened(store, "spb_raw-1.3").ours
    text = printed(lambda: run.info(group_sources=False))
    assert all(fact in text for fact in ("64", "10000", "10063", XGM, f"{XGM}:output"))


@proves("single-run")
def _(store: Store) -> None:
    run = opened(store, "fxe-0.5").ours
    assert run.select(XGM, "state").get_run_values(XGM) == run.get_run_values(XGM)
    assert run.union().is_single_run


@proves("detector-totals")
def _(store: Store) -> None:
    """B41: trains without pulses."""
    run = opened(store, "reduced_proc-1.3")
    source, name = key_of(run, "frames")
    total = sum(run.oracle.counts(source, name, run.oracle.train_ids))
    assert run.ours.detector_info(source)["total_frames"] == total


@proves("warn-no-trains")
def _(store: Store) -> None:
    run = opened(store, "fxe-0.5")
    with pytest.warns(UserWarning, match="train"):
        assert run.ours.select(*key_of(run, "empty"), require_any=True).train_ids == []


@proves("run-only")
def _(store: Store) -> None:
    """B18: a source with RUN keys only."""
    run = opened(store, "remi-1.0")
    source = run.ours["SQS_REMI_DLD6/DET/TOP"]
    assert source.is_run_only
    counts = source.data_counts()
    assert counts.index.tolist() == run.oracle.train_ids
    assert not counts.any()
    assert source.train_id_coordinates().size == 0
    assert source.run_values() == {
        "digitizer.baseline_region.timestamp": source.run_value(
            "digitizer.baseline_region.timestamp"
        ),
        "digitizer.baseline_region.value": source.run_value("digitizer.baseline_region"),
    }


@proves("alias-lists")
def _(store: Store) -> None:
    run = opened(store, "spb_raw-1.3").ours.with_aliases({"x": [XGM, "beamPosition.ixPos"]})
    assert run.alias["x"].key == "beamPosition.ixPos.value"


@proves("alias-file-missing")
def _(store: Store) -> None:
    """B51: an aliases file that is missing."""
    folder = store.path / "alias-file-missing" / "raw" / "r0001"
    folder.mkdir(parents=True)
    (folder / "RAW-R0001-DA01-S00000.h5").write_bytes(one_file(store))
    with pytest.warns(UserWarning, match="alias"):
        run = ours().open_run(folder.parents[1], 1, data="raw", aliases="{}/usr/absent.yml")
    assert XGM in run
    assert run.problems


def one_file(store: Store) -> bytes:
    made = opened(store, "spb_raw-1.3").made
    return (made / "RAW-R0238-DA01-S00000.h5").read_bytes()


@proves("order-of-suspects")
def _(store: Store) -> None:
    """B3: train IDs out of order inside a file."""
    folder = store.path / "order-of-suspects"
    folder.mkdir()
    path = folder / "RAW-R0238-DA01-S00000.h5"
    path.write_bytes(one_file(store))
    with h5py.File(path, "r+") as file:
        file["INDEX/trainId"][4:6] = 10_900, 9_000
        stored = file["INDEX/trainId"][()]
        values = file[f"CONTROL/{XGM}/beamPosition/ixPos/value"][()]
    run = quietly(lambda: ours().RunDirectory(folder))
    order = np.argsort(stored)
    key = run[XGM, "beamPosition.ixPos"]
    assert np.array_equal(key.train_id_coordinates(), stored[order])
    assert np.array_equal(key.ndarray(), values[order])


def quietly(call: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()


@proves("with-any-run")
def _(store: Store) -> None:
    with opened(store, "spb_raw-1.3").ours.select(XGM)[:3] as run:
        assert run[XGM, "beamPosition.ixPos"].shape == (3,)
    assert run[XGM, "beamPosition.ixPos"].shape == (3,)


@proves("by-id-gap")
def _(store: Store) -> None:
    """B1: trains that are absent."""
    lib, run = ours(), opened(store, "spb_raw-1.3").ours[::7]
    assert run[lib.by_id[10_005:10_020]].train_ids == [10_007, 10_014]
    assert run[lib.by_id[10_007:10_014]].train_ids == [10_007]


@proves("auxiliary-details")
def _(store: Store) -> None:
    run = opened(store, "reduced_raw-1.2").ours
    text = printed(lambda: run.info(["*"], with_auxiliary=True))
    assert "TRAINS_OUTSIDE_BUFFER_RANGE" in text


@proves("missing-sequence-counts")
def _(store: Store) -> None:
    """B2: a source that is missing from a whole sequence file."""
    folder = store.path / "missing-sequence"
    folder.mkdir()
    made = opened(store, "spb_raw-1.3").made
    for path in made.glob("*DA01*"):
        (folder / path.name).write_bytes(path.read_bytes())
    second = folder / "RAW-R0238-DA01-S00001.h5"
    with h5py.File(second, "r+") as file:
        listed = file["METADATA/dataSources/dataSourceId"]
        listed[0] = b"CONTROL/SPB_OTHER/DEV/1"
        file.move(f"CONTROL/{XGM}", "CONTROL/SPB_OTHER/DEV/1")
        file.move(f"INDEX/{XGM}", "INDEX/SPB_OTHER/DEV/1")
        file.move(f"RUN/{XGM}", "RUN/SPB_OTHER/DEV/1")
    run = quietly(lambda: ours().RunDirectory(folder))
    expected = [1] * 32 + [0] * 32
    for item in (run[XGM], run[XGM, "state"]):
        assert item.data_counts().tolist() == expected
        assert item.data_counts(labelled=False).tolist() == expected
        assert len(item.drop_empty_trains().train_ids) == 32


@proves("require-any")
def _(store: Store) -> None:
    """The n-th train of the last file, chosen alone."""
    run = opened(store, "spb_raw-1.3")
    chosen = [x[-1:].select(XGM, require_any=True).train_ids for x in (run.theirs, run.ours)]
    assert len(chosen[0]) > 1
    assert chosen[1] == run.ours.train_ids[-1:]


@proves("union-of-trains")
def _(store: Store) -> None:
    """One train of the first file, and another source in all trains."""
    run = opened(store, "spb_raw-1.3")
    key, module = (XGM, "beamPosition.ixPos"), "*/DET/0CH0:xtdf"
    theirs, mine = (x[:1].union(x.select(module))[key] for x in (run.theirs, run.ours))
    assert theirs.shape[0] < len(run.ours.train_ids)
    np.testing.assert_array_equal(mine.ndarray(), run.ours[key].ndarray())


@proves("overlapping-files")
def _(store: Store) -> None:
    """B48: overlapping trains in two files of one source."""
    folder = store.path / "overlapping-files"
    folder.mkdir()
    made = opened(store, "spb_raw-1.3").made
    for path in made.glob("*DA01*"):
        (folder / path.name).write_bytes(path.read_bytes())
    later = folder / "RAW-R0238-DA01-S00001.h5"
    with h5py.File(later, "r+") as file:
        file["INDEX/trainId"][0] = 10_031
        value = file[f"CONTROL/{XGM}/beamPosition/ixPos/value"][0]
    run = quietly(lambda: ours().RunDirectory(folder))
    key = run[XGM, "beamPosition.ixPos"]
    assert key.train_from_id(10_031) == (10_031, value)
    assert key.data_counts().loc[10_031] == 1
    assert any(10_031 in problem.trains for problem in run.problems)


@proves("unusable-files")
def _(store: Store) -> None:
    """B10: METADATA missing in one file."""
    folder = store.path / "unusable-files"
    folder.mkdir()
    (folder / "RAW-R0238-DA01-S00000.h5").write_bytes(one_file(store))
    bad = folder / "RAW-R0238-DA01-S00001.h5"
    bad.write_bytes(b"not HDF5")
    with pytest.warns(UserWarning, match=r"problem|file"):
        run = ours().RunDirectory(folder)
    assert [problem.file for problem in run.problems] == [str(bad)]
    (folder / "RAW-R0238-DA01-S00000.h5").unlink()
    with pytest.raises(OSError, match=bad.name):
        quietly(lambda: ours().RunDirectory(folder))


@proves("plot-rows")
def _(store: Store) -> None:
    """B40: trains without pulses."""
    run = opened(store, "reduced_proc-1.3")
    source, name = key_of(run, "frames")
    saved = sum(count > 0 for count in run.oracle.counts(source, name, run.oracle.train_ids))
    missing = run.ours.missing_data()
    assert missing.n_saved.tolist() == [saved]
    assert len(missing.sources[0]) == 16


@proves("missing-proposal")
def _(store: Store) -> None:
    with pytest.raises(FileNotFoundError, match="99"):
        ours().open_run(99, 1)


@proves("process-limits")
def _(store: Store) -> None:
    """B32: importing the package changes no process limit."""
    code = (
        "import resource; before = resource.getrlimit(resource.RLIMIT_NOFILE); "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1])); import euxfel.core; "
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "64"
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 0


SA3_XGM = "SA3_XTD10_XGM/XGM/DOOCS"


def two_detectors(store: Store) -> list[Any]:
    run = opened(store, "agipd500k-1.0")
    return [
        importlib.import_module(module).AGIPD500K(data[:2], raw=True)
        for module, data in (("extra_data.components", run.theirs), ("euxfel.components", run.ours))
    ]


@proves("pulse-order")
def pulse_order(store: Store) -> None:
    theirs, mine = (det["image.status"].select_pulses([3, 1]) for det in two_detectors(store))
    assert theirs.pulse_id_coordinates()[:2].tolist() == mine.pulse_id_coordinates()[1::-1].tolist()
    every = two_detectors(store)[1]["image.status"].ndarray()
    np.testing.assert_array_equal(mine.ndarray()[:, :2], every[:, [3, 1]])


@proves("frame-counts")
def frame_counts(store: Store) -> None:
    with tempfile.TemporaryDirectory() as folder:
        modules = detector_modules("SPB_DET_AGIPD1M-1", 4, modules=(2, 3), module_shape=(4, 4))
        source = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"
        more = OtherFrameCount(aggregator="AGIPD03", source=source, frames=6)
        SimulatedRun(modules).with_defect(more).write_flat(folder)
        with pytest.raises(ValueError, match="Inconsistent frame counts"):
            extra_data.components.AGIPD1M(extra_data.RunDirectory(folder), raw=True)
        det = importlib.import_module("euxfel.components").AGIPD1M(
            ours().RunDirectory(folder), raw=True
        )
        assert det.data_availability().sum(axis=1).tolist() == [80, 120]
        assert [p.source for p in det.problems] == [source]


@proves("parallel-gain-trains")
def parallel_gain_trains(store: Store) -> None:
    run = opened(store, "lpd_parallel_gain-1.0")
    lpd = importlib.import_module("euxfel.components").LPD1M
    det = lpd(run.ours[:2], raw=True, parallel_gain=True)
    whole = det.get_array("image.status", np.s_[1:3])
    for number, (_, data) in enumerate(det.trains(pulses=np.s_[1:3])):
        by_train = data["image.status"]
        assert by_train.gain.values.tolist() == [0, 1, 2]
        np.testing.assert_array_equal(by_train.values[:, 0], whole.values[:, number])


@proves("detector-dask-type")
def detector_dask_type(store: Store) -> None:
    theirs, mine = (det["image.status"].dask_array(astype="f4") for det in two_detectors(store))
    assert (theirs.dtype, theirs.compute().dtype) == (np.dtype("u2"), np.dtype("f4"))
    assert mine.dtype == mine.compute().dtype == np.dtype("f4")


@proves("old-names")
def old_names(store: Store) -> None:
    run = opened(store, "modern_proc-1.2")
    mine = run.ours
    assert set(mine.legacy_sources) == set(run.theirs.legacy_sources)
    assert not mine.instrument_sources & set(mine.legacy_sources)
    present = set(mine.legacy_sources.values())
    assert mine.instrument_sources == run.oracle.instrument_sources - set(mine.legacy_sources)
    source = min(present)
    old = next(name for name, new in mine.legacy_sources.items() if new == source)
    assert old in run.theirs.deselect(source)
    assert old not in mine.deselect(source)


@proves("dataframe-one-column")
def dataframe_one_column(store: Store) -> None:
    run = opened(store, "modern_proc-1.2")
    fields = [("*", "header.trainId")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs = run.theirs.get_dataframe(fields).columns
    mine = run.ours.get_dataframe(fields).columns
    assert len(theirs) == 2 * len(mine)
    assert {name.rpartition("/")[0] for name in mine} == set(run.ours.legacy_sources.values())


@proves("write-overwrites")
def write_overwrites(store: Store) -> None:
    run = opened(store, "flat_name-0.5")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kept.h5")
        path.write_bytes(b"old")
        with pytest.raises(FileExistsError, match="overwrite=True"):
            run.ours.write(str(path))
        assert path.read_bytes() == b"old"
        run.ours.write(str(path), overwrite=True)
        assert path.read_bytes()[:4] == b"\x89HDF"
        run.theirs.write(str(path))


@proves("write-keeps")
def write_keeps(store: Store) -> None:
    run = opened(store, "reduced_raw-1.2")
    ixpos = f"CONTROL/{XGM}/beamPosition/ixPos"
    with tempfile.TemporaryDirectory() as folder:
        for library, name in ((run.theirs, "theirs.h5"), (run.ours, "mine.h5")):
            library.select("*XGM*").write(f"{folder}/{name}")
        with h5py.File(f"{folder}/theirs.h5") as theirs, h5py.File(f"{folder}/mine.h5") as mine:
            assert set(mine) - set(theirs) == {"RUN", "ERRATA", "provenance"}
            assert not theirs[ixpos].attrs
            wanted = run.ours[XGM, "beamPosition.ixPos"].attributes()
            assert dict(mine[ixpos].attrs) == wanted
            assert wanted
        assert ours().H5File(f"{folder}/mine.h5")[XGM].run_values() == run.ours[XGM].run_values()


@proves("write-suspect-trains")
def write_suspect_trains(store: Store) -> None:
    def counts(library: Any, folder: str, name: str) -> list[int]:
        run = library.RunDirectory(f"{folder}/run")
        run.write(f"{folder}/{name}")
        trusted = {"inc_suspect_trains": False}
        found = library.H5File(f"{folder}/{name}", **trusted)
        return [
            len(library.RunDirectory(f"{folder}/run", **trusted).train_ids),
            len(found.train_ids),
        ]

    source = {"DA01": (motor(),)}
    described = SimulatedRun(
        source, [10000, 10001, 5, 10003], format_version="0.5", suspect=frozenset({5})
    )
    with tempfile.TemporaryDirectory() as folder:
        described.write_flat(f"{folder}/run")
        assert quietly(lambda: counts(extra_data, folder, "theirs.h5")) == [3, 4]
        assert quietly(lambda: counts(ours(), folder, "mine.h5")) == [3, 3]


@proves("write-frames-absent")
def write_frames_absent(store: Store) -> None:
    theirs, mine = two_detectors(store)
    train = mine.train_ids[0]
    trains, pulses = np.array([train, train]), np.array([3, 99999])
    with tempfile.TemporaryDirectory() as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            theirs.write_frames(f"{folder}/theirs.h5", trains, pulses)
        with pytest.warns(UserWarning, match=f"1 of 2 frames .* train {train}, pulse 99999"):
            mine.write_frames(f"{folder}/mine.h5", trains, pulses)


@proves("virtual-missing-file")
def virtual_missing_file(store: Store) -> None:
    motors = SimulatedRun({"DA01": (motor(),)}, range(10000, 10004))
    with tempfile.TemporaryDirectory() as folder:
        run = ours().RunDirectory(motors.write(f"{folder}/run").path)
        [source] = run.all_sources
        path = f"{folder}/virtual.h5"
        run.write_virtual(path)
        [file] = run.files
        Path(file.filename).unlink()
        assert not extra_data.H5File(path)[source, "actualPosition"].ndarray().any()
        with pytest.raises(DataError, match=Path(file.filename).name):
            ours().H5File(path)[source, "actualPosition"].ndarray()


def validated(path: Path, **options: Any) -> tuple[list[Any], list[Any]]:
    """What each library finds wrong with a run."""
    theirs = importlib.import_module("extra_data.validation").RunValidator(str(path)).run_checks()
    return theirs, RunValidator(path, **options).run_checks()


@proves("validate-padding")
def _(store: Store) -> None:
    with tempfile.TemporaryDirectory() as folder:
        theirs, found = validated(small_run().write(folder).path, isolate=False)
    assert any("wrong number of entries" in problem["msg"] for problem in theirs)
    assert found == []


@proves("validate-apart")
def _(store: Store) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = small_run().write(folder).path
        # A pipe without a writer: whoever opens it waits.
        os.mkfifo(run / "RAW-R0001-DA09-S00000.h5")
        found = RunValidator(run, deadline=5).run_checks()
    assert [Path(problem.file or "").name for problem in found] == ["RAW-R0001-DA09-S00000.h5"]


@proves("validate-flags")
def _(store: Store) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = SimulatedRun({"DA01": (motor(),)}, range(10000, 10008), suspect=frozenset({10003}))
        theirs, found = validated(run.write(folder).path, isolate=False)
    assert not any("10003" in str(problem) for problem in theirs)
    assert [(problem.check, problem.trains) for problem in found] == [("train_flags", (10003,))]


@proves("stream-loopback")
def _(store: Store) -> None:
    with ZMQStreamer(0) as streamer:
        assert streamer.endpoint.startswith("tcp://127.0.0.1:")


def sent(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the real client makes of a train, and what ours makes of it."""
    message = encode({"a": {**values, "metadata": {"timestamp.tid": 1}}})
    parts = [bytes(part) for part in message.parts]
    theirs, _ = importlib.import_module("karabo_bridge.serializer").deserialize(parts)
    return theirs["a"], decode(parts).data["a"]


@proves("stream-text")
def _(store: Store) -> None:
    names = np.array(["one", "two"], object)
    train = {"a": {"names": names}}
    importlib.import_module("extra_data.export")._drop_object_arrays(train)
    assert train == {"a": {}}
    theirs, found = sent({"names": names})
    assert theirs["names"] == ["one", "two"]
    assert found["names"].tolist() == ["one", "two"]


@proves("stream-structured")
def _(store: Store) -> None:
    records = np.array([(1, 2.5)], [("n", "i4"), ("x", "f8")])
    theirs, found = sent({"records": records})
    assert theirs["records"].tobytes() == records.tobytes()
    np.testing.assert_array_equal(found["records"], records)


@proves("stream-times")
def _(store: Store) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory(small_run().write(folder).path)
        train = next(trains_of(run))
        time = int(run.train_timestamps()[0].astype("datetime64[ns]").astype(np.int64))
    metadata = next(iter(train.metadata.values()))
    assert int(metadata["timestamp.sec"]) == time // 10**9
    assert int(metadata["timestamp.frac"]) == time % 10**9 * 10**9
