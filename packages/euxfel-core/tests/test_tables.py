"""Data frames: which columns there are, what they are called, and what does not fit in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, camera, detections, motor, with_legacy_name

OLD, NEW = "OLD_CAM/CAM/SIDE:daqOutput", "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
KEY = "data.image.bitsPerPixel"
HITS = "SQS_REMI_DLD6/DET/TOP:output"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> object:
    control, fast = camera(shape=(4, 4))
    sources = {"DA01": (motor(), control, with_legacy_name(fast, OLD)), "DA02": (detections(),)}
    folder: Path = tmp_path_factory.mktemp("tables")
    return RunDirectory(SimulatedRun(sources).write(folder).path)


def test_each_source_has_one_column_by_its_present_name(run) -> None:
    """An old name stands for the same data: it is not a second column."""
    assert list(run.get_dataframe([("*CAM*:*", KEY)]).columns) == [f"{NEW}/{KEY}"]


def test_a_source_asked_for_by_its_old_name_keeps_it(run) -> None:
    table = run.get_dataframe([(OLD, KEY)])
    assert list(table.columns) == [f"{OLD}/{KEY}"]
    np.testing.assert_array_equal(table.iloc[:, 0], run[NEW, KEY].ndarray())


def test_keys_with_several_rows_in_a_train_fit_together(run) -> None:
    table = run.get_dataframe([(HITS, "rec.hits"), (HITS, "rec.count")])
    assert table.shape == (len(run[HITS, "rec.hits"].ndarray()), 2)
    np.testing.assert_array_equal(table.index, run[HITS, "rec.hits"].train_id_coordinates())


def test_keys_with_other_rows_do_not_fit_in_one_table(run) -> None:
    """The error names both and says what to do; nothing is repeated or dropped to make it fit."""
    with pytest.raises(ValueError, match=r"SQS_REMI.*SPB_IRU_SAMPLE.*do not fit in one table"):
        run.get_dataframe([("SPB_IRU_SAMPLE/*", "actualPosition"), (HITS, "rec.hits")])
