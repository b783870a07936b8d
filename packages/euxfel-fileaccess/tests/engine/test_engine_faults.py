"""Damaged, changed and hostile files: an error that says where, never other numbers."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from euxfel.fileaccess.engine import ReadRequest, chunk_index, memory_map, read
from euxfel.fileaccess.errors import DataError, FileChangedError, NotMappableError
from euxfel.fileaccess.handle import FileHandle

SHAPE = (12, 4, 6)
VALUES = np.arange(1, 1 + 12 * 4 * 6, dtype="u2").reshape(SHAPE)


def write(path: Path, **options: Any) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=VALUES, **options)
    return path


def all_rows(path: Path | FileHandle, threads: int = 2) -> NDArray[Any]:
    handle = path if isinstance(path, FileHandle) else FileHandle(path)
    out = np.full(SHAPE, 60000, "u2")
    read([ReadRequest(handle, "data", np.array([[0, 12]]), out)], threads=threads)
    return out


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def address(path: Path, chunk: int) -> int:
    index = chunk_index(FileHandle(path), "data")
    assert index is not None
    return int(index.address[chunk])


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("threads", [1, 4])
def test_a_corrupt_chunk_is_named(tmp_path: Path, shuffle: bool, threads: int) -> None:
    """R2b: file, dataset and chunk are in the error; nothing comes back as if it were data."""
    path = write(tmp_path / "f.h5", chunks=(2, 4, 6), compression=1, shuffle=shuffle)
    overwrite(path, address(path, 3) + 4, b"\xff\xff\xff\xff\xff")
    with pytest.raises(DataError, match=r"f\.h5, dataset data: chunk \(3, 0, 0\)") as caught:
        all_rows(path, threads)
    assert caught.value.file == str(path)
    assert caught.value.key == "data"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_other_chunks_stay_readable(tmp_path: Path) -> None:
    """R2b: only what needs the bad chunk fails."""
    path = write(tmp_path / "f.h5", chunks=(2, 4, 6), compression=1)
    overwrite(path, address(path, 3) + 4, b"\xff\xff\xff\xff\xff")
    handle = FileHandle(path)
    out = np.zeros((10, 4, 6), "u2")
    read([ReadRequest(handle, "data", np.array([[8, 12], [0, 6]]), out)])
    np.testing.assert_array_equal(out, VALUES[[*range(8, 12), *range(6)]])


@pytest.mark.parametrize("size", [3, 200_000_000])
def test_a_chunk_of_another_size_is_refused(tmp_path: Path, size: int) -> None:
    """A stream that inflates to more (a bomb) or less than the declared chunk is an error."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("data", SHAPE, "u2", chunks=(12, 4, 6), compression=1)
        data.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(size), 9))
    with pytest.raises(DataError, match=r"chunk \(0, 0, 0\)"):
        all_rows(path)


def test_a_huge_declared_chunk_takes_no_memory(tmp_path: Path) -> None:
    """What a few stored bytes cannot stand for is refused before memory is taken."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        shape = (1, 1 << 29)
        data = file.create_dataset("data", shape, "u4", chunks=shape, compression=1)
        data.id.write_direct_chunk((0, 0), zlib.compress(bytes(1000), 9))
    out = np.zeros((1, 1), "u4")
    roi = (slice(0, 1),)
    with pytest.raises(DataError, match="cannot stand for"):
        read([ReadRequest(FileHandle(path), "data", np.array([[0, 1]]), out, roi)])


@pytest.mark.parametrize("options", [{}, {"chunks": (12, 4, 6)}, {"chunks": (3, 4, 6)}])
def test_a_truncated_file_is_an_error(tmp_path: Path, options: dict[str, Any]) -> None:
    """R5: data behind the end of the file is an error, through every path."""
    path = write(tmp_path / "f.h5", **options)
    handle = FileHandle(path)
    index = chunk_index(handle, "data")
    assert index is not None
    os.truncate(path, int(index.address.max()) + 10)
    with pytest.raises(FileChangedError):
        all_rows(handle)
    cut = FileHandle(path)
    # The index of the whole file over the file that was cut: as a stale cache would have it.
    cut.cache.update(handle.cache)
    with pytest.raises(DataError, match="beyond the end of the file"):
        all_rows(cut)
    with pytest.raises(DataError, match="beyond the end of the file"):
        memory_map(cut, "data", 0, 12)


def test_a_replaced_file_is_noticed(tmp_path: Path) -> None:
    """R6: another file at the same path is not read with the old file's index."""
    path = write(tmp_path / "f.h5")
    handle = FileHandle(path)
    np.testing.assert_array_equal(all_rows(handle), VALUES)
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["data"] = VALUES + 1
    other.replace(path)
    with pytest.raises(FileChangedError):
        all_rows(handle)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Let something happen to the file just before the engine's next read of it."""
    preadv = os.preadv

    def arrange(event: Callable[[], None]) -> None:
        def with_event(*args: Any) -> int:
            event()
            return preadv(*args)

        monkeypatch.setattr(os, "preadv", with_event)

    return arrange


@pytest.mark.parametrize("options", [{}, {"chunks": (2, 4, 6), "compression": 1}])
def test_a_file_that_shrinks_while_it_is_read(
    tmp_path: Path, meanwhile: Callable[[Callable[[], None]], None], options: dict[str, Any]
) -> None:
    """R6: the size was right when the read began."""
    path = write(tmp_path / "f.h5", **options)
    handle = FileHandle(path)
    start = address(path, 0)
    meanwhile(lambda: os.truncate(path, start + 5))
    with pytest.raises(FileChangedError, match=r"f\.h5 was changed"):
        all_rows(handle)


