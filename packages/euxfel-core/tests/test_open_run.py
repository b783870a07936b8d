"""Runs by proposal and run number: which folders are read, and what may be missing."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.core import (
    DataProblemWarning,
    FileStructureError,
    ProblemsError,
    RunDirectory,
    RunNotFoundError,
    open_run,
)
from euxfel.fileaccess.testing import SimulatedRun, camera, motor, xgm

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CORRECTED = "SPB_CORR/MOTOR/Y"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
PIXELS = "data.image.pixels"
RAW = SimulatedRun({"DA01": (*xgm(), motor()), "DA02": camera()}, proposal=2012, run=243)
# Other trains, so that what was read tells where it came from.
PROC = replace(
    RAW,
    aggregators={"DA02": camera(), "DA03": (motor(CORRECTED),)},
    train_ids=range(10002, 10022),
    category="CORR",
)
RAW_SOURCES = {MOTOR, "SPB_XTD9_XGM/DOOCS/MAIN", CAMERA, CAMERA.partition(":")[0]}
RAW_SOURCES |= {"SPB_XTD9_XGM/DOOCS/MAIN:output"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Run 243 is raw and corrected, 244 raw, 245 raw with an empty folder, 246 elsewhere."""
    root = tmp_path_factory.mktemp("root")
    RAW.write(root)
    PROC.write(root)
    for number in (244, 245):
        replace(RAW, run=number).write(root)
    replace(PROC, run=245).path_under(root).mkdir()
    replace(PROC, run=246, category="CAL", folder="scratch/mine").write(root)
    return root


@pytest.fixture(autouse=True)
def data_root(root, monkeypatch):
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(root))


def folders(run):
    return {f.path_facts.folder for f in run.files}


def folder_of(run, source):
    return run[source].storage_class


@pytest.mark.parametrize(
    "proposal", [2012, "2012", "p002012", "002012", np.int64(2012), np.uint16(2012)]
)
@pytest.mark.parametrize("number", [243, "r0243"])
def test_proposal_by_number(proposal, number):
    run = open_run(proposal, number, "raw")
    assert (run.proposal, run.number, folders(run)) == (2012, 243, {"raw"})


@pytest.mark.parametrize("form", [str, Path])
def test_proposal_by_folder(root, form, monkeypatch):
    monkeypatch.delenv("EXTRA_DATA_DATA_ROOT")
    run = open_run(form(root / "SPB/202601/p002012"), np.int32(243))
    assert run.proposal == 2012


@pytest.mark.parametrize("number", [243, "243", "0243", "r0243", np.uint8(243), np.int64(243)])
def test_run_forms(number):
    assert open_run(2012, number, "raw").number == 243


@pytest.mark.parametrize(
    ("data", "camera_from", "sources"),
    [
        ("default", "raw", RAW_SOURCES | {CORRECTED}),
        ("all", "proc", RAW_SOURCES | {CORRECTED}),
        ("raw", "raw", RAW_SOURCES),
        ("proc", "proc", {CORRECTED, CAMERA, CAMERA.partition(":")[0]}),
        (["raw"], "raw", RAW_SOURCES),
        (["raw", "proc"], "proc", RAW_SOURCES | {CORRECTED}),
        (("proc", "raw"), "raw", RAW_SOURCES | {CORRECTED}),
    ],
)
def test_folders_and_which_of_them_wins(data, camera_from, sources):
    run = open_run(2012, 243, data)
    assert run.all_sources == sources
    assert folder_of(run, CAMERA) == camera_from
    assert run.is_single_run
    described = RAW if camera_from == "raw" else PROC
    kd = run[CAMERA, PIXELS]
    expected = described.expected(CAMERA, PIXELS, kd.drop_empty_trains().train_ids)
    np.testing.assert_array_equal(kd.ndarray(), expected)
    assert len(expected) == 20


def test_trains_of_all_folders_are_there():
    """B1: a source has no data in trains that only the other folder has."""
    run = open_run(2012, 243)
    assert run.train_ids == list(range(10000, 10022))
    assert run[MOTOR].data_counts(labelled=False).tolist() == [1] * 20 + [0] * 2
    assert run[CORRECTED].data_counts(labelled=False).tolist() == [0] * 2 + [1] * 20


