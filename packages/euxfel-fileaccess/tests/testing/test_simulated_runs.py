"""Runs: which trains are in which file, what a reader must find, and where the files lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from euxfel.fileaccess.testing import (
    SimulatedRun,
    camera,
    detections,
    motor,
    planted,
    small_run,
    xgm,
)
from euxfel.fileaccess.testing.defects import Overlap, SourceMissing

Reader = Callable[[Path, str, str], dict[int, NDArray[Any]]]
MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"


def test_aggregators_begin_new_files_at_different_trains() -> None:
    run = SimulatedRun(
        {"DA01": (motor(),), "DA02": camera(), "DA03": xgm()},
        trains_per_file={"DA01": 8, "DA02": 15},
    )

    assert [(f.filename, len(f.train_ids)) for f in run.files] == [
        ("RAW-R0001-DA01-S00000.h5", 8),
        ("RAW-R0001-DA01-S00001.h5", 8),
        ("RAW-R0001-DA01-S00002.h5", 4),
        ("RAW-R0001-DA02-S00000.h5", 15),
        ("RAW-R0001-DA02-S00001.h5", 5),
        ("RAW-R0001-DA03-S00000.h5", 20),
    ]


def test_a_run_lies_in_the_folder_of_its_proposal(tmp_path: Path) -> None:
    raw = SimulatedRun({"DA01": (motor(),)}, proposal=2012, run=243, instrument="MID")
    proc = SimulatedRun({"DA01": (motor(),)}, category="CORR")
    red = SimulatedRun({"DA01": (motor(),)}, folder="red")

    assert raw.write(tmp_path).path == tmp_path / "MID/202601/p002012/raw/r0243"
    assert proc.write(tmp_path).file("DA01").relative_to(tmp_path).parts == (
        "SPB", "202601", "p900000", "proc", "r0001", "CORR-R0001-DA01-S00000.h5",
    )  # fmt: skip
    assert red.path_under(tmp_path).parts[-2] == "red"


def test_a_run_can_be_written_to_any_folder(tmp_path: Path) -> None:
    written = small_run().write_flat(tmp_path / "a" / "b")

    assert sorted((tmp_path / "a" / "b").iterdir()) == list(written.paths)
    assert written.file("DA01", 1).name == "RAW-R0001-DA01-S00001.h5"


def test_trains_missing_from_an_aggregator_are_not_in_its_files() -> None:
    run = SimulatedRun({"DA01": (motor(),), "DA02": camera()}, missing={"DA02": [10003]})

    assert 10003 not in run.file("DA02").train_ids
    assert 10003 in run.file("DA01").train_ids
    assert run.expected_counts(CAMERA, train_ids=[10002, 10003]).tolist() == [1, 0]


def test_trains_missing_from_a_source_count_0_in_its_file() -> None:
    """B1: one count for each train, 0 where the source has nothing."""
    run = SimulatedRun({"DA02": camera()}, missing={CAMERA: [10003]})

    assert 10003 in run.file("DA02").train_ids
    assert run.expected_counts(CAMERA, train_ids=[10002, 10003]).tolist() == [1, 0]
    assert run.expected_counts("SPB_IRU_CAM/CAM/SIDEMIC").all()


def test_suspect_trains_can_be_left_out_of_the_list() -> None:
    run = SimulatedRun({"DA01": (motor(),)}, suspect=frozenset({10003}))

    assert set(run.trains()) - set(run.trains(suspect=False)) == {10003}


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 25), missing=st.sets(st.integers(10000, 10019)))
def test_what_is_expected_does_not_lose_or_repeat_rows(size: int, missing: set[int]) -> None:
    run = SimulatedRun({"DA01": (detections(),)}, trains_per_file=size, missing={"DA01": missing})
    source = "SQS_REMI_DLD6/DET/TOP:output"

    counts = run.expected_counts(source, "rec", run.train_ids)
    ids = run.expected(source, "rec.trainId", run.train_ids)

    assert ids.tolist() == np.repeat(run.train_ids, counts).tolist()
    lacking = {t for t, n in zip(run.train_ids, counts, strict=True) if not n}
    assert lacking == missing | {t for t in run.train_ids if t % 5 == 0}


def test_values_are_those_of_the_row_in_the_sequence_file() -> None:
    run = SimulatedRun({"DA01": (motor(),)}, trains_per_file=8)

    got = run.expected(MOTOR, "actualPosition", [10010, 10001])

    expected = [
        *planted(MOTOR, "actualPosition.value", 1, [2]),
        *planted(MOTOR, "actualPosition.value", 0, [1]),
    ]
    assert got.tolist() == expected


def test_the_later_file_counts_where_two_hold_a_train() -> None:
    """B48: the stated rule for overlapping files."""
    run = SimulatedRun({"DA01": (motor(),)}, trains_per_file=10)
    overlapping = run.with_defect(Overlap(sequence=1, trains=2))

    got = overlapping.expected(MOTOR, "actualPosition", [10007, 10008])

    key = "actualPosition.value"
    assert got.tolist() == [*planted(MOTOR, key, 0, [7]), *planted(MOTOR, key, 1, [0])]


def test_written_files_give_the_expected_values_of_the_run(
    tmp_path: Path, read_by_train: Reader
) -> None:
    written = small_run().write(tmp_path)

    stored: dict[int, NDArray[Any]] = {}
    for sequence in (0, 1):
        path = f"CONTROL/{MOTOR}/actualPosition/value"
        stored |= read_by_train(written.file("DA01", sequence), f"INDEX/{MOTOR}", path)
    assert len(stored) == 20
    got = np.concatenate([stored[t] for t in sorted(stored)])
    np.testing.assert_array_equal(got, written.expected(MOTOR, "actualPosition"))


def test_a_source_without_files_is_named() -> None:
    run = small_run().with_defect(SourceMissing(source=MOTOR))

    with pytest.raises(KeyError, match="MOTOR/X"):
        run.expected(MOTOR, "actualPosition")
    with pytest.raises(KeyError, match="no file 7 of DA01"):
        run.file("DA01", 7)


def test_no_trains_make_empty_arrays_of_the_right_type() -> None:
    """B12: selections of zero trains."""
    got = small_run().expected(CAMERA, "data.image.pixels", [])

    assert got.shape == (0, 24, 32)
    assert got.dtype == "u2"