def test_a_file_rewritten_while_it_is_read(
    tmp_path: Path, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    """R6: the identity is checked after the last byte too."""
    path = write(tmp_path / "f.h5", chunks=(1, 4, 6))
    handle = FileHandle(path)
    meanwhile(lambda: overwrite(path, address(path, 0), b"other"))
    with pytest.raises(FileChangedError):
        all_rows(handle)


def test_a_failing_disk_is_an_error(
    tmp_path: Path, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    """An error of the operating system names the file."""

    def fail() -> None:
        raise OSError(5, "Input/output error")

    path = write(tmp_path / "f.h5")
    meanwhile(fail)
    with pytest.raises(DataError, match=r"f\.h5 cannot be read: .*Input/output error"):
        all_rows(path)


def test_short_answers_of_the_system_are_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operating system may give fewer bytes than asked, at any byte."""
    path = write(tmp_path / "f.h5", chunks=(1, 4, 6))
    pread = os.pread

    def short(fd: int, buffers: list[memoryview], offset: int) -> int:
        some = pread(fd, 7, offset)
        for buffer in buffers:
            part = some[: len(buffer)]
            buffer[: len(part)] = part
            some = some[len(part) :]
        return 7 - len(some)

    monkeypatch.setattr(os, "preadv", short)
    np.testing.assert_array_equal(all_rows(path), VALUES)


@pytest.mark.parametrize("rows", [[[0, 13]], [[-1, 3]], [[5, 3]], [[0, 2], [0, 2**62]]])
def test_rows_that_are_not_there(tmp_path: Path, rows: list[list[int]]) -> None:
    """B14: an index beyond the data is an error before anything is read."""
    handle = FileHandle(write(tmp_path / "f.h5"))
    request = ReadRequest(handle, "data", np.array(rows), np.zeros((2, 4, 6), "u2"))
    with pytest.raises(DataError, match=r"f\.h5, dataset data: rows .* has 12 rows"):
        read([request])


def test_nothing_is_read_when_one_request_is_wrong(tmp_path: Path) -> None:
    """All requests are checked before the first byte moves."""
    handle = FileHandle(write(tmp_path / "f.h5"))
    out = np.full(SHAPE, 7, "u2")
    good = ReadRequest(handle, "data", np.array([[0, 12]]), out)
    bad = ReadRequest(handle, "data", np.array([[0, 13]]), np.zeros((13, 4, 6), "u2"))
    with pytest.raises(DataError):
        read([good, bad])
    assert (out == 7).all()


@pytest.mark.parametrize("shape", [(3, 4, 6), (2, 4, 5), (2, 4)])
def test_a_destination_of_another_shape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """A destination that does not fit is refused; nothing is broadcast."""
    handle = FileHandle(write(tmp_path / "f.h5"))
    with pytest.raises(ValueError, match="the destination has shape"):
        read([ReadRequest(handle, "data", np.array([[0, 2]]), np.zeros(shape, "u2"))])


def test_a_missing_dataset_is_named(tmp_path: Path) -> None:
    """The error says which file and which dataset."""
    handle = FileHandle(write(tmp_path / "f.h5"))
    with pytest.raises(DataError, match=r"f\.h5 has no dataset nothing/here"):
        read([ReadRequest(handle, "nothing/here", np.array([[0, 2]]), np.zeros(2))])


def test_a_bad_checksum_is_an_error(tmp_path: Path) -> None:
    """R2b: also for filters that the HDF5 library undoes."""
    path = write(tmp_path / "f.h5", chunks=(3, 4, 6), fletcher32=True)
    with h5py.File(path, "r") as file:
        at = file["data"].id.get_chunk_info(2).byte_offset
    overwrite(path, at + 7, b"\xaa\xbb")
    with pytest.raises(DataError, match=r"f\.h5, dataset data: rows 0 to 12 cannot be read"):
        all_rows(path)


def test_unwritten_chunks_are_the_fill_value(tmp_path: Path) -> None:
    """B39, R2: also when the destination's type cannot hold the fill value."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset(
            "data", SHAPE, "f4", chunks=(2, 4, 6), compression=1, fillvalue=np.nan
        )
        data[4:6] = VALUES[4:6]
    out = np.ones(SHAPE, "f4")
    read([ReadRequest(FileHandle(path), "data", np.array([[0, 12]]), out)])
    assert np.isnan(out[:4]).all()
    assert np.isnan(out[6:]).all()
    np.testing.assert_array_equal(out[4:6], VALUES[4:6])


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"chunks": (2, 4, 6), "compression": 1}, "compressed"),
        ({"chunks": (2, 2, 6)}, "whole entries"),
        ({"chunks": (3, 4, 6), "fletcher32": True}, "no plain bytes"),
    ],
)
def test_what_cannot_be_mapped(tmp_path: Path, options: dict[str, Any], why: str) -> None:
    """A memory map is refused with the reason."""
    handle = FileHandle(write(tmp_path / "f.h5", **options))
    with pytest.raises(NotMappableError, match=why):
        memory_map(handle, "data", 0, 4)