def test_another_folder_of_the_proposal():
    run = open_run(2012, 246, "scratch/mine")
    assert run[CORRECTED].data_category == "CAL"


def test_processed_data_may_be_absent():
    """No warning and no problem: most runs have no processed data at first."""
    run = open_run(2012, 244, strict=True)
    assert run.all_sources == RAW_SOURCES
    assert not run.problems


@pytest.mark.parametrize("data", ["all", ["raw", "proc"], ["raw", "nope"]])
def test_absent_data_that_was_asked_for_is_a_warning(data):
    """B28: never raw in place of corrected in silence."""
    with pytest.warns(UserWarning, match="no '(proc|nope)' data: no run folder"):
        run = open_run(2012, 244, data)
    assert run.all_sources == RAW_SOURCES


@pytest.mark.parametrize(
    ("number", "data"),
    [
        (244, "proc"),
        (245, "proc"),
        (244, ["proc", "raw"]),
        (246, "default"),
        (246, "all"),
        (243, "nope"),
        (243, ["nope", "raw"]),
        (999, "raw"),
    ],
)
def test_absent_data_that_is_needed_is_an_error(number, data):
    with pytest.raises(FileNotFoundError) as caught:
        open_run(2012, number, data)
    assert isinstance(caught.value, RunNotFoundError)
    assert f"r0{number}" in str(caught.value)


def test_unknown_proposal():
    with pytest.raises(FileNotFoundError, match="p002013"):
        open_run(2013, 1)


@pytest.mark.parametrize(
    ("proposal", "number", "data"),
    [("abc", 1, "raw"), (2012, "x", "raw"), (2012, 243, []), (2012, 243, "../raw")],
)
def test_names_that_are_none(proposal, number, data):
    with pytest.raises(ValueError, match=r"abc|'x'|no folder"):
        open_run(proposal, number, data)


def test_empty_folder_is_as_none_with_a_note():
    """B26: an empty ``proc`` folder."""
    run = open_run(2012, 245)
    assert run.all_sources == RAW_SOURCES
    assert [(p.kind, p.file.endswith("proc/r0245")) for p in run.problems] == [
        ("missing-data", True)
    ]
    assert "folder for 'proc' data is empty" in repr(run.problems)
    with pytest.raises(ProblemsError, match="'proc' data is empty"):
        open_run(2012, 245, strict=True)


def test_folder_left_out_by_pattern_is_no_problem():
    """What a user left out is not missing."""
    run = open_run(2012, 243, include="*DA01*")
    assert folders(run) == {"raw"}
    assert not run.problems


def test_all_raw_sources_also_processed(tmp_path, monkeypatch):
    """B27: nothing of raw is left, or nothing of proc."""
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(tmp_path))
    RAW.write(tmp_path)
    replace(RAW, category="CORR").write(tmp_path)
    assert folders(open_run(2012, 243)) == {"raw"}
    run = open_run(2012, 243, "all")
    assert folders(run) == {"proc"}
    assert run[MOTOR, "actualPosition"].ndarray().shape == (20,)
    assert run.train_ids == list(range(10000, 10020))


@pytest.fixture
def broken_proc(tmp_path, monkeypatch):
    """Raw data with corrected files of which none can be used."""
    monkeypatch.setenv("EXTRA_DATA_DATA_ROOT", str(tmp_path))
    RAW.write(tmp_path)
    for path in PROC.write(tmp_path).paths:
        with h5py.File(path, "r+") as h5:
            del h5["METADATA"]


@pytest.mark.usefixtures("broken_proc")
def test_unusable_folder_is_left_out_with_a_warning():
    """B10: a defect of the corrected files does not keep the raw ones from being used."""
    with pytest.warns(DataProblemWarning, match="'proc' data is left out.*METADATA"):
        run = open_run(2012, 243)
    assert run.all_sources == RAW_SOURCES
    (problem,) = run.problems
    assert problem.kind == "unusable-file"
    assert all(f"CORR-R0243-DA0{i}-S00000.h5" in problem.message for i in (2, 3))
    with pytest.raises(ProblemsError, match="METADATA"):
        open_run(2012, 243, strict=True)
    with pytest.raises(FileStructureError, match="none of 2 files"):
        open_run(2012, 243, "proc")


