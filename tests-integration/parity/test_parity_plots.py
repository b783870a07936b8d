"""Moving over changes import lines only: the plot of missing data takes the same arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from parity.cases import Case, compare
from parity.libraries import PEER, Opened, ours


def _drawn(axes: Any) -> bool:
    """Say that something was drawn; what the rows are differs (difference "plot-rows")."""
    return isinstance(axes, Axes)


CASES: tuple[Case, ...] = (
    Case("default", lambda lib, run: _drawn(run.plot_missing_data())),
    Case("half", lambda lib, run: _drawn(run.plot_missing_data(min_saved_pct=50))),
    Case("all", lambda lib, run: _drawn(run.plot_missing_data(100))),
    Case("groups", lambda lib, run: _drawn(run.plot_missing_data(expand_instrument=True))),
    Case("selection", lambda lib, run: _drawn(run[::3].plot_missing_data(99.5))),
)


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    with mpl.rc_context({"backend": "Agg"}):
        yield
        plt.close("all")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("run", ["sa3-1.2", "fxe-0.5", "reduced_proc-1.3"], indirect=True)
def test_missing_data_is_plotted_alike(run: Opened, case: Case) -> None:
    compare(case, run.name, (PEER, ours()), (run.theirs, run.ours))
