"""One file to be written: absent, the old one, or complete, whatever happens."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.fileaccess import FileStructureError, TargetExistsError, WriteError
from euxfel.fileaccess.leftovers import temp_path
from euxfel.writer.target import AtomicTarget
from euxfel.writer.testing import DISK_ERRORS, each_fault, failing

OLD = b"what was there before"


def write_h5(path: Path, *, overwrite: bool = True) -> None:
    with (
        AtomicTarget(path, overwrite=overwrite) as target,
        target.h5file(expected_size=4000) as file,
    ):
        for n in range(5):
            file.create_dataset(f"g/{n}", data=np.arange(1, 101), chunks=(50,))
        file["g"].attrs["unit"] = "mm"


def write_meanwhile(path: Path, action: Callable[[AtomicTarget, h5py.File], object]) -> None:
    with AtomicTarget(path) as target, target.h5file() as file:
        file["x"] = [1]
        action(target, file)
        file["y"] = [2]


def write_bytes(path: Path, *, overwrite: bool = True) -> None:
    with AtomicTarget(path, overwrite=overwrite) as target, target.open() as file:
        for n in range(1, 5):
            file.write(bytes([n]) * 1000)


either = pytest.mark.parametrize("write", [write_h5, write_bytes])
Write = Callable[..., None]


def holds_all(path: Path) -> bool:
    if path.read_bytes()[:4] == b"\x89HDF":
        with h5py.File(path) as file:
            return all((file[f"g/{n}"][:] == np.arange(1, 101)).all() for n in range(5))
    return path.read_bytes() == b"".join(bytes([n]) * 1000 for n in range(1, 5))


@either
def test_the_file_appears_complete_and_alone(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "new", overwrite=False)
    assert holds_all(tmp_path / "new")
    assert os.listdir(tmp_path) == ["new"]


@either
@pytest.mark.parametrize("code", DISK_ERRORS)
def test_every_failing_call_is_told_and_the_old_file_survives(
    tmp_path: Path, write: Write, code: int
) -> None:
    """R6: each system call fails once; OSError each time, nothing else is left."""
    path = tmp_path / "new"
    path.write_bytes(OLD)
    for fault, error in each_fault(lambda: write(path), (code,)):
        if error is not None:
            assert isinstance(error, WriteError)
            assert error.errno == code
            assert str(path) in str(error)
            assert path.read_bytes() == OLD
        else:
            # The folder could not be synced when the file had its name already.
            assert not fault.happened or fault.calls[-1] == "fsync_folder"
            assert holds_all(path)
        assert os.listdir(tmp_path) == ["new"]
        path.write_bytes(OLD)


@either
def test_calls_that_write_little_at_a_time_are_repeated(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: whole(fd, bytes(data[:7]), at))
    write(tmp_path / "new")
    monkeypatch.undo()
    assert holds_all(tmp_path / "new")


@either
def test_an_existing_file_is_refused_unless_it_may_be_overwritten(
    tmp_path: Path, write: Write
) -> None:
    path = tmp_path / "new"
    path.write_bytes(OLD)
    with pytest.raises(TargetExistsError, match="overwrite=True"):
        write(path, overwrite=False)
    assert path.read_bytes() == OLD
    write(path, overwrite=True)
    assert holds_all(path)


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "new"
    with pytest.raises(TargetExistsError):
        write_meanwhile(path, lambda target, file: path.write_bytes(OLD))
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["new"]


@pytest.mark.parametrize("way", ["itself", "symlink", "hardlink", "folder"])
def test_an_input_is_refused_by_whatever_name(tmp_path: Path, way: str) -> None:
    """F2: the output path is an input file of the run."""
    source = tmp_path / "raw.h5"
    source.write_bytes(OLD)
    path = tmp_path / "out.h5"
    if way == "symlink":
        path.symlink_to(source)
    elif way == "hardlink":
        path.hardlink_to(source)
    elif way == "folder":
        (tmp_path / "link").symlink_to(tmp_path)
        path = tmp_path / "link" / "raw.h5"
    else:
        path = source
    names = set(os.listdir(tmp_path))
    with (
        pytest.raises(WriteError, match="never overwritten"),
        AtomicTarget(path, inputs=[source], overwrite=True),
    ):
        pass
    assert source.read_bytes() == OLD
    assert set(os.listdir(tmp_path)) == names


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "new"
    other.write_bytes(OLD)
    path.symlink_to(other)
    write_bytes(path)
    assert other.read_bytes() == OLD
    assert not path.is_symlink()
    assert holds_all(path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="is not a file"):
        write_bytes(tmp_path, overwrite=True)


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="there is no folder") as caught:
        write_h5(tmp_path / "missing" / "new.h5")
    assert caught.value.errno == errno.ENOENT


def test_an_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    with (
        failing(0, errno.EACCES),
        pytest.raises(WriteError, match="Permission denied; write to a folder of your own"),
    ):
        write_h5(tmp_path / "new.h5")


def test_a_failing_body_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_meanwhile(tmp_path / "new", lambda target, file: 1 / 0)
    assert not os.listdir(tmp_path)


def test_what_does_not_read_back_is_not_kept(tmp_path: Path) -> None:
    def check(file: h5py.File) -> None:
        raise FileStructureError("it is not what was meant")

    with (
        pytest.raises(FileStructureError, match="not what was meant"),
        AtomicTarget(tmp_path / "new") as target,
        target.h5file(check=check) as file,
    ):
        file["x"] = [1]
    assert not os.listdir(tmp_path)


def test_what_killed_writers_left_is_swept_and_what_others_write_is_not(tmp_path: Path) -> None:
    """F1: no temporary files are left after the next run."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, check=True, text=True)  # fmt: skip
    alive = Path(temp_path(str(tmp_path / "new")))
    dead = Path(str(alive).replace(f".{os.getpid()}.", f".{done.stdout.strip()}."))
    for path in (alive, dead):
        path.write_bytes(b"half")
    write_bytes(tmp_path / "new")
    assert set(os.listdir(tmp_path)) == {"new", alive.name}


