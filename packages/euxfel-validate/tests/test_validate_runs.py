"""Validators of files and runs: what users of EXtra-data call, and files that do their worst."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.testing import WrittenRun, small_run
from euxfel.fileaccess.testing.defects import CASES
from euxfel.validate import FileValidator, Finding, RunValidator, ValidationError, run

BAD = (
    *("no-metadata", "no-index", "truncated", "fifo-named-h5", "directory-named-h5"),
    *("empty-named-h5", "text-named-h5", "index-missing", "train-twice", "zero-train-id"),
    *("index-2d", "index-text"),
)


@pytest.fixture
def worker_path(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setattr(run, "EXAMINE", "failing_worker:misbehave")


def bad_files(folder: Path) -> list[str]:
    """Put one bad file of each kind into one folder, as files of as many aggregators."""
    target = folder / "run"
    target.mkdir()
    for number, name in enumerate(BAD):
        case = CASES[name]
        assert case.aggregator is not None
        written = case.run.write_flat(folder / name)
        path = next(p for p in written.paths if f"-{case.aggregator}-S00000" in p.name)
        path.rename(target / f"RAW-R0001-BAD{number:02d}-S00000.h5")
    return sorted(p.name for p in target.iterdir())


def test_twelve_differently_bad_files_are_twelve_named(tmp_path: Path) -> None:
    """R4, reliability row validate: every file is reported."""
    names = bad_files(tmp_path)
    assert len(names) == 12
    validator = RunValidator(tmp_path / "run", workers=2)
    found = validator.run_checks()
    assert {os.path.basename(f.file) for f in found if f.file is not None} == set(names)
    assert validator.filenames == names
    with pytest.raises(ValidationError):
        validator.validate()


@pytest.mark.usefixtures("worker_path")
def test_files_that_hang_crash_or_confuse_are_problems(tmp_path: Path) -> None:
    """B45, B46: the other files are checked all the same."""
    path = small_run().write(tmp_path).paths[0]
    for number in (7, 8, 9):
        shutil.copyfile(path, path.with_name(f"RAW-R0001-DA{number:02d}-S00000.h5"))
    found = RunValidator(path.parent, deadline=1.5, workers=1).run_checks()
    said = {f.file: f.message for f in found if f.check == "readable" and f.file is not None}
    assert [os.path.basename(name)[10:14] for name in said] == ["DA07", "DA08", "DA09"]
    hangs, crashes, confuses = said.values()
    assert "not read within 1.5 s" in hangs
    assert "SIGSEGV" in crashes
    assert "no sensible answer" in confuses


def test_workers_and_this_process_find_the_same(tmp_path: Path) -> None:
    """Lists that workers send once only are known for all files of an aggregator."""
    for name in ("other-dtype", "files-overlap", "module-lacks-train"):
        folder = CASES[name].run.write_flat(tmp_path / name).path
        alone = RunValidator(folder, isolate=False).run_checks()
        assert RunValidator(folder, workers=2).run_checks() == alone
        assert alone


def test_progress_tells_of_every_file(simulated_run: WrittenRun) -> None:
    told: list[tuple[int, int, int]] = []
    RunValidator(simulated_run.path, on_progress=lambda *now: told.append(now)).run_checks()
    assert told == [(1, 3, 0), (2, 3, 0), (3, 3, 0)]


def test_progress_on_the_terminal_is_one_line(
    simulated_run: WrittenRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a terminal here: only the end is told."""
    RunValidator(simulated_run.path, term_progress=True, isolate=False).run_checks()
    shown = capsys.readouterr()
    assert shown.err == "3 of 3 files checked, 0 problem(s)\n"
    assert shown.out == ""


def test_checks_can_be_skipped(tmp_path: Path) -> None:
    folder = CASES["train-twice"].run.write(tmp_path).path
    names = {f.check for f in RunValidator(folder, isolate=False).run_checks()}
    assert names == {"train_ids_order", "train_flags"}
    assert RunValidator(folder, skip_checks=sorted(names), isolate=False).run_checks() == []


def test_deep_checks_are_made_only_when_asked_for(tmp_path: Path) -> None:
    folder = CASES["corrupt-chunk"].run.write(tmp_path).path
    assert RunValidator(folder, isolate=False).run_checks() == []
    found = RunValidator(folder, deep=True, isolate=False).run_checks()
    assert [f.check for f in found] == ["data_readable"]


def test_files_that_can_be_used_are_given(tmp_path: Path) -> None:
    """As the peer's attribute of the same name."""
    written = CASES["truncated"].run.write(tmp_path)
    validator = RunValidator(written.path, isolate=False)
    validator.run_checks()
    names = [file.basename for file in validator.file_accesses]
    assert names == [p.name for p in written.paths if "DA01-S00000" not in p.name]


def test_a_folder_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RunValidator(tmp_path / "absent")


def test_an_empty_folder_holds_no_run(tmp_path: Path) -> None:
    found = RunValidator(tmp_path).run_checks()
    assert [f.check for f in found] == ["usable_files"]


def test_one_file_is_checked_as_users_of_extra_data_do(tmp_path: Path) -> None:
    """Problems are read by the names that EXtra-data gives them."""
    written = CASES["zero-train-id"].run.write(tmp_path)
    path = next(p for p in written.paths if "DA01-S00000" in p.name)
    validator = FileValidator(FileAccess(path), skip_checks=["control_timestamps_order"])
    with pytest.raises(ValidationError) as caught:
        validator.validate()
    (problem,) = caught.value.problems
    assert validator.problems == [problem]
    assert problem["dataset"] == "INDEX/trainId"
    assert problem["file"] == validator.filename == str(path)
    assert "are 0" in problem["msg"]
    assert set(problem) >= {"msg", "dataset", "file"}
    assert "INDEX/trainId" in str(caught.value)


def test_a_file_that_cannot_be_opened_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "RAW-R0001-DA01-S00000.h5"
    path.write_text("This is not HDF5.\n")
    (problem,) = FileValidator(FileAccess(path)).run_checks()
    assert (problem.check, problem.kind, problem.file) == ("readable", "unusable-file", str(path))


def test_the_error_survives_pickling(tmp_path: Path) -> None:
    found = RunValidator(tmp_path).run_checks()
    error = pickle.loads(pickle.dumps(ValidationError(found)))
    assert error.problems == found
    assert all(isinstance(f, Finding) for f in error.problems)
    assert str(error) == str(ValidationError(found))
