"""Folders as they are found: what is no file, what may not be read, written, or believed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from faults.scripts import command, run_script

from euxfel.core import DataError, FileStructureError, RunDirectory, RunNotFoundError
from euxfel.fileaccess import isolated, lc_any
from euxfel.fileaccess.isolated import check_files
from euxfel.fileaccess.testing import SimulatedRun, WrittenRun, camera, motor

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
KEY = "actualPosition.value"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
RUN = SimulatedRun({"DA01": (motor(),), "DA02": camera(shape=(4, 4))}, range(10000, 10020))
MAP = "karabo_data_map.json"
CACHES = (MAP, ".euxfel_map")
NOBODY = 65534


@pytest.fixture
def written(tmp_path: Path) -> WrittenRun:
    return RUN.write(tmp_path)


def odd_things(folder: Path) -> dict[str, str]:
    """Put everything into a folder that has the name of a data file and is none."""
    names = {
        kind: f"RAW-R0001-DA{number:02d}-S00000.h5"
        for number, kind in enumerate(
            ("fifo", "folder", "loop", "dangling", "device", "empty", "text", "socket"), start=30
        )
    }
    os.mkfifo(folder / names["fifo"])
    (folder / names["folder"]).mkdir()
    (folder / names["loop"]).symlink_to(names["loop"])
    (folder / names["dangling"]).symlink_to("nowhere.h5")
    (folder / names["device"]).symlink_to("/dev/zero")
    (folder / names["empty"]).touch()
    (folder / names["text"]).write_text("This is not HDF5.\n" * 100)
    import socket

    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(folder)
    try:
        listener.bind(names["socket"])
    finally:
        os.chdir(here)
        listener.close()
    return names


@pytest.mark.parametrize("isolate", [False, True])
def test_what_is_no_file_is_named_and_the_rest_opens(isolate: bool, written: WrittenRun) -> None:
    """Opening: pipes, folders, links in a circle, devices; nothing waits, nothing leaks."""
    names = odd_things(written.path)
    with pytest.warns(UserWarning, match="has problems"):
        run = RunDirectory(written.path, isolate=isolate)
    named = {Path(problem.file).name for problem in run.problems if problem.file}
    assert named == set(names.values())
    np.testing.assert_array_equal(run[MOTOR, KEY].ndarray(), RUN.expected(MOTOR, KEY))


def test_a_folder_without_any_usable_file(tmp_path: Path) -> None:
    """Opening: one error, with a reason for each file."""
    names = odd_things(tmp_path)
    with pytest.raises(FileStructureError) as caught:
        RunDirectory(tmp_path)
    assert all(name in str(caught.value) for name in names.values())


@pytest.mark.parametrize("name", ["absent", "a file", "a folder without files"])
def test_no_run(name: str, tmp_path: Path) -> None:
    """Opening: what users catch already, naming the folder."""
    (tmp_path / "a file").touch()
    (tmp_path / "a folder without files").mkdir()
    with pytest.raises((RunNotFoundError, FileNotFoundError, NotADirectoryError), match=name):
        RunDirectory(tmp_path / name)


def hang_or_crash(path: str) -> None:
    """Stands for what damaged files make of libhdf5."""
    if "DA02" in path:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "DA03" in path:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
        time.sleep(600)


def test_files_that_hang_or_crash_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening: with ``isolate=True`` they are problems like others; the rest opens."""
    devices = {"DA01": (motor(),), "DA02": camera(shape=(4, 4)), "DA03": (motor("A/B/C"),)}
    written = SimulatedRun(devices).write(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    checked = partial(check_files, deadline=1.0, check="faults.test_fault_folders:hang_or_crash")
    monkeypatch.setattr(isolated, "check_files", checked)
    with pytest.warns(UserWarning, match="has problems"):
        run = RunDirectory(written.path, isolate=True)
    assert run.all_sources == {MOTOR}
    reasons = {Path(p.file or "").name[10:14]: p.message for p in run.problems}
    assert reasons.keys() == {"DA02", "DA03"}
    assert "SIGSEGV" in reasons["DA02"]
    assert "not read within 1 s" in reasons["DA03"]
    np.testing.assert_array_equal(run[MOTOR, KEY].ndarray(), written.expected(MOTOR, KEY))


def test_filtered_files_are_never_touched(written: WrittenRun) -> None:
    """B44: what a filter or a pattern leaves out is not even looked at."""
    touched: list[str] = []
    left_out = str(written.file("DA02"))
    armed = False

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if armed and event == "open" and arguments[0] == left_out:
            touched.append(event)

    sys.addaudithook(note)
    Path(left_out).write_text("Nobody may read this.")
    armed = True
    for options in (
        {"file_filter": lambda paths: [p for p in paths if "DA02" not in p]},
        {"include": "*DA01*"},
        {"include": "*DA01*", "isolate": True},
    ):
        run = RunDirectory(written.path, **options)  # type: ignore[arg-type]
        assert run.all_sources == {MOTOR}
        assert not run.problems
        list(run.trains())
    armed = False
    assert not touched


def test_a_filter_is_asked_once_for_all_files(written: WrittenRun) -> None:
    """B44: the filter sees sorted paths, and what it gives is all that is used."""
    seen: list[list[str]] = []

    def keep(paths: list[str]) -> list[str]:
        seen.append(list(paths))
        return lc_any(paths)[::-1]

    run = RunDirectory(written.path, file_filter=keep)
    assert seen == [[str(path) for path in sorted(written.paths)]]
    assert [file.filename for file in run.files] == seen[0]


@pytest.fixture
def open_to_all(tmp_path: Path) -> Iterator[Path]:
    """A folder that other users can reach, which a test's own folder is not."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def run_as_nobody(code: str, folder: Path) -> str:
    """Run a program without any rights, if this process may give its rights up."""
    if os.geteuid() != 0:
        return run_script(code, folder)
    return run_script("os.setgid(65534); os.setuid(65534)\n" + code, folder)


def test_without_permission_on_some_files(open_to_all: Path) -> None:
    """F4: a file that may not be read is a problem, in a folder that may not be written."""
    written = RUN.write_flat(open_to_all / "run")
    written.file("DA02").chmod(0o000)
    written.path.chmod(0o555)
    code = """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    run = RunDirectory(folder)
assert len(caught) == 1 and "DA02" in str(caught[0].message), caught
assert [p.kind for p in run.problems] == ["unusable-file"], run.problems
assert "ermission" in run.problems[0].message
assert run["SPB_IRU_SAMPLE/MOTOR/X", "actualPosition"].ndarray().shape == (20,)
print(sorted(os.listdir(folder)))
"""
    listed = run_as_nobody(code, written.path)
    written.path.chmod(0o755)
    assert listed.strip() == str(sorted(path.name for path in written.paths))


def test_a_folder_that_may_not_be_entered(open_to_all: Path) -> None:
    """F4: the system's own error, as users catch it."""
    written = RUN.write_flat(open_to_all / "run")
    written.path.chmod(0o000)
    code = """
try:
    RunDirectory(folder)
except PermissionError as exc:
    print(exc.filename == folder)
"""
    said = run_as_nobody(code, written.path)
    written.path.chmod(0o755)
    assert said.strip() == "True"


def test_a_poisoned_map_is_found_out(written: WrittenRun) -> None:
    """Caches: right sizes and times, wrong trains: DataError naming the map, no wrong data."""
    RunDirectory(written.path)
    for name in CACHES[1:]:
        (written.path / name).unlink(missing_ok=True)
    path = written.path / MAP
    entries = json.loads(path.read_text())
    for entry in entries:
        entry["train_ids"] = [train + 1 for train in entry["train_ids"]]
    path.write_text(json.dumps(entries))
    run = RunDirectory(written.path)
    for use in (
        run[MOTOR, KEY].ndarray,
        run[MOTOR, KEY].series,
        run[CAMERA, "data.image.pixels"].xarray,
        lambda: list(run.trains()),
        run.train_timestamps,
        run[MOTOR].data_counts,
    ):
        with pytest.raises(DataError, match=MAP):
            use()


def test_a_map_with_other_sources_leads_to_no_data(written: WrittenRun) -> None:
    """F3: sources that a map invents hold nothing; those it leaves out are not made up."""
    RunDirectory(written.path)
    for name in CACHES[1:]:
        (written.path / name).unlink(missing_ok=True)
    path = written.path / MAP
    entries = json.loads(path.read_text())
    entries[0]["control_sources"] = ["A/MADE/UP", "INDEX"]
    path.write_text(json.dumps(entries))
    run = RunDirectory(written.path)
    assert run["A/MADE/UP"].keys() == set()
    np.testing.assert_array_equal(
        run[CAMERA, "data.image.pixels"].ndarray(), RUN.expected(CAMERA, "data.image.pixels")
    )


OPEN_OFTEN = """
for _ in range(20):
    for name in ("karabo_data_map.json", ".euxfel_map"):
        try:
            os.unlink(os.path.join(folder, name))
        except FileNotFoundError:
            pass
    run = RunDirectory(folder)
    assert len(run.problems) == 0, run.problems
    assert run.train_ids == list(range(10000, 10020))
"""


def test_two_processes_write_the_map_at_once(written: WrittenRun) -> None:
    """B25, R8 of the bars: readers never see half a map, and nothing else is left behind."""
    workers = [
        subprocess.Popen(command(OPEN_OFTEN, written.path), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outcomes = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], outcomes
    RunDirectory(written.path)
    left = {path.name for path in written.path.iterdir()} - {p.name for p in written.paths}
    assert left <= set(CACHES)
    json.loads((written.path / MAP).read_text())


def state(path: Path) -> tuple[bytes, int, int]:
    found = path.stat()
    return path.read_bytes(), found.st_mtime_ns, found.st_ctime_ns


def test_reading_changes_no_data_file(written: WrittenRun) -> None:
    """R7 of the bars: the inputs are byte for byte what they were, times included."""
    before = [state(path) for path in written.paths]
    run = RunDirectory(written.path)
    list(run.trains())
    run[CAMERA, "data.image.pixels"].xarray()
    assert not run.problems
    assert run.summary().to_text()
    assert [state(path) for path in written.paths] == before
