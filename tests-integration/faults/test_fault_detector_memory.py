"""Masked and cast pixels of a detector take the result and a tenth of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.scripts import run_script

from euxfel.fileaccess.testing import SimulatedRun, detector_modules

SHAPE, FRAMES, TRAINS = (128, 128), 100, 8

READ = """
from pathlib import Path
from euxfel.components import AGIPD1M

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))

detector = AGIPD1M(RunDirectory(folder), raw=False)
chosen = detector.masked_data() if sys.argv[2] == "masked" else detector["image.data"]
options = {} if sys.argv[2] == "masked" else {"astype": "f8"}
# The first read imports what reads need, and is no part of the measurement.
chosen.select_trains(np.s_[:1]).ndarray(**options)
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
out = chosen.ndarray(**options)
print(status("VmHWM") - before, out.nbytes)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corrected frames of four modules, with masks: 210 MB of pixels."""
    modules = detector_modules(
        "SPB_DET_AGIPD1M-1", FRAMES, corrected=True, modules=range(4), module_shape=SHAPE
    )
    run = SimulatedRun(modules, range(10000, 10000 + TRAINS), TRAINS)
    return run.write(tmp_path_factory.mktemp("memory")).path


@pytest.mark.parametrize("how", ["masked", "cast"])
def test_the_peak_is_the_result_and_a_tenth(how: str, folder: Path) -> None:
    taken, result = map(int, run_script(READ, folder, how).split())
    assert result > 100_000_000
    assert taken <= 1.1 * result
