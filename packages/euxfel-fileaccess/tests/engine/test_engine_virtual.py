"""Virtual datasets, links and raw files: right data, or an error that names the source."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from euxfel.fileaccess.engine import LayoutKind, ReadRequest, dataset_layout, read
from euxfel.fileaccess.errors import DataError, FileChangedError
from euxfel.fileaccess.handle import FileHandle


def source(path: Path, first: int, rows: int = 5) -> NDArray[Any]:
    """A file with frames of numbers that begin at ``first``."""
    values = np.arange(first, first + rows * 12, dtype="u2").reshape(rows, 3, 4)
    with h5py.File(path, "w") as file:
        file.create_dataset("a/data", data=values, chunks=(1, 3, 4), compression=1)
    return values


def joined(folder: Path, fill: int = 9) -> tuple[Path, NDArray[Any]]:
    """Two files one after the other, a gap of two rows between them."""
    first, second = source(folder / "s0.h5", 100), source(folder / "s1.h5", 1000)
    layout = h5py.VirtualLayout((12, 3, 4), "u2")
    layout[:5] = h5py.VirtualSource(folder / "s0.h5", "a/data", (5, 3, 4))
    layout[7:] = h5py.VirtualSource(folder / "s1.h5", "a/data", (5, 3, 4))
    with h5py.File(folder / "v.h5", "w") as file:
        file.create_virtual_dataset("data", layout, fillvalue=fill)
    gap = np.full((2, 3, 4), fill, "u2")
    return folder / "v.h5", np.concatenate([first, gap, second])


def rows_of(
    path: Path | FileHandle,
    rows: list[list[int]],
    roi: tuple[Any, ...] = (),
    **options: Any,
) -> NDArray[Any]:
    handle = path if isinstance(path, FileHandle) else FileHandle(path)
    layout = dataset_layout(handle, "data")
    count = sum(b - a for a, b in rows)
    empty = np.empty((0, *layout.entry_shape))
    shape = empty[(slice(None), *roi)].shape[1:]
    out = np.full((count, *shape), 77, layout.dtype)
    read([ReadRequest(handle, "data", np.array(rows), out, roi)], **options)
    return out


def test_sources_are_joined(tmp_path: Path) -> None:
    """Rows come from their sources; what no source shows is the fill value."""
    path, values = joined(tmp_path)
    assert dataset_layout(FileHandle(path), "data").kind is LayoutKind.VIRTUAL
    np.testing.assert_array_equal(rows_of(path, [[0, 12]]), values)
    np.testing.assert_array_equal(
        rows_of(path, [[8, 11], [3, 8]], (slice(None, None, -2), 1)),
        values[[8, 9, 10, 3, 4, 5, 6, 7]][:, ::-2, 1],
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_mapping_reads_as_the_library_does(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """While all sources are there, the values are those of the HDF5 library."""
    folder = tmp_path_factory.mktemp("v")
    modules, axis = data.draw(st.integers(1, 3)), data.draw(st.integers(0, 1))
    shape = (8, modules, 3, 4) if axis else (5 * modules + 2, 3, 4)
    layout = h5py.VirtualLayout(shape, "u2")
    step = data.draw(st.sampled_from([1, 1, 2]))
    for m in range(modules):
        source(folder / f"s{m}.h5", 100 + 1000 * m)
        found = h5py.VirtualSource(f"s{m}.h5", "a/data", (5, 3, 4))
        low = data.draw(st.integers(0, 4))
        high = data.draw(st.integers(low + 1, 5))
        part = found[low:high:step]
        count = len(range(low, high, step))
        if axis:
            at = data.draw(st.integers(0, 8 - count))
            layout[at : at + count, m] = part
        else:
            at = data.draw(st.integers(5 * m, 5 * m + 7 - count if m == modules - 1 else 5 * m))
            layout[at : at + count] = part
    with h5py.File(folder / "v.h5", "w") as file:
        file.create_virtual_dataset("data", layout, fillvalue=7)
    with h5py.File(folder / "v.h5", "r") as file:
        whole = file["data"][()]
    ends = st.tuples(st.integers(0, shape[0]), st.integers(0, shape[0])).map(sorted)
    rows = data.draw(st.lists(ends, min_size=1, max_size=4))
    roi = (data.draw(st.slices(shape[1])),)
    chosen = np.concatenate([np.arange(*r) for r in rows]).astype(int)
    out = rows_of(folder / "v.h5", rows, roi, threads=2)
    np.testing.assert_array_equal(out, whole[chosen][:, roi[0]])


def test_overlapping_sources_are_refused(tmp_path: Path) -> None:
    """The HDF5 library leaves elements unset then: 0 in place of the fill value."""
    source(tmp_path / "s0.h5", 100)
    source(tmp_path / "s1.h5", 1000)
    layout = h5py.VirtualLayout((12, 3, 4), "u2")
    layout[:5] = h5py.VirtualSource("s0.h5", "a/data", (5, 3, 4))
    layout[4:9] = h5py.VirtualSource("s1.h5", "a/data", (5, 3, 4))
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file.create_virtual_dataset("data", layout, fillvalue=7)
    with pytest.raises(DataError, match="overlap"):
        rows_of(tmp_path / "v.h5", [[0, 12]])


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    """B47: never the fill value in place of data that is gone."""
    path, values = joined(tmp_path)
    (tmp_path / "s1.h5").unlink()
    with pytest.raises(DataError, match=r"source file .*s1\.h5 is missing"):
        rows_of(path, [[0, 12]])
    # Rows of the other source are still there.
    np.testing.assert_array_equal(rows_of(path, [[1, 5]]), values[1:5])


@pytest.mark.parametrize("content", [b"", b"no HDF5 at all" * 100])
def test_an_unreadable_source_is_named(tmp_path: Path, content: bytes) -> None:
    """B47: a source that is no HDF5 file."""
    path, _ = joined(tmp_path)
    (tmp_path / "s1.h5").write_bytes(content)
    with pytest.raises(DataError, match=r"source cannot be read: .*s1\.h5"):
        rows_of(path, [[0, 12]])


def test_a_source_without_the_dataset_is_named(tmp_path: Path) -> None:
    """B47: the file is there, the dataset is not."""
    path, _ = joined(tmp_path)
    with h5py.File(tmp_path / "s1.h5", "w") as file:
        file["other"] = 1
    with pytest.raises(DataError, match=r"s1\.h5 has no dataset a/data"):
        rows_of(path, [[0, 12]])


def test_a_short_source_is_named(tmp_path: Path) -> None:
    """B46: a source smaller than the virtual dataset says."""
    path, _ = joined(tmp_path)
    source(tmp_path / "s1.h5", 1000, rows=4)
    with pytest.raises(DataError, match=r"s1\.h5, dataset a/data, has shape \(4, 3, 4\)"):
        rows_of(path, [[0, 12]])


def test_a_source_that_changes_is_noticed(tmp_path: Path) -> None:
    """R6: the identity of sources is watched too."""
    path, _ = joined(tmp_path)
    handle = FileHandle(path)
    rows_of(handle, [[0, 12]])
    source(tmp_path / "new.h5", 5000)
    (tmp_path / "new.h5").replace(tmp_path / "s1.h5")
    with pytest.raises(FileChangedError, match=r"s1\.h5"):
        rows_of(handle, [[0, 12]])


def test_a_moved_folder_is_followed(tmp_path: Path) -> None:
    """Sources beside the virtual file are found where the folder is now."""
    (tmp_path / "old").mkdir()
    _, values = joined(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    np.testing.assert_array_equal(rows_of(tmp_path / "new" / "v.h5", [[0, 12]]), values)


def test_sources_in_a_trusted_folder_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that the user allows in the environment may hold sources (files as attack)."""
    for name in ("data", "home"):
        (tmp_path / name).mkdir()
    joined_path, values = joined(tmp_path / "data")
    path = joined_path.rename(tmp_path / "home" / "v.h5")
    monkeypatch.setenv("EUXFEL_TRUSTED_FOLDERS", str(tmp_path / "other"))
    with pytest.raises(DataError, match="EUXFEL_TRUSTED_FOLDERS"):
        rows_of(path, [[0, 12]])
    monkeypatch.setenv("EUXFEL_TRUSTED_FOLDERS", f"/nowhere:{tmp_path / 'data'}")
    np.testing.assert_array_equal(rows_of(path, [[0, 12]]), values)