# ---- files that are not to be touched ---------------------------------------------------------


def test_filtered_files_are_never_touched(tmp_path):
    """B44: a file that would be a problem if it were looked at, and would show the time of it."""
    written = RAW.write(tmp_path)
    hidden = written.path / "RAW-R0243-DA09-S00000.h5"
    hidden.symlink_to(tmp_path / "target")
    (tmp_path / "target").write_bytes(b"not for reading")
    before = (tmp_path / "target").stat().st_atime_ns
    run = RunDirectory(
        written.path, file_filter=lambda paths: [p for p in paths if "DA09" not in p]
    )
    assert hidden.name not in {f.path.name for f in run.files}
    assert not run.problems
    assert (tmp_path / "target").stat().st_atime_ns == before


def test_file_filter_is_asked_once_with_all_paths(root):
    asked = []

    def keep(paths):
        asked.append(list(paths))
        return [p for p in paths if "DA01" in p]

    run = open_run(2012, 243, "raw", file_filter=keep)
    assert [len(paths) for paths in asked] == [2]
    assert {f.aggregator for f in run.files} == {"DA01"}


def test_pipes_beside_the_files_are_not_opened(tmp_path):
    """F3: nothing waits for a pipe with the name of a data file."""
    written = RAW.write(tmp_path)
    os.mkfifo(written.path / "RAW-R0243-DA09-S00000.h5")
    with pytest.warns(DataProblemWarning, match="a named pipe"):
        run = RunDirectory(written.path)
    assert [p.kind for p in run.problems] == ["skipped-file"]


# ---- aliases ----------------------------------------------------------------------------------

ALIASES = {"sample-x": (MOTOR, "actualPosition")}


def test_aliases_as_a_dictionary():
    run = open_run(2012, 243, aliases=ALIASES)
    assert run.alias["sample-x"].source == MOTOR
    assert open_run(2012, 243, aliases=None).alias.__str__().endswith("with 0 aliases>")


def test_aliases_of_the_proposal(root):
    """The default file, and another by a pattern or path."""
    folder = root / "SPB/202601/p002012/usr"
    folder.mkdir(exist_ok=True)
    text = f"sample-x: [{MOTOR}, actualPosition]\n"
    for name in ("extra-data-aliases.yml", "other.yml"):
        (folder / name).write_text(text)
    try:
        assert "sample-x" in open_run(2012, 243).alias
        assert "sample-x" in open_run(2012, 243, aliases="{}/usr/other.yml").alias
        assert "sample-x" in open_run(2012, 243, aliases=folder / "other.yml").alias
    finally:
        for path in folder.iterdir():
            path.unlink()


@pytest.mark.parametrize(
    "aliases", ["{}/usr/none.yml", {"x": 3}, {"a": ["b", "c", "d"]}, "{}/raw", "\0"]
)
def test_unusable_aliases_are_a_note(aliases):
    """B51: data never fails because of its aliases."""
    with pytest.warns(DataProblemWarning, match="aliases"):
        run = open_run(2012, 243, aliases=aliases)
    assert [p.kind for p in run.problems] == ["bad-aliases"]
    assert run.all_sources == RAW_SOURCES | {CORRECTED}


@pytest.mark.parametrize("content", ["a: [", "- 1", "!!python/object:os.system x", "\xff\x00"])
def test_malformed_alias_file_is_a_note(root, content):
    """B51, F3: whatever the file holds, the run opens and no code runs."""
    folder = root / "SPB/202601/p002012/usr"
    folder.mkdir(exist_ok=True)
    path = folder / "extra-data-aliases.yml"
    path.write_text(content, encoding="latin-1")
    try:
        with pytest.warns(DataProblemWarning, match=r"extra-data-aliases\.yml"):
            run = open_run(2012, 243)
        assert [p.file for p in run.known_problems] == [str(path)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(ProblemsError):
                open_run(2012, 243, strict=True)
    finally:
        path.unlink()
