"""B43: what is no sequence of anything says so at once, instead of counting up subscripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from euxfel.core import RunDirectory
from euxfel.core.collection import DataCollection
from euxfel.fileaccess.testing import small_run

MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
THINGS: dict[str, Callable[[DataCollection], object]] = {
    "run": lambda run: run,
    "source": lambda run: run[MOTOR],
    "key": lambda run: run[MOTOR, "actualPosition"],
    "aliases": lambda run: run.alias,
    "auxiliary": lambda run: run.auxiliary,
}


@pytest.mark.parametrize("of", THINGS.values(), ids=THINGS.keys())
def test_it_cannot_be_gone_through(of: Callable[[DataCollection], object], tmp_path: Path) -> None:
    """B43."""
    thing = of(RunDirectory(small_run().write(tmp_path).path))
    for go_through in (iter, list, tuple, sorted, set):
        with pytest.raises(TypeError, match="not iterable"):
            go_through(thing)  # type: ignore[operator]
