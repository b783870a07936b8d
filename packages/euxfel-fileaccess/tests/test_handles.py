"""Handles of files: opened when needed, refused when the file is another one."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import pytest

from euxfel.fileaccess import FileChangedError, FileHandle, FileStructureError, close_all
from euxfel.fileaccess.handle import POOL_MAX, open_files
from euxfel.fileaccess.identity import FileIdentity
from euxfel.fileaccess.testing import SimulatedFile, motor

FILE = SimulatedFile((motor(),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return FILE.write_in(tmp_path)


def test_a_path_is_made_absolute(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    handle = FileHandle(path.name)
    monkeypatch.chdir("/")
    with handle.h5() as file:
        assert file.filename == str(path)


def test_handles_are_equal_for_the_same_state_of_a_file(path: Path) -> None:
    """R6."""
    before = FileHandle(path)
    assert before == FileHandle(str(path))
    assert hash(before) == hash(FileHandle(str(path)))
    os.utime(path, ns=(1, 1))
    after = FileHandle(path)
    assert before != after
    assert len({before, after}) == 2
    assert before != str(path)


USES: dict[str, Callable[[FileHandle], object]] = {
    "h5": lambda handle: handle.h5().__enter__(),
    "brief h5": lambda handle: handle.h5_briefly().__enter__(),
    "descriptor": lambda handle: handle.fd().__enter__(),
    "check": lambda handle: handle.check(),
}


@pytest.mark.parametrize("how", USES)
def test_another_state_is_refused(how: str, path: Path) -> None:
    """R6: for every way to the bytes, also when the file is open already."""
    handle = FileHandle(path)
    with handle.h5(), handle.fd():
        pass
    os.utime(path, ns=(1, 1))
    with pytest.raises(FileChangedError, match="open the run again") as caught:
        USES[how](handle)
    assert caught.value.file == str(path)


@pytest.mark.parametrize("field", ["device", "inode", "size", "mtime_ns", "ctime_ns"])
def test_every_part_of_the_identity_counts(field: str, path: Path) -> None:
    """R6."""
    seen = FileIdentity.of(path)
    other = replace(seen, **{field: getattr(seen, field) + 1})
    with pytest.raises(FileChangedError):
        FileHandle(path, other).check()


def test_the_file_that_is_opened_is_the_one_that_was_checked(path: Path, tmp_path: Path) -> None:
    """R6: replaced between the check and the opening."""
    wrong = replace(FileIdentity.of(path), mtime_ns=1)
    for pool in (open_files().h5, open_files().raw):
        before = len(pool)
        with pytest.raises(FileChangedError), pool.borrow((str(path), wrong)):
            pass
        assert len(pool) == before


def test_pickles_name_file_and_state(path: Path) -> None:
    """B31, R6: another node may see other device and inode numbers, not other times."""
    handle = FileHandle(path)
    handle.cache["derived"] = bytes(10**6)
    pickled = pickle.dumps(handle)
    assert len(pickled) < 2000
    again = pickle.loads(pickled)
    assert again == handle
    assert not again.cache
    elsewhere = replace(handle.identity, device=77, inode=99)
    assert pickle.loads(pickle.dumps(FileHandle(path, elsewhere))) == handle
    os.utime(path, ns=(1, 1))
    with pytest.raises(FileChangedError):
        pickle.loads(pickled)


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_only_regular_files_have_a_handle(kind: str, tmp_path: Path) -> None:
    """Opening: a named pipe does not wait for a writer."""
    path = tmp_path / "RAW-R0001-DA01-S00000.h5"
    os.mkfifo(path) if kind == "fifo" else path.mkdir()
    with pytest.raises(FileStructureError, match="not a regular file") as caught:
        FileHandle(path)
    assert caught.value.file == str(path)


def test_a_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileHandle(tmp_path / "absent.h5")


@pytest.mark.parametrize("content", [b"", b"This is not HDF5.\n" * 100, b"\x89HDF\r\n\x1a\n"])
def test_what_is_not_hdf5_is_named(content: bytes, tmp_path: Path) -> None:
    """R5."""
    path = tmp_path / "bad.h5"
    path.write_bytes(content)
    with pytest.raises(FileStructureError, match=r"bad\.h5"), FileHandle(path).h5():
        pass


def test_a_file_that_is_being_written_can_be_read(path: Path) -> None:
    """Opening: the lock of a writer does not keep readers out."""
    close_all()
    with path.open("rb+") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        with FileHandle(path).h5() as file:
            assert "METADATA" in file
        close_all()


def test_users_may_have_the_file_open(path: Path) -> None:
    with h5py.File(path, "r") as theirs, FileHandle(path).h5() as ours:
        assert set(theirs) == set(ours)
        close_all()
        assert set(theirs) == set(ours)


def test_closing_gives_the_descriptors_back(path: Path) -> None:
    """B32."""
    close_all()
    handle = FileHandle(path)
    before = len(os.listdir("/proc/self/fd"))
    with handle.h5(), handle.fd():
        pass
    assert len(os.listdir("/proc/self/fd")) > before
    handle.close()
    assert len(os.listdir("/proc/self/fd")) == before
    with handle.fd() as fd:
        assert os.pread(fd, 4, 0) == b"\x89HDF"
    handle.close()


def test_the_pools_leave_room_for_others() -> None:
    """B32."""
    pools = open_files()
    assert 1 <= pools.h5.limit == pools.raw.limit <= POOL_MAX
