"""The plan alone, without files: which bytes are read, in how many calls, how fast it is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess.engine.chunk_table import ChunkIndex
from euxfel.fileaccess.engine.decode import DecodeUnit
from euxfel.fileaccess.engine.layout import DatasetLayout, LayoutKind
from euxfel.fileaccess.engine.plan import plan
from euxfel.fileaccess.engine.region import Axis, normalised
from euxfel.fileaccess.engine.segments import Segments, from_ranges, split
from euxfel.fileaccess.engine.task import Task, all_axes
from euxfel.fileaccess.engine.units import DirectUnit, FillUnit, GatherUnit, Unit
from euxfel.fileaccess.errors import DataError
from euxfel.fileaccess.handle import FileHandle
from euxfel.fileaccess.identity import FileIdentity

SIZE = 1 << 40
HANDLE = FileHandle("/nowhere/f.h5", FileIdentity(1, 2, SIZE, 3, 4))
FRAME = (128, 64)
FRAME_BYTES = 128 * 64 * 2


def layout(rows: int, filters: tuple[int, ...] = ()) -> DatasetLayout:
    """Frames of uint16, one in each chunk."""
    return DatasetLayout(
        shape=(rows, *FRAME),
        dtype=np.dtype("u2"),
        entry_shape=FRAME,
        kind=LayoutKind.CHUNKED,
        chunks=(1, *FRAME),
        filters=filters,
        fill_value=np.uint16(5),
        direct=True,
    )


def index(rows: int, stored: int = FRAME_BYTES) -> ChunkIndex:
    """Chunks one after the other, from address 1000 on."""
    return ChunkIndex(
        1000 + np.arange(rows) * stored, np.full(rows, stored), np.zeros(rows, np.uint32)
    )


def task(
    ranges: list[list[int]],
    stored: DatasetLayout,
    roi: tuple[Any, ...] = (),
    dtype: str = "u2",
) -> Task:
    rows = np.array(ranges, np.int64)
    region = normalised(roi, stored.entry_shape)
    out = np.empty((int((rows[:, 1] - rows[:, 0]).sum()), *region.shape), dtype)
    segments = from_ranges(rows)
    return Task(HANDLE, "data", stored, segments, region, all_axes(out, region))


def units(some: Task, where: ChunkIndex) -> list[Unit]:
    return list(plan(some, where))


def test_neighbouring_frames_are_one_read() -> None:
    """Chunks that follow each other in file and memory are merged."""
    (unit,) = units(task([[3, 40]], layout(64)), index(64))
    assert isinstance(unit, DirectUnit)
    assert unit.address.tolist() == [1000 + 3 * FRAME_BYTES]
    assert unit.size.tolist() == [37 * FRAME_BYTES]
    assert unit.place.tolist() == [0]


def test_a_long_read_is_cut_for_the_threads() -> None:
    """No unit is so large that other threads have nothing to do."""
    found = units(task([[0, 2000]], layout(2000)), index(2000))
    assert len(found) > 4
    assert sum(unit.nbytes for unit in found) == 2000 * FRAME_BYTES
    assert max(unit.nbytes for unit in found) <= 4 << 20


def test_rows_of_a_frame_are_read_without_the_rest() -> None:
    """A selection of rows of unfiltered frames reads those rows only."""
    (unit,) = units(task([[0, 10]], layout(10), (slice(32, 96),)), index(10))
    assert isinstance(unit, DirectUnit)
    assert unit.nbytes == 10 * 64 * 64 * 2
    assert unit.address[1] - unit.address[0] == FRAME_BYTES


def test_columns_are_gathered_from_the_rows_that_hold_them() -> None:
    """A selection with holes is read as the hull of its rows."""
    stored = DatasetLayout(
        (10, 512, 64), np.dtype("u2"), (512, 64), LayoutKind.CONTIGUOUS, None, (), 0, True
    )
    where = ChunkIndex(np.array([500]), np.array([10 * 512 * 128]), np.zeros(1, np.uint32))
    some = task([[2, 4]], stored, (slice(100, 110), slice(None, None, 2)))
    (unit,) = units(some, where)
    assert isinstance(unit, GatherUnit)
    assert unit.nbytes == 2 * 10 * 128
    assert unit.address.tolist() == [500 + (512 * r + 100) * 128 for r in (2, 3)]


def test_only_chunks_that_are_selected_are_decoded() -> None:
    """Every fourth frame costs a quarter, and a frame wanted twice is decoded once."""
    ranges = [[i, i + 1] for i in range(0, 400, 4)] + [[8, 9]]
    found = units(task(ranges, layout(400, (2, 1))), index(400, 4000))
    numbers = np.concatenate([u.number for u in found if isinstance(u, DecodeUnit)])
    assert sorted(numbers.tolist()) == list(range(0, 400, 4))


def test_unsorted_rows_are_read_in_the_order_of_the_file() -> None:
    """The file is passed once, forwards."""
    ranges = [[i, i + 1] for i in np.random.default_rng(1).permutation(500)]
    found = units(task(ranges, layout(500, (1,))), index(500, 4000))
    addresses = np.concatenate([u.address for u in found if isinstance(u, DecodeUnit)])
    assert (np.diff(addresses) > 0).all()


def test_skipped_filters_make_units_of_their_own() -> None:
    """Chunks whose filters were skipped are read as they are."""
    where = index(8, 4000)
    where.mask[3] = 0b11
    where.size[3] = FRAME_BYTES
    where.mask[5] = 0b01
    found = units(task([[0, 8]], layout(8, (2, 1))), where)
    kinds = {type(u).__name__: u for u in found}
    assert set(kinds) == {"DecodeUnit", "DirectUnit"}
    assert {u.filters for u in found if isinstance(u, DecodeUnit)} == {(2, 1), (1,)}


def test_unwritten_chunks_are_filled() -> None:
    """B39: they are no reads."""
    where = index(8)
    where.address[2:5] = -1
    found = units(task([[0, 8]], layout(8)), where)
    (fill,) = [u for u in found if isinstance(u, FillUnit)]
    assert (fill.segments.start.size, int(fill.segments.count.sum())) == (3, 3)
    assert sum(u.nbytes for u in found if isinstance(u, DirectUnit)) == 5 * FRAME_BYTES


@pytest.mark.parametrize(("address", "size"), [(SIZE - 10, None), (1 << 62, None), (100, SIZE)])
def test_addresses_outside_the_file(address: int, size: int | None) -> None:
    """A chunk that cannot be there is named."""
    where = index(8)
    where.address[6] = address
    where.size[6] = FRAME_BYTES if size is None else size
    with pytest.raises(DataError, match=r"/nowhere/f\.h5, dataset data: chunk \(6, 0, 0\)"):
        units(task([[0, 8]], layout(8)), where)


def test_a_raw_chunk_of_the_wrong_size() -> None:
    """Without filters a chunk has exactly its declared size."""
    where = index(8)
    where.size[2] += 2
    with pytest.raises(DataError, match=r"chunk \(2, 0, 0\)"):
        units(task([[0, 8]], layout(8)), where)


def test_many_single_rows_are_few_reads() -> None:
    """A hundred thousand rows of a small dataset are not as many system calls."""
    stored = DatasetLayout(
        (400_000,), np.dtype("f8"), (), LayoutKind.CONTIGUOUS, None, (), 0.0, True
    )
    where = ChunkIndex(np.array([64]), np.array([3_200_000]), np.zeros(1, np.uint32))
    rows = np.arange(0, 400_000, 4)
    found = units(task(np.stack([rows, rows + 1], 1).tolist(), stored), where)
    assert sum(len(u.address) for u in found if isinstance(u, GatherUnit)) <= 8


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=12), st.integers(1, 20))
def test_segments_keep_every_row(ranges: list[tuple[int, int]], every: int) -> None:
    """Joining and cutting changes neither the rows nor their places."""
    rows = np.array([(a, a + n) for a, n in ranges], np.int64).reshape(-1, 2)
    wanted = [r for a, b in rows for r in range(a, b)]
    segments = from_ranges(rows)
    pieces, block = split(segments, every)
    for some in (segments, pieces):
        found, places = some.rows()
        assert [wanted[p] for p in places] == found.tolist()
        assert sorted(places.tolist()) == list(range(len(wanted)))
    assert (pieces.start // every == block).all()
    assert ((pieces.stop - 1) // every == block).all()


@given(st.integers(1, 30), st.data())
def test_an_axis_is_cut_like_the_list_of_its_elements(length: int, data: st.DataObject) -> None:
    """What falls within a block, and where it stands in the selection."""
    chosen = data.draw(st.slices(length))
    indices = range(length)[chosen]
    low = data.draw(st.integers(0, length - 1))
    high = data.draw(st.integers(low + 1, length))
    part, where = Axis(indices.start, indices.step, len(indices)).within(low, high)
    wanted = [i - low for i in indices if low <= i < high]
    assert list(range(high - low))[part.index()] == wanted
    assert [i - low for i in list(indices)[where]] == wanted


def test_segments_take_and_shift() -> None:
    """Small operations that the plan is made of."""
    some = Segments(np.array([1, 5]), np.array([2, 3]), np.array([0, 2]))
    assert some.take(slice(1, 2)).shifted(10).start.tolist() == [15]
    assert some.stop.tolist() == [3, 8]
