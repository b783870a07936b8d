"""Write a simulated run, open it, and show what can be done with it.

``nox -s demo`` runs this; ``nox -s demo -- FOLDER`` keeps everything in a folder of your choice.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import matplotlib as mpl
import numpy as np

from euxfel.core import DataCollection, open_run
from euxfel.fileaccess.testing import demo_run

XGM = "SPB_XTD9_XGM/DOOCS/MAIN:output"
MODULE = "SPB_DET_AGIPD1M-1/CORR/3CH0:output"
# The arrays have room for more pulses than the machine delivered.
PULSES = 64
# Frames with noise and hot pixels: the brightest pixels would leave the rest of the picture dark.
BRIGHTEST_SHOWN = 99.5


def headline(text: str) -> None:
    print(f"\n== {text}\n")


def show_contents(run: DataCollection) -> None:
    headline("What is in it: run.info()")
    run.info()
    headline("What is wrong with it: run.problems")
    # Each problem names its file; many files of a run have the same one.
    for (kind, message), files in Counter((p.kind, p.message) for p in run.problems).items():
        print(f"- {kind}, in {files} of {len(run.files)} files: {message}")


def show_pulse_energies(run: DataCollection) -> None:
    headline(f"Pulse energies: run[{XGM!r}, 'data.intensityTD'].xarray()")
    energies = run[XGM, "data.intensityTD"].xarray()
    print(energies)
    measured = energies[:, :PULSES]
    print(f"\nmean of {PULSES} pulses: {float(measured.mean()):.1f} {measured.attrs['units']}")


def draw_mean_frame(run: DataCollection, folder: Path) -> Path:
    headline(f"Frames of one detector module: run[{MODULE!r}, 'image.data'].xarray()")
    frames = run[MODULE, "image.data"].xarray()
    print(f"{frames.name}: {dict(frames.sizes)}, {frames.dtype}, {frames.nbytes / 1e6:.1f} MB")
    mean = np.nanmean(frames.to_numpy(), axis=0)

    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 8), layout="constrained")
    axes = figure.add_subplot(
        title="Module 3: mean of all frames", xlabel="fast scan", ylabel="slow scan"
    )
    image = axes.imshow(mean, vmin=0, vmax=float(np.nanpercentile(mean, BRIGHTEST_SHOWN)))
    figure.colorbar(image)
    path = folder / "mean-frame.png"
    figure.savefig(path)
    return path


def draw_missing_data(run: DataCollection, folder: Path) -> Path:
    headline("Which source has no data for which trains: run.plot_missing_data()")
    axes = run.plot_missing_data()
    path = folder / "missing-data.png"
    axes.figure.savefig(path, bbox_inches="tight")
    return path


def main() -> None:
    folder = Path(sys.argv[1] if sys.argv[1:] else tempfile.mkdtemp(prefix="euxfel-demo-"))
    # Pictures go to files: no screen is needed.
    mpl.use("agg")
    headline(f"Writing a simulated run below {folder}")
    written = demo_run(folder)
    # Where open_run looks for proposals; at the facility nothing has to be set.
    os.environ["EXTRA_DATA_DATA_ROOT"] = str(folder)
    print(f"open_run({written.proposal}, {written.run}, data='all')")
    with open_run(written.proposal, written.run, data="all") as run:
        show_contents(run)
        show_pulse_energies(run)
        pictures = [draw_mean_frame(run, folder), draw_missing_data(run, folder)]
    headline("Pictures")
    print("\n".join(str(picture) for picture in pictures))


if __name__ == "__main__":
    main()
