"""Moving over changes import lines only: stacked data of a train is the same in both."""

from __future__ import annotations

from typing import Any

import pytest
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours


def _detector(run: Any, glob: str = "*/DET/*", key: str = "image.data") -> Any:
    return run.select(glob, key).train_from_index(1)[1]


JNGFR = r"/DET/JNGFR(\d+)"


def _jungfrau(run: Any, key: str = "data.adc") -> Any:
    return run.select("*/JNGFR*", key).train_from_index(1)[1]


XTDF: tuple[Case, ...] = (
    Case("stack", lambda lib, run: lib.stack_data(_detector(run), "image.data")),
    Case("stack-axis", lambda lib, run: lib.stack_data(_detector(run), "image.data", axis=0)),
    Case("stack-last", lambda lib, run: lib.stack_data(_detector(run), "image.data", axis=-1)),
    Case(
        "stack-except",
        lambda lib, run: lib.stack_data(
            _detector(run), "image.data", xcept=["SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"]
        ),
    ),
    Case("stack-absent", lambda lib, run: lib.stack_data(_detector(run), "image.x"), "KeyError"),
    Case("stack-nothing", lambda lib, run: lib.stack_data({}, "image.data"), "ValueError"),
    Case("detector", lambda lib, run: lib.stack_detector_data(_detector(run), "image.data")),
    Case(
        "detector-axis",
        lambda lib, run: lib.stack_detector_data(_detector(run), "image.data", axis=0),
    ),
    Case(
        "detector-some-modules",
        lambda lib, run: lib.stack_detector_data(_detector(run, "*/DET/[2-5]CH0*"), "image.data"),
    ),
    Case(
        "detector-fill",
        lambda lib, run: lib.stack_detector_data(
            _detector(run, "*/DET/[2-5]CH0*"), "image.data", fillvalue=7
        ),
    ),
    Case(
        "detector-ids",
        lambda lib, run: lib.stack_detector_data(
            _detector(run, key="image.pulseId"), "image.pulseId", axis=0
        ),
    ),
    Case(
        "detector-too-many",
        lambda lib, run: lib.stack_detector_data(_detector(run), "image.data", modules=8),
        "IndexError",
    ),
    Case(
        "detector-more-modules",
        lambda lib, run: lib.stack_detector_data(_detector(run), "image.data", modules=18),
    ),
    Case(
        "detector-view",
        lambda lib, run: lib.stack_detector_data(
            _detector(run), "image.data", real_array=False
        ).asarray(),
    ),
    Case(
        "detector-view-facts",
        lambda lib, run: _facts(
            lib.stack_detector_data(_detector(run), "image.data", real_array=False)
        ),
    ),
    Case(
        "detector-view-module",
        lambda lib, run: _facts(
            lib.stack_detector_data(_detector(run), "image.data", axis=0, real_array=False)[3]
        ),
    ),
    Case(
        "detector-nothing", lambda lib, run: lib.stack_detector_data({}, "image.data"), "ValueError"
    ),
    Case(
        "detector-other-name",
        lambda lib, run: lib.stack_detector_data(_detector(run), "image.data", pattern="/no/(x)"),
        "ValueError",
    ),
)
JUNGFRAU: tuple[Case, ...] = (
    Case(
        "jungfrau",
        lambda lib, run: lib.stack_detector_data(
            _jungfrau(run), "data.adc", modules=8, pattern=JNGFR, starts_at=1
        ),
    ),
    Case(
        "jungfrau-from-zero",
        lambda lib, run: lib.stack_detector_data(
            _jungfrau(run), "data.adc", modules=9, pattern=JNGFR
        ),
    ),
    Case(
        "jungfrau-axis",
        lambda lib, run: lib.stack_detector_data(
            _jungfrau(run), "data.adc", axis=0, modules=8, pattern=JNGFR, starts_at=1
        ),
    ),
    Case(
        "jungfrau-integers",
        lambda lib, run: lib.stack_detector_data(
            _jungfrau(run, "data.gain"), "data.gain", modules=10, pattern=JNGFR, starts_at=1
        ),
    ),
)


def _facts(array: Any) -> list[Any]:
    return [list(array.shape), array.dtype, array.ndim]


@pytest.mark.parametrize("case", XTDF, ids=lambda case: case.id)
@pytest.mark.parametrize("run", ["spb_raw-1.3"], indirect=True)
def test_modules_of_a_train_are_stacked_alike(run: Opened, case: Case) -> None:
    compare(case, run.name, (PEER, ours()), (run.theirs, run.ours))


@pytest.mark.parametrize("case", JUNGFRAU, ids=lambda case: case.id)
@pytest.mark.parametrize("run", ["jungfrau-1.0"], indirect=True)
def test_jungfrau_modules_are_stacked_alike(run: Opened, case: Case) -> None:
    compare(case, run.name, (PEER, ours()), (run.theirs, run.ours))