def test_the_umask_decides_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "new")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_names_may_be_long_and_odd(tmp_path: Path) -> None:
    for name in ("x" * 251 + ".h5", "a b\n'\"*é.h5", "..h5"):
        write_h5(tmp_path / name)
        assert holds_all(tmp_path / name)


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_kept_inside_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F1: each write that HDF5 makes is interrupted once; never lost, nothing left."""
    whole, path = os.pwrite, tmp_path / "new"
    for k in range(1000):
        calls = []

        def interrupted(fd: int, data: bytes, at: int, k: int = k, calls: list = calls) -> int:
            calls.append(at)
            if len(calls) == k + 1:
                press_ctrl_c()
            return whole(fd, data, at)

        monkeypatch.setattr(os, "pwrite", interrupted)
        try:
            write_h5(path)
        except KeyboardInterrupt:
            assert len(calls) > k
            assert not os.listdir(tmp_path)
        else:
            assert len(calls) <= k
            break
    assert k > 5
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_is_seen_after_each_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite

    def interrupted(fd: int, data: bytes, at: int) -> int:
        press_ctrl_c()
        return whole(fd, data, at)

    def write_block(target: AtomicTarget, file: h5py.File) -> None:
        monkeypatch.setattr(os, "pwrite", interrupted)
        file["block"] = np.arange(1, 100_000)
        monkeypatch.undo()
        target.check()
        pytest.fail("the interrupt was lost")

    with pytest.raises(KeyboardInterrupt):
        write_meanwhile(tmp_path / "new", write_block)
    assert not os.listdir(tmp_path)


def test_ctrl_c_outside_the_library_is_raised_at_once(tmp_path: Path) -> None:
    def press(target: AtomicTarget, file: h5py.File) -> None:
        press_ctrl_c()
        pytest.fail("the interrupt came late")

    with pytest.raises(KeyboardInterrupt):
        write_meanwhile(tmp_path / "new", press)
    assert not os.listdir(tmp_path)


def test_a_program_keeps_its_own_handler(tmp_path: Path) -> None:
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        with AtomicTarget(tmp_path / "new") as target, target.h5file():
            press_ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen


def test_other_threads_can_write(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=write_h5, args=(tmp_path / f"{n % 2}.h5",)) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(os.listdir(tmp_path)) == ["0.h5", "1.h5"]
    assert all(holds_all(tmp_path / name) for name in ("0.h5", "1.h5"))
