"""``euxfel missing``, ``plot`` and ``export``: pictures and tables without a notebook."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from euxfel.cli.key_picture import key_picture, mean_frame
from euxfel.core import RunDirectory
from euxfel.fileaccess.testing import small_run

FLUX = ("SPB_XTD9_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux")
PIXELS = ("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels")
PNG = b"\x89PNG"


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> Any:
    from matplotlib import pyplot as plt

    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    yield
    plt.close("all")


def test_missing_data_is_as_it_was_found_good(
    euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    ended = euxfel("missing", "900000/2")
    assert ended.code == 1
    golden("missing.txt", ended.out)
    golden("missing.json", euxfel("missing", "900000/2", "--json").out)


def test_where_nothing_is_missing_all_is_fine(
    euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    ended = euxfel("missing", "900000/1")
    assert ended.code == 0
    golden("missing-nothing.txt", ended.out)


@pytest.mark.parametrize("form", ["png", "pdf", "svg"])
def test_missing_data_is_drawn(form: str, euxfel: Callable[..., Any]) -> None:
    assert euxfel("missing", "900000/2", "-o", f"gaps.{form}").code == 1
    assert Path(f"gaps.{form}").stat().st_size > 1000


@pytest.mark.parametrize(
    "key",
    [FLUX, ("SPB_XTD9_XGM/DOOCS/MAIN:output", "data.intensityTD"), PIXELS],
    ids=["line", "rows", "frames"],
)
def test_a_key_is_drawn(key: tuple[str, str], euxfel: Callable[..., Any]) -> None:
    ended = euxfel("plot", "900000/1", *key, "-o", "key.png", "--trains", "3:10")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert Path("key.png").read_bytes().startswith(PNG)


def test_what_is_drawn_is_the_data(tmp_path: Path) -> None:
    written = small_run().write(tmp_path)
    run = RunDirectory(written.path)
    figure = key_picture(run[FLUX], lambda _done, _total: None)
    (line,) = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), written.expected(*FLUX))
    np.testing.assert_array_equal(line.get_xdata(), run.train_ids)


def test_the_mean_of_frames_does_not_depend_on_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = small_run().write(tmp_path)
    steps: list[tuple[int, int]] = []
    monkeypatch.setattr("euxfel.cli.key_picture._BLOCK_BYTES", 4000)
    mean, n = mean_frame(RunDirectory(written.path)[PIXELS], lambda *step: steps.append(step))
    np.testing.assert_allclose(mean, written.expected(*PIXELS).mean(axis=0, dtype=float))
    assert n == 20
    assert len(steps) > 3
    assert steps[-1] == (20, 20)


def test_text_cannot_be_drawn(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("plot", "900000/1", FLUX[0], "state", "-o", "x.png")
    assert ended.code == 2
    assert "not numbers" in ended.err


def test_without_a_screen_a_file_is_asked_for(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("plot", "900000/1", *FLUX)
    assert ended.code == 2
    assert ended.err == "euxfel: there is no screen to show a picture on: give -o FILE.png\n"


def test_a_misspelt_key_is_corrected(euxfel: Callable[..., Any]) -> None:
    ended = euxfel("plot", "900000/1", FLUX[0], "pulseEnergy.photonFlx", "-o", "x.png")
    assert ended.code == 2
    assert "near: 'pulseEnergy.photonFlux'" in ended.err
    assert "see euxfel ls --detail" in ended.err
    assert not Path("x.png").exists()


@pytest.mark.parametrize("command", ["plot", "missing"])
def test_an_unknown_form_of_picture_is_a_mistake(command: str, euxfel: Callable[..., Any]) -> None:
    words = FLUX if command == "plot" else ()
    ended = euxfel(command, "900000/1", *words, "-o", "x.xyz")
    assert ended.code == 2
    assert "'x.xyz' is no picture" in ended.err


def test_an_existing_file_is_left_alone(euxfel: Callable[..., Any]) -> None:
    """F2: nothing is replaced unasked."""
    Path("x.csv").write_text("mine")
    ended = euxfel("export", "900000/1", "*MOTOR*", "-o", "x.csv")
    assert ended.code == 2
    assert "give --overwrite" in ended.err
    assert Path("x.csv").read_text() == "mine"
    assert euxfel("export", "900000/1", "*MOTOR*", "-o", "x.csv", "--overwrite").code == 0
    assert Path("x.csv").read_text().startswith("trainId,")


def test_a_table_holds_the_values_by_train(
    euxfel: Callable[..., Any], golden: Callable[[str, str], None]
) -> None:
    ended = euxfel(
        "export", "900000/1", "*XGM/DOOCS/MAIN[pulseEnergy.*]", "-o", "t.csv",
        "--trains", "id=10005:10010",
    )  # fmt: skip
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("t.csv: 5 rows, 1 column, ")
    golden("export.csv", Path("t.csv").read_text())
    table = pd.read_csv("t.csv", index_col="trainId")
    written = small_run()
    np.testing.assert_array_equal(table.index, range(10005, 10010))
    np.testing.assert_allclose(
        table[f"{FLUX[0]}/{FLUX[1]}"], written.expected(*FLUX, range(10005, 10010)), rtol=1e-6
    )


def test_a_parquet_file_is_the_same_table(euxfel: Callable[..., Any]) -> None:
    for form in ("csv", "parquet"):
        assert euxfel("export", "900000/1", "*MOTOR*", "-o", f"t.{form}").code == 0
    parquet = pd.read_parquet("t.parquet")
    assert parquet.index.dtype == "uint64"
    csv = pd.read_csv("t.csv", index_col="trainId")
    pd.testing.assert_frame_equal(parquet, csv, check_dtype=False, check_index_type=False)


def test_a_missing_part_says_what_to_install(
    euxfel: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    ended = euxfel("plot", "900000/1", *FLUX, "-o", "x.png")
    assert (ended.code, ended.err) == (2, "euxfel: this needs matplotlib: pip install matplotlib\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["*MOTOR*", "-o", "t.xls"], "'t.xls' is no table"),
        (["*CAM*[*pixels]", "-o", "t.csv"], "none of these keys has one value per train"),
        (["*MOTER*", "-o", "t.csv"], "no source matches '*MOTER*'"),
        (["*MOTOR*", "-o", "t.csv", "--trains", "a:b"], "'a:b' are no trains"),
        (["*MOTOR*", "-o", "no/t.csv"], "there is no folder"),
    ],
)
def test_mistakes_of_export_are_one_line(
    words: list[str], said: str, euxfel: Callable[..., Any]
) -> None:
    ended = euxfel("export", "900000/1", *words)
    assert ended.code in {2, 3}
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert not list(Path().iterdir())


def test_json_of_missing_data_counts(euxfel: Callable[..., Any]) -> None:
    report = json.loads(euxfel("missing", "900000/2", "--json").out)
    row = next(r for r in report["lacking"] if "JNGFR" in r["label"])
    assert (row["trains"], row["missing"]) == (31, 8)
