"""Finding sources and keys by a part of a name."""

from __future__ import annotations

import os

import h5py
import pytest

from euxfel.core import RunDirectory
from euxfel.fileaccess import FileAccess
from euxfel.fileaccess.testing import SimulatedRun, camera, motor, with_legacy_name, xgm

XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC"
OUTPUT = f"{CAMERA}:daqOutput"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    settings, images = camera()
    images = with_legacy_name(images, "SPB_OLD_CAM/CAM/SIDEMIC:daqOutput")
    run = SimulatedRun({"DA01": (*xgm(), motor()), "DA02": (settings, images)})
    return run.write(tmp_path_factory.mktemp("data")).path


@pytest.fixture(scope="module")
def run(path):
    return RunDirectory(path).with_aliases(
        {"sample-pos": (MOTOR, "actualPosition"), "gone": ("A/B/C", "photon")}
    )


def found(run, text, **options):
    return [(hit.what, hit.source, hit.key) for hit in run.search(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photon", [("key", XGM, "pulseEnergy.photonFlux")]),
        ("PHOTONflux", [("key", XGM, "pulseEnergy.photonFlux")]),
        ("actual", [("key", MOTOR, "actualPosition")]),
        ("basler", [("class", CAMERA, None)]),
        ("Sample-P", [("alias", MOTOR, "actualPosition")]),
        ("spb_old", [("old name", OUTPUT, None)]),
        ("XTD9", [("source", XGM, None), ("source", f"{XGM}:output", None)]),
        ("*td9*main", [("source", XGM, None)]),
        ("data.image.?ixels", [("key", OUTPUT, "data.image.pixels")]),
        ("image", [("key", OUTPUT, f"data.image.{k}") for k in ("bitsPerPixel", "dims", "pixels")]),
        ("timestamp", []),
        ("gone", []),
        ("no such thing", []),
    ],
)
def test_names_are_found_by_a_part(run, text, expected):
    assert found(run, text) == expected


def test_without_keys_no_file_is_opened(run, monkeypatch):
    def refuse(self, *args):
        raise AssertionError(f"{self.filename} was asked for keys")

    for method in ("keys", "get_run_keys", "get_run_value"):
        monkeypatch.setattr(FileAccess, method, refuse)
    assert found(run, "photon", keys=False) == []
    assert found(run, "MOTOR", keys=False) == [("source", MOTOR, None)]


def test_what_was_found_can_be_selected(run):
    chosen = run.select(run.search("position").selection)
    assert chosen.selection == {
        XGM: {"beamPosition.ixPos.value", "beamPosition.iyPos.value"},
        MOTOR: {"actualPosition.value", "targetPosition.value"},
    }
    assert run.search("IRU_SAMPLE").selection == {MOTOR: set()}
    assert run.search("position").sources == {XGM, MOTOR}


def test_selected_part_is_searched(run):
    assert found(run.select([(XGM, "beam*")]), "photon") == []


def test_result_is_a_table(run):
    result = run.search("ixpos")
    assert repr(result).splitlines() == [
        "1 hit for 'ixpos'",
        "what  source                   key                 matched",
        f"key   {XGM}  beamPosition.ixPos  beamPosition.ixPos",
    ]
    assert f"<td>{XGM}</td>" in result._repr_html_()
    assert repr(run.search("nothing")) == "0 hits for 'nothing'"
    assert result[0].key == "beamPosition.ixPos"
    assert list(result[:0]) == []


def test_long_tables_are_cut(run):
    assert "... and" not in repr(run.search("a"))
    many = run.with_aliases({f"many-{i}": MOTOR for i in range(70)}).search("many")
    assert len(many) == 70
    assert "... and 10 more" in repr(many)


def test_names_cannot_command_a_terminal(run):
    """F3: control characters are spelled out, tags escaped."""
    result = run.search("\x1b[31m<b>*")
    assert "\x1b" not in repr(result)
    assert "<b>" not in result._repr_html_()


@pytest.mark.parametrize("text", ["", None, 3])
def test_there_must_be_something_to_search_for(run, text):
    with pytest.raises(ValueError, match="a part of a name"):
        run.search(text)


def test_damaged_source_does_not_hide_others(path, tmp_path):
    """F4: what cannot be looked at is named."""
    for file in path.iterdir():
        if file.suffix == ".h5":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    run = RunDirectory(tmp_path)
    broken = next(p for p in tmp_path.iterdir() if "DA02" in p.name)
    with h5py.File(broken, "r+") as h5:
        del h5[f"CONTROL/{CAMERA}"]
    os.truncate(broken, 3000)
    result = run.search("position")
    assert result.sources == {XGM, MOTOR}
    assert CAMERA in result.unread
    assert f"{CAMERA} could not be looked at" in repr(result)
