"""Pictures as files, or in a window where there is a screen."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from .mistakes import UsageError
from .saving import refuse_early, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def prepare(output: str | None, *, overwrite: bool) -> None:
    """See to it that a picture can be shown or saved, before anything is drawn."""
    import matplotlib as mpl

    if output is not None:
        refuse_early(output, overwrite=overwrite)
        _form(output)
        mpl.use("agg")
    elif not _has_screen():
        raise UsageError("there is no screen to show a picture on: give -o FILE.png")


def deliver(figure: Figure, output: str | None, *, overwrite: bool) -> None:
    """Save a picture, or show it in a window until that is closed."""
    if output is None:
        from matplotlib import pyplot as plt

        plt.show()
        return
    from io import BytesIO

    drawn = BytesIO()
    figure.savefig(drawn, format=_form(output), bbox_inches="tight", dpi=150)
    save(output, drawn.getvalue(), overwrite=overwrite)


def _form(output: str) -> str:
    from matplotlib.backend_bases import FigureCanvasBase

    form = os.path.splitext(output)[1].removeprefix(".").lower()
    known = FigureCanvasBase.get_supported_filetypes()
    if form not in known:
        raise UsageError(f"{output!r} is no picture: its name ends in .png, .pdf, .svg or .jpg")
    return form


def _has_screen() -> bool:
    return sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
