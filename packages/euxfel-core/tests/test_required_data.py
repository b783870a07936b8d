"""Which trains are left where data is required, and which files hold what is selected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euxfel.core import DataCollection, NoDataError, RunDirectory
from euxfel.fileaccess.testing import SimulatedRun, detector_modules, motor, reduction, run_only

MODULE = "SPB_DET_AGIPD1M-1/DET/2CH0:xtdf"
MOTOR, SETTINGS = "SPB_IRU_SAMPLE/MOTOR/X", "SPB_TEST/DEVICE/SETTINGS"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> DataCollection:
    """A module that has no frames in every second train, and a device with a snapshot only."""
    modules = detector_modules("SPB_DET_AGIPD1M-1", (4, 0), modules=[2], module_shape=(8, 4))
    sources = {"DA01": (motor(), run_only(), reduction(MODULE)), **modules}
    made = SimulatedRun(
        sources, range(10000, 10010), trains_per_file={"DA01": 4}, format_version="1.3"
    )
    return RunDirectory(made.write(tmp_path_factory.mktemp("required")).path)


def test_a_source_without_data_requires_none(run: DataCollection) -> None:
    chosen = run.select([(MOTOR, "*"), (SETTINGS, "*")], require_all=True)
    assert chosen.train_ids == run.train_ids
    assert SETTINGS in chosen.all_sources


def test_all_index_groups_of_selected_keys_need_data(run: DataCollection) -> None:
    assert run.select(MODULE, require_all=True).train_ids == run.train_ids[::2]
    assert run.select(MODULE, "header.*", require_all=True).train_ids == run.train_ids
    assert run.select(MODULE, require_any=True).train_ids == run.train_ids


@pytest.mark.parametrize("method", ["data_counts", "drop_empty_trains", "train_id_coordinates"])
@pytest.mark.parametrize("source", [MODULE, MOTOR])
def test_unknown_index_groups_are_refused(run: DataCollection, source: str, method: str) -> None:
    """None is without data: it is a misspelt name."""
    with pytest.raises(NoDataError, match="has no index group 'imagee' here; it has '"):
        getattr(run[source], method)(index_group="imagee")


def test_files_are_those_with_selected_trains(run: DataCollection) -> None:
    def names(data: Any) -> list[str]:
        return [Path(file.filename).name.partition("R0001-")[2] for file in data.files]

    assert names(run) == ["AGIPD02-S00000.h5", *(f"DA01-S0000{n}.h5" for n in range(3))]
    assert names(run[MOTOR][4:8]) == ["DA01-S00001.h5"]
    assert names(run[MOTOR, "actualPosition"][3:5]) == ["DA01-S00000.h5", "DA01-S00001.h5"]
    assert names(run[8:].select("*MOTOR*")) == ["DA01-S00002.h5"]
    moved = run.with_train_offset(MOTOR, 4)
    assert names(moved[MOTOR][4:8]) == ["DA01-S00000.h5"]


def test_one_file_defines_a_source_without_trains(run: DataCollection) -> None:
    assert run[MOTOR][:0].files == run[MOTOR].files[:1]
    assert run[:0].files == run.files[:2]


def test_auxiliary_sources_show_themselves(
    run: DataCollection, capsys: pytest.CaptureFixture[str]
) -> None:
    run.auxiliary.info(with_aggregators=True)
    run.auxiliary.info("*")
    first, _, second = capsys.readouterr().out.partition("\nReduction sources")
    assert first.splitlines()[:2] == [
        "Reduction sources (1)",
        f"  DA01@PULSE_REDUCTION/{MODULE}  [DA01]",
    ]
    assert "Errata sources (0)" in first
    assert "image.reductionRatio" in second


def test_names_for_all_axes_of_a_row_keep_their_axes(run: DataCollection) -> None:
    """A position that is cut out becomes a coordinate of the name that its axis has."""
    data = run[MODULE, "image.data"][:1]
    array = data.xarray(extra_dims=["stage", "y", "x"], roi=np.s_[1, 2:5])
    assert array.dims == ("trainId", "y", "x")
    assert array.coords["stage"].item() == 1
    assert array.coords["y"].values.tolist() == [2, 3, 4]
    own = data.xarray(["stage", "y", "x"], np.s_[1], extra_coords={"y": np.arange(8) / 2})
    assert own.dims == ("trainId", "y", "x")
    assert own.coords["y"].values.tolist() == [n / 2 for n in range(8)]