def test_sources_in_linked_folders_of_a_proposal_are_read(tmp_path: Path) -> None:
    """Folders of a proposal that are links to other file systems are still of the proposal."""
    raw = tmp_path / "archive" / "raw" / "SPB" / "202601" / "p002012"
    proposal = tmp_path / "exp" / "SPB" / "202601" / "p002012"
    for folder in (raw / "r0001", proposal / "usr"):
        folder.mkdir(parents=True)
    (proposal / "raw").symlink_to(raw)
    made, values = joined(proposal / "raw" / "r0001")
    path = made.rename(proposal / "usr" / "v.h5")
    np.testing.assert_array_equal(rows_of(path, [[0, 12]]), values)
    other = tmp_path / "exp" / "SPB" / "202601" / "p002013"
    other.mkdir()
    with pytest.raises(DataError, match="outside the run"):
        rows_of(path.rename(other / "v.h5"), [[0, 12]])


def test_sources_outside_are_refused(tmp_path: Path) -> None:
    """A file cannot make a reader hand out any file of its account."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "run").mkdir()
    values = source(tmp_path / "secret" / "s.h5", 100)
    layout = h5py.VirtualLayout((5, 3, 4), "u2")
    layout[:] = h5py.VirtualSource(tmp_path / "secret" / "s.h5", "a/data", (5, 3, 4))
    path = tmp_path / "run" / "v.h5"
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("data", layout)
    with pytest.raises(DataError, match=r"s\.h5, which is outside the run"):
        rows_of(path, [[0, 5]])
    allowed = rows_of(path, [[0, 5]], may_follow=lambda file, target: True)
    np.testing.assert_array_equal(allowed, values)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Symbolic links are resolved before the decision."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "run").mkdir()
    source(tmp_path / "secret" / "s.h5", 100)
    (tmp_path / "run" / "s.h5").symlink_to(tmp_path / "secret" / "s.h5")
    layout = h5py.VirtualLayout((5, 3, 4), "u2")
    layout[:] = h5py.VirtualSource("s.h5", "a/data", (5, 3, 4))
    path = tmp_path / "run" / "v.h5"
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("data", layout)
    with pytest.raises(DataError, match="outside the run"):
        rows_of(path, [[0, 5]])


def test_the_whole_proposal_is_allowed(tmp_path: Path) -> None:
    """An overview in ``usr`` shows the runs of its proposal."""
    proposal = tmp_path / "SPB" / "202601" / "p900001"
    (proposal / "usr").mkdir(parents=True)
    (proposal / "raw" / "r0001").mkdir(parents=True)
    values = source(proposal / "raw" / "r0001" / "s.h5", 100)
    layout = h5py.VirtualLayout((5, 3, 4), "u2")
    layout[:] = h5py.VirtualSource("../raw/r0001/s.h5", "a/data", (5, 3, 4))
    with h5py.File(proposal / "usr" / "v.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    np.testing.assert_array_equal(rows_of(proposal / "usr" / "v.h5", [[0, 5]]), values)


def test_virtual_datasets_in_a_circle(tmp_path: Path) -> None:
    """Two virtual datasets that show each other are an error, not a hang."""
    for mine, other in (("v", "w"), ("w", "v")):
        layout = h5py.VirtualLayout((5, 3, 4), "u2")
        layout[:] = h5py.VirtualSource(f"{other}.h5", "data", (5, 3, 4))
        with h5py.File(tmp_path / f"{mine}.h5", "w") as file:
            file.create_virtual_dataset("data", layout)
    with pytest.raises(DataError, match="circle"):
        rows_of(tmp_path / "v.h5", [[0, 5]])


def test_external_links(tmp_path: Path) -> None:
    """A link to another file is followed inside the folder only, and to the right bytes."""
    values = source(tmp_path / "s.h5", 100)
    (tmp_path / "run").mkdir()
    source(tmp_path / "run" / "s.h5", 5000)
    for folder in (tmp_path, tmp_path / "run"):
        with h5py.File(folder / "l.h5", "w") as file:
            file["padding"] = np.ones(1000)
            file["data"] = h5py.ExternalLink(str(tmp_path / "s.h5"), "a/data")
    np.testing.assert_array_equal(rows_of(tmp_path / "l.h5", [[1, 4]]), values[1:4])
    with pytest.raises(DataError, match="outside the run"):
        rows_of(tmp_path / "run" / "l.h5", [[1, 4]])


def test_external_raw_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw files are read if they are inside and complete; the library would read zeros."""
    monkeypatch.chdir(tmp_path)
    values = np.arange(1, 21, dtype="u2")
    (tmp_path / "raw.bin").write_bytes(values.tobytes())
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("data", (20,), "u2", external=[("raw.bin", 0, 40)])
    np.testing.assert_array_equal(rows_of(tmp_path / "x.h5", [[3, 20]]), values[3:])
    os.truncate(tmp_path / "raw.bin", 30)
    with pytest.raises(DataError, match=r"raw\.bin has 30 bytes"):
        rows_of(tmp_path / "x.h5", [[3, 20]])
    (tmp_path / "raw.bin").unlink()
    with pytest.raises(DataError, match=r"raw\.bin is missing"):
        rows_of(tmp_path / "x.h5", [[3, 20]])


def test_external_raw_files_outside_are_refused(tmp_path: Path) -> None:
    """The oldest trick: the password file as a dataset."""
    (tmp_path / "run").mkdir()
    (tmp_path / "secret").write_bytes(b"root:x:0:0" * 4)
    with h5py.File(tmp_path / "run" / "x.h5", "w") as file:
        file.create_dataset("data", (40,), "u1", external=[(str(tmp_path / "secret"), 0, 40)])
    with pytest.raises(DataError, match="outside the run"):
        rows_of(tmp_path / "run" / "x.h5", [[0, 40]])
