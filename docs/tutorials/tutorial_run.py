"""The run that the tutorials look at: a motor scan of forty trains, seen by a camera.

The spot on the camera is as bright as the pulses of its train were strong, and moves with the
motor. So what belongs together can be seen.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess.testing import (
    Rows,
    SimulatedRun,
    WrittenRun,
    camera,
    detector_modules,
    motor,
    xgm,
)

XGM, MOTOR = "SPB_XTD9_XGM/DOOCS/MAIN", "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC"


def write_run(*, detector: bool = False, camera_late: int = 0, **changes: Any) -> WrittenRun:
    """Write the run into a new folder, like that of a proposal."""
    run = replace(scan(camera_late), **changes)
    if detector:
        modules = detector_modules("SPB_DET_AGIPD1M-1", frames=1, modules=range(4))
        run = replace(run, aggregators={**run.aggregators, **modules})
    return run.write(tempfile.mkdtemp())


def scan(camera_late: int) -> SimulatedRun:
    """Describe the run; some trains are missing from the camera and the gas monitor.

    The camera labels its images with the ID of so many trains later.
    """
    slow, fast = xgm(XGM)
    settings, images = camera(CAMERA)
    return SimulatedRun(
        {
            "DA01": (slow, fast.with_key("data.intensityTD", rule=pulse_energies), stage()),
            "DA02": (settings, images.with_key("data.image.pixels", rule=Spot(camera_late))),
        },
        train_ids=range(10000, 10040),
        trains_per_file={"DA01": 20},
        missing={f"{CAMERA}:daqOutput": [10012], f"{XGM}:output": [10030, 10031]},
        format_version="1.3",
    )


def stage() -> Any:
    """Describe a motor that moves by 0.5 mm every five trains."""
    described = motor(MOTOR)
    moving = (
        replace(key, rule=positions) if key.name == "actualPosition" else key
        for key in described.properties
    )
    return replace(described, properties=tuple(moving))


def positions(rows: Rows) -> NDArray[Any]:
    """Rule: where the motor is in each train."""
    return rows.spread(_position(rows.train_id))


def pulse_energies(rows: Rows) -> NDArray[Any]:
    """Rule: energies of the pulses of each train."""
    pulses = rows.entry_shape[0]
    found = [
        np.random.default_rng([int(train), 1]).gamma(50, _strength(train) / 50, pulses)
        for train in rows.train_id
    ]
    return np.array(found, dtype=rows.dtype)


@dataclass(frozen=True)
class Spot:
    """Rule: a spot on each image, on a background."""

    late: int

    def __call__(self, rows: Rows) -> NDArray[Any]:
        """Images of the trains."""
        y, x = np.indices(rows.entry_shape)
        images = np.full((len(rows.row), *rows.entry_shape), 20.0)
        for image, train in zip(images, rows.train_id.astype(np.int64) - self.late, strict=True):
            centre = 3 * float(_position(train)) - 20
            squares = (y - 12) ** 2 + (x - centre) ** 2
            image += 2 * _strength(train) * np.exp(-squares / 20)
        return images.astype(rows.dtype)


def _position(train: Any) -> Any:
    return 10 + 0.5 * (np.asarray(train, dtype=np.int64) % 40 // 5)


def _strength(train: Any) -> float:
    return float(np.random.default_rng(int(train)).uniform(500, 1500))
