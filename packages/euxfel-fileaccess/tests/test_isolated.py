"""A file that hangs or crashes its reader is one failure; the others are checked all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.fileaccess import isolated, isolated_worker
from euxfel.fileaccess.isolated import Answer, ask_about_files, check_files

MISBEHAVE = "isolation_checks:misbehave"


@pytest.fixture(autouse=True)
def importable_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the checks that stand beside this file."""
    before = os.environ.get("PYTHONPATH")
    paths = [str(Path(__file__).parent), *([before] if before else [])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


def children() -> set[str]:
    """Processes that this one has started."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        found.update((task / "children").read_text().split())
    return found


def test_each_file_gets_its_own_answer_in_the_given_order() -> None:
    """B45, reliability, opening: a worker's hang or death is that file's problem."""
    before = children()
    names = ["good1", "hangs", "good2", "crashes", "fails", "exits", "silent", "good3", "good3"]
    found = check_files(names, deadline=1.0, check=MISBEHAVE)
    assert list(found) == names[:-1]
    assert [name for name, answer in found.items() if answer is None] == ["good1", "good2", "good3"]
    assert "not read within 1 s" in str(found["hangs"])
    assert "ended the process (SIGSEGV)" in str(found["crashes"])
    assert "ended the process (exit status 3)" in str(found["exits"])
    assert found["fails"] == "bad\nfails\x1b[31m \udce9"
    assert found["silent"] == "KeyError"
    assert children() == before


def test_what_a_check_prints_is_no_answer() -> None:
    found = check_files(["prints1", "fails", "prints2"], check=MISBEHAVE, workers=1)
    assert found["prints1"] is found["prints2"] is None
    assert found["fails"] is not None


def test_answers_belong_to_their_question() -> None:
    """Never silently wrong: whatever a damaged process writes, no other file passes by it."""
    found = check_files(["forges", "fails", "good"], check=MISBEHAVE, workers=1)
    assert found["forges"] == "forger"
    assert str(found["fails"]).startswith("bad")
    assert found["good"] is None


def test_any_path_reaches_the_worker(tmp_path: Path) -> None:
    """Names with line breaks, other scripts and bytes that are no text."""
    names = ["a\nb", "é Ω", os.fsdecode(b"\xff\xfe"), '"]', "x" * 200]
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.touch()
    found = check_files([*paths, "nul\0"], check="os:stat")
    assert list(found.values())[:-1] == [None] * len(names)
    assert found["nul\0"] is not None


def test_workers_share_the_files(tmp_path: Path) -> None:
    paths = [tmp_path / str(n) for n in range(12)]
    check_files(paths, check="isolation_checks:record", workers=2)
    processes = {path.read_text() for path in paths}
    assert len(processes) == 2
    assert str(os.getpid()) not in {text.strip() for text in processes}


def test_no_more_workers_than_files_are_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = subprocess.Popen

    def count(*args: object, **kwargs: object) -> object:
        started.append(args)
        return real(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", count)
    assert check_files([]) == {}
    assert started == []
    check_files([tmp_path], check="os:stat", workers=8)
    assert len(started) == 1


@pytest.mark.parametrize("check", ["absent_module:x", "os:absent", "os", ""])
def test_workers_that_do_not_start_leave_no_file_unnamed(check: str) -> None:
    found = check_files(["a.h5", "b.h5"], check=check)
    assert [str(answer).startswith("not checked") for answer in found.values()] == [True, True]


def test_without_an_interpreter_no_file_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert "no Python interpreter" in str(check_files(["a.h5"])["a.h5"])
    monkeypatch.setattr(sys, "executable", "/absent/python")
    assert "not checked" in str(check_files(["a.h5"])["a.h5"])


@pytest.mark.parametrize(("deadline", "workers"), [(0, 1), (-1, 1), (float("nan"), 1), (1, 0)])
def test_senseless_numbers_are_refused(deadline: float, workers: int) -> None:
    with pytest.raises(ValueError, match="the deadline must be above 0"):
        check_files(["a.h5"], deadline, workers=workers)


def test_an_interrupt_is_kept_and_ends_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reliability, Ctrl-C: kept, within a second, and no process is left."""
    before = children()
    monkeypatch.setattr(isolated._Worker, "ask", lambda *args: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        check_files(["hangs"], check=MISBEHAVE)
    assert children() == before


def test_modules_beside_the_data_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reliability, files as attack: nothing in the current folder runs."""
    (tmp_path / "json.py").write_text("import os; os.mkdir('ran')")
    (tmp_path / "h5py.py").write_text("import os; os.mkdir('ran')")
    monkeypatch.chdir(tmp_path)
    assert check_files(["."], check="os:stat") == {".": None}
    assert not (tmp_path / "ran").exists()


def test_a_worker_without_parent_ends_itself() -> None:
    """Reliability, exit: a check that loops does not outlive a killed parent for long."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "euxfel.fileaccess.isolated_worker", "0.2", MISBEHAVE, "{}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdin is not None
        worker.stdin.write(b'"hangs"\n')
        worker.stdin.flush()
        assert worker.wait(60) == -signal.SIGALRM


def test_what_a_question_returns_comes_back() -> None:
    """Of each file, whatever happens to the others; options reach the question."""
    names = ["good", "fails", "crashes", "also good"]
    found = ask_about_files(
        names, "isolation_checks:describe", options={"word": "Ω\n", "numbers": [1, 2.5]}
    )
    assert found["good"] == Answer({"good": ["Ω\n", 1, 2.5]})
    assert found["also good"].value == {"also good": ["Ω\n", 1, 2.5]}
    assert found["fails"].value is found["crashes"].value is None
    assert str(found["fails"].failure).startswith("bad")
    assert "SIGSEGV" in str(found["crashes"].failure)


def test_answers_of_any_size_come_back() -> None:
    """An answer far longer than a pipe holds is read whole."""
    options = {"word": "x", "times": 300_000}
    found = ask_about_files(["long"], "isolation_checks:describe", options=options)
    assert found["long"].value == {"long": ["x" * 300_000]}


def test_an_answer_that_json_cannot_carry_is_a_failure() -> None:
    found = ask_about_files(["a"], "isolation_checks:give_a_set")
    assert "not JSON serializable" in str(found["a"].failure)


def test_answers_are_told_of_as_they_come() -> None:
    """For progress: every file once, failed ones too, with what is then returned."""
    told: list[tuple[str, Answer]] = []
    names = ["good1", "fails", "crashes", "good2"]
    found = ask_about_files(names, MISBEHAVE, on_answer=lambda *answer: told.append(answer))
    assert sorted(name for name, _ in told) == sorted(names)
    assert dict(told) == found


def test_it_works_from_any_thread() -> None:
    found: dict[str, str | None] = {}
    thread = threading.Thread(target=lambda: found.update(check_files(["good"], check=MISBEHAVE)))
    thread.start()
    thread.join()
    assert found == {"good": None}


def write_file(path: Path) -> None:
    """A small file of format 1.0 with one control source."""
    with h5py.File(path, "w") as file:
        file["METADATA/dataFormatVersion"] = [b"1.0"]
        file["METADATA/dataSources/dataSourceId"] = [b"CONTROL/SPB/MOTOR/1"]
        file["METADATA/dataSources/root"] = [b"CONTROL"]
        file["METADATA/dataSources/deviceId"] = [b"SPB/MOTOR/1"]
        file["INDEX/trainId"] = np.arange(10001, 10011, dtype=np.uint64)
        file["INDEX/timestamp"] = np.arange(1, 11, dtype=np.uint64)
        file["INDEX/flag"] = np.ones(10, dtype=np.int32)
        file["INDEX/SPB/MOTOR/1/first"] = np.arange(10, dtype=np.uint64)
        file["INDEX/SPB/MOTOR/1/count"] = np.ones(10, dtype=np.uint64)
        file["CONTROL/SPB/MOTOR/1/actualPosition/value"] = np.linspace(1, 2, 10)


def test_the_default_check_opens_the_file(tmp_path: Path) -> None:
    write_file(tmp_path / "good.h5")
    (tmp_path / "text.h5").write_text("no HDF5 at all")
    os.mkfifo(tmp_path / "pipe.h5")
    found = check_files(sorted(tmp_path.iterdir()))
    assert found[str(tmp_path / "good.h5")] is None
    assert "text.h5" in str(found[str(tmp_path / "text.h5")])
    assert "not a regular file" in str(found[str(tmp_path / "pipe.h5")])


def test_the_default_check_raises_for_a_missing_file() -> None:
    with pytest.raises(FileNotFoundError):
        isolated_worker.check_file("/absent.h5")
