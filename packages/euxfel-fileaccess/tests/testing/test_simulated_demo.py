"""The demo run looks like a run: diffraction, pulse energies, a spot, and missing trains."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from euxfel.fileaccess.testing import Demo, demo_run
from euxfel.fileaccess.testing.frames import RINGS, module_number, pixel_positions

CORRECTED = "SPB_DET_AGIPD1M-1/CORR/{}CH0:output"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return demo_run(tmp_path_factory.mktemp("demo"), trains=8, frames=1)


def test_raw_and_corrected_data_lie_where_readers_look(demo: Demo) -> None:
    proposal = demo.root / "SPB" / "202601" / f"p{demo.proposal:06d}"
    folders = {p.parent for p in demo.paths}

    assert folders == {proposal / "raw" / "r0042", proposal / "proc" / "r0042"}
    assert demo.run == 42
    assert len(demo.paths) == 2 * 18 + 2 * 16
    assert all(p.is_file() for p in demo.paths)


def test_frames_show_rings(demo: Demo) -> None:
    slow, fast = pixel_positions(2)
    radius = np.hypot(slow, fast)
    frames = demo.corrected.expected(CORRECTED.format(2), "image.data").mean(axis=0)
    inside = np.median(frames[abs(radius - RINGS[2][0]) < 5])
    between = np.median(frames[abs(radius - 365) < 5])

    assert inside > 2 * between


def test_corrected_frames_are_stored_as_at_the_facility(demo: Demo) -> None:
    path = demo.corrected.file("AGIPD05")

    with h5py.File(path) as h5:
        image = h5[f"INSTRUMENT/{CORRECTED.format(5)}/image"]
        assert image["data"].dtype == "f4"
        assert image["data"].chunks == (1, 512, 128)
        assert (image["data"].compression_opts, image["data"].shuffle) == (1, True)
        assert set(np.unique(image["mask"][0])) == {0, 1, 4}
        np.testing.assert_array_equal(
            image["data"][:],
            demo.corrected.description.file("AGIPD05").expected(CORRECTED.format(5), "image.data"),
        )


def test_raw_frames_have_a_gain_plane(demo: Demo) -> None:
    raw = demo.raw.expected("SPB_DET_AGIPD1M-1/DET/5CH0:xtdf", "image.data")

    assert raw.shape[1:] == (2, 512, 128)
    assert raw.dtype == "u2"
    assert raw.min() > 0


def test_some_trains_are_missing_and_one_is_suspect(demo: Demo) -> None:
    run = demo.corrected.description
    trains = run.trains()
    lacking = {
        m: [
            trains.index(t)
            for t in trains
            if not run.expected_counts(CORRECTED.format(m), "image", [t])
        ]
        for m in (2, 3, 12)
    }

    assert lacking == {2: [], 3: [4], 12: [7]}
    assert len(trains) - len(run.trains(suspect=False)) == 1


def test_pulses_have_energies_and_the_camera_sees_a_spot(demo: Demo) -> None:
    energies = demo.raw.expected("SPB_XTD9_XGM/DOOCS/MAIN:output", "data.intensityTD")
    pixels = demo.raw.expected("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels")

    assert 700 < energies[:, :64].mean() < 1100
    assert (energies[:, 64:] == 1).all()
    assert np.unravel_index(pixels[0].argmax(), (240, 320)) == pytest.approx((120, 160), abs=30)


def test_a_demo_needs_trains_enough_to_miss_some(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 8 trains, not 3"):
        demo_run(tmp_path, trains=3)


def test_modules_do_not_lie_on_each_other() -> None:
    places: set[tuple[float, float]] = set()
    for module in range(16):
        slow, fast = pixel_positions(module)
        places |= set(zip(slow.ravel().tolist(), fast.ravel().tolist(), strict=True))

    assert len(places) == 16 * 512 * 128


def test_a_source_that_is_no_module_is_named() -> None:
    with pytest.raises(ValueError, match="A/B/C"):
        module_number("A/B/C")
