"""Every defect is in the file that it is said to be in, and in no other."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from euxfel.fileaccess.testing import SimulatedFile, small_run
from euxfel.fileaccess.testing.defects import (
    CASES,
    ByteFlipped,
    Case,
    ChunkCorrupt,
    FileCopied,
    OtherFrameCount,
    SourceListed,
    TrainsMissing,
    cases,
    healthy_run,
)

Reader = Callable[[Path, str, str], dict[int, NDArray[Any]]]
SOUND = [c for c in CASES.values() if c.opens]
MODULE = "SPB_DET_AGIPD1M-1/CORR/3CH0:output"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"


def write_defect(name: str, folder: Path) -> Path:
    """Write the run of a case; the path of the file with the defect."""
    case = CASES[name]
    assert case.aggregator is not None
    return case.run.write_flat(folder).file(case.aggregator, case.sequence or 0)


def in_file(case: Case, file: SimulatedFile) -> bool:
    return file.aggregator == case.aggregator and case.sequence in {None, file.sequence}


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_a_defect_changes_only_the_file_it_is_said_to_be_in(tmp_path: Path, case: Case) -> None:
    sound, broken = healthy_run().files, case.run.files

    # Another format version changes all files, and is no defect.
    if case.run.format_version == "1.2":
        for before, after in zip(sound, broken, strict=True):
            assert (before == after) != in_file(case, after)
    assert sum(in_file(case, f) for f in broken) == 1


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_sources_that_are_not_touched_hold_what_is_expected(
    tmp_path: Path, read_by_train: Reader, case: Case
) -> None:
    (file,) = (f for f in case.run.files if in_file(case, f))
    path = file.write_in(tmp_path)

    repeated = {t for t in file.train_ids if list(file.train_ids).count(t) > 1}
    for dataset in file.datasets():
        if dataset.source == case.source and not case.exact:
            continue
        group = "" if dataset.section == "CONTROL" else f"/{dataset.key.partition('.')[0]}"
        rows = read_by_train(path, f"INDEX/{dataset.source}{group}", dataset.path)
        for train in set(file.train_ids) - repeated - {0}:
            expected = file.expected(dataset.source, dataset.key, [train])
            np.testing.assert_array_equal(rows[train], expected)


@pytest.mark.parametrize("case", [c for c in CASES.values() if not c.opens], ids=lambda c: c.name)
def test_a_file_that_cannot_be_used_lacks_its_heart(tmp_path: Path, case: Case) -> None:
    """B10, R5."""
    path = write_defect(case.name, tmp_path)

    if not path.is_file():
        assert case.name in {"fifo-named-h5", "directory-named-h5"}
        return
    try:
        with h5py.File(path) as h5:
            assert not {"METADATA", "INDEX"} <= set(h5)
    except OSError:
        assert case.name in {"truncated", "empty-named-h5", "text-named-h5"}


def test_a_fifo_is_a_fifo(tmp_path: Path) -> None:
    assert stat.S_ISFIFO(write_defect("fifo-named-h5", tmp_path).stat().st_mode)


def test_trains_are_out_of_order(tmp_path: Path) -> None:
    """B3."""
    with h5py.File(write_defect("trains-swapped", tmp_path)) as h5:
        assert h5["INDEX/trainId"][2:6].tolist() == [10002, 10004, 10003, 10005]


@pytest.mark.parametrize(
    ("name", "train_id", "flag"),
    [
        ("rogue-small-flagged", 5, 0),
        ("rogue-large-unflagged", 10**9, 1),
        ("rogue-max-unflagged", 2**64 - 1, 1),
        ("rogue-max-1.1", 2**64 - 1, 1),
    ],
)
def test_rogue_trains_are_flagged_or_not(
    tmp_path: Path, name: str, train_id: int, flag: int
) -> None:
    """B8, B9: 1.1 flags with 1 what others flag with 0."""
    with h5py.File(write_defect(name, tmp_path)) as h5:
        assert int(h5["INDEX/trainId"][3]) == train_id
        assert h5["INDEX/flag"][3] == flag


def test_a_train_is_stored_twice(tmp_path: Path) -> None:
    """R3."""
    with h5py.File(write_defect("train-twice", tmp_path)) as h5:
        assert h5["INDEX/trainId"][3:6].tolist() == [10003, 10003, 10005]


def test_a_zero_stands_among_the_train_ids(tmp_path: Path) -> None:
    """B17."""
    with h5py.File(write_defect("zero-train-id", tmp_path)) as h5:
        assert h5["INDEX/trainId"][2:5].tolist() == [10002, 0, 10004]


def test_two_files_hold_the_same_trains() -> None:
    """B48."""
    files = CASES["files-overlap"].run.files
    first, second = (f.train_ids for f in files if f.aggregator == "DA01")

    assert set(first) & set(second) == {10008, 10009}


def test_a_file_without_trains_still_has_run_and_empty_data(tmp_path: Path) -> None:
    """B11."""
    with h5py.File(write_defect("no-trains", tmp_path)) as h5:
        assert not h5["INDEX/trainId"][:].any()
        assert h5[f"INSTRUMENT/{CAMERA}/data/image/pixels"].shape == (0, 24, 32)
        assert h5["RUN/SPB_IRU_SAMPLE/MOTOR/X/classId/value"].shape == (1,)


def test_pulse_ids_repeat(tmp_path: Path) -> None:
    """B7."""
    with h5py.File(write_defect("repeated-pulses", tmp_path)) as h5:
        assert h5[f"INSTRUMENT/{MODULE}/image/pulseId"][:8].tolist() == [0, 1] * 4


def test_frame_counts_differ_for_some_trains_or_all() -> None:
    """B5: 62 frames where other modules have 60."""
    some = OtherFrameCount(source=MODULE, frames=0, train_ids=[10003])
    counts = healthy_run().with_defect(some).expected_counts(MODULE, "image", [10002, 10003])
    assert counts.tolist() == [4, 0]

    all_trains = CASES["other-frame-count"].run
    assert set(all_trains.expected_counts(MODULE, "image").tolist()) == {6}


@pytest.mark.parametrize("name", ["unallocated-chunks", "unallocated-chunks-with-fill"])
def test_chunks_are_not_allocated(tmp_path: Path, name: str) -> None:
    """R2, B39."""
    with h5py.File(write_defect(name, tmp_path)) as h5:
        frames = h5[f"INSTRUMENT/{MODULE}/image/data"]
        assert frames.id.get_num_chunks() == 80 - 8
        assert (frames[20:28] == frames.fillvalue).all()


def test_a_chunk_cannot_be_decoded_and_its_neighbours_can(tmp_path: Path) -> None:
    """R2b."""
    run = CASES["corrupt-chunk"].run
    with h5py.File(write_defect("corrupt-chunk", tmp_path)) as h5:
        frames = h5[f"INSTRUMENT/{MODULE}/image/data"]
        expected = run.expected(MODULE, "image.data")
        for row in (19, 21):
            np.testing.assert_array_equal(frames[row], expected[row])
        with pytest.raises(OSError, match="filter"):
            frames[20]


def test_a_chunk_without_filter_cannot_be_made_undecodable(tmp_path: Path) -> None:
    """R2b."""
    path = f"INSTRUMENT/{CAMERA}/data/image/pixels"
    run = healthy_run().with_defect(ChunkCorrupt(aggregator="DA01", path=path))

    with pytest.raises(ValueError, match="has no filter"):
        run.write_flat(tmp_path)


def test_types_differ_between_sequence_files(tmp_path: Path) -> None:
    """R7, R8."""
    shapes, types = (CASES[n].run for n in ("other-entry-shape", "other-dtype"))
    keys = (CAMERA, "data.image.pixels"), ("SPB_XTD9_XGM/DOOCS/MAIN:output", "data.intensityTD")

    assert [shapes.file("DA01", s).expected(*keys[0]).shape[1:] for s in (0, 1)] == [
        (24, 16),
        (24, 32),
    ]
    assert [types.file("DA01", s).expected(*keys[1]).dtype for s in (0, 1)] == ["i4", "f4"]


def test_the_index_is_cut_or_its_columns_differ(tmp_path: Path) -> None:
    """B13, B14."""
    with h5py.File(write_defect("index-short", tmp_path / "a")) as h5:
        index = h5[f"INDEX/{CAMERA}/data"]
        assert (len(index["first"]), len(index["count"])) == (7, 7)
    with h5py.File(write_defect("index-lengths-differ", tmp_path / "b")) as h5:
        index = h5[f"INDEX/{CAMERA}/data"]
        assert (len(index["first"]), len(index["count"])) == (12, 7)


@pytest.mark.parametrize("name", ["index-beyond-data", "data-cut"])
def test_the_index_points_beyond_the_data(tmp_path: Path, name: str) -> None:
    """B14."""
    with h5py.File(write_defect(name, tmp_path)) as h5:
        index = h5[f"INDEX/{MODULE}/image"]
        ends = index["first"][:20] + index["count"][:20]
        assert ends.max() > len(h5[f"INSTRUMENT/{MODULE}/image/data"])


def test_rows_without_a_train_lie_between_those_with_one(tmp_path: Path) -> None:
    """B15."""
    with h5py.File(write_defect("rows-without-train", tmp_path)) as h5:
        first, count = (
            h5[f"INDEX/{MODULE}/image/{c}"][:20].astype(int) for c in ("first", "count")
        )
    assert (first[1:] - (first + count)[:-1]).nonzero()[0].tolist() == [3, 9]


def test_trains_share_rows(tmp_path: Path) -> None:
    """B15."""
    with h5py.File(write_defect("index-overlaps", tmp_path)) as h5:
        first, count = (
            h5[f"INDEX/{MODULE}/image/{c}"][:20].astype(int) for c in ("first", "count")
        )
    assert ((first + count)[:-1] > first[1:]).any()


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("first-2-63", "first", 2**63),
        ("count-max", "count", 2**64 - 1),
        ("count-2-40", "count", 2**40),
    ],
)
def test_index_entries_can_be_huge(tmp_path: Path, name: str, column: str, value: int) -> None:
    """B14."""
    with h5py.File(write_defect(f"index-{name}", tmp_path)) as h5:
        assert int(h5[f"INDEX/{MODULE}/image/{column}"][4]) == value


@pytest.mark.parametrize(
    ("name", "kind", "ndim"),
    [("negative", "i", 1), ("float", "f", 1), ("text", "O", 1), ("2d", "i", 2)],
)
def test_index_datasets_can_be_of_any_type(tmp_path: Path, name: str, kind: str, ndim: int) -> None:
    """B14."""
    with h5py.File(write_defect(f"index-{name}", tmp_path)) as h5:
        column = h5[f"INDEX/{MODULE}/image/first"]
        assert (column.dtype.kind, column.ndim) == (kind, ndim)


def test_units_can_be_broken(tmp_path: Path) -> None:
    """B49."""
    with h5py.File(write_defect("broken-units", tmp_path)) as h5:
        attrs = h5["CONTROL/SPB_IRU_SAMPLE/MOTOR/X/actualPosition"].attrs
        assert attrs["metricPrefixSymbol"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("version", ["0.5", "1.2"])
def test_hostile_names_are_listed(tmp_path: Path, version: str) -> None:
    file = SourceListed(entry="CONTROL/../INDEX").apply(SimulatedFile(format_version=version))
    with h5py.File(file.write_in(tmp_path)) as h5:
        listed = h5[f"{file.format.sources_at}/dataSourceId"].asstr()[:]
    assert listed[-1] == "CONTROL/../INDEX"


def test_a_flipped_byte_is_the_only_difference(tmp_path: Path) -> None:
    """F6."""
    sound = SimulatedFile().write(tmp_path / "sound.h5").read_bytes()
    flipped = SimulatedFile().with_damage(ByteFlipped(offset=600).damage)
    broken = flipped.write(tmp_path / "broken.h5").read_bytes()

    assert [i for i, (a, b) in enumerate(zip(sound, broken, strict=True)) if a != b] == [600]


def test_a_copy_lies_beside_the_file(tmp_path: Path) -> None:
    run = small_run().with_defect(FileCopied(aggregator="DA02", name="overview.h5"))
    written = run.write_flat(tmp_path)

    assert (tmp_path / "overview.h5").read_bytes() == written.file("DA02").read_bytes()


def test_globs_and_sequences_say_where_a_defect_is() -> None:
    defect = TrainsMissing(aggregator="AGIPD0[23]", sequence=0, train_ids=[10004])
    run = healthy_run().with_defect(defect)

    assert [f.aggregator for f in run.files if 10004 not in f.train_ids and not f.sequence] == [
        "AGIPD02",
        "AGIPD03",
    ]


def test_every_row_about_files_has_a_case() -> None:
    rows = {
        "B1", "B2", "B3", "B4", "B5", "B7", "B8", "B9", "B10", "B11", "B13", "B14", "B15", "B16",
        "B17", "B18", "B19", "B20", "B22", "B39", "B48", "B49", "R2", "R2b", "R3", "R5", "R7", "R8",
    }  # fmt: skip

    assert rows <= {case.row for case in CASES.values()}
    assert {case.row for case in cases("B8", "B9")} == {"B8", "B9"}
    assert cases() == list(CASES.values())
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in CASES)
