"""A picture of one key."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..arguments import add_run
from ..exits import FINE
from ..opening import open_named
from ..saving import add_output
from ..selection import add_trains, select_trains

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from euxfel.core import KeyData

ABOUT = """\
Draw one key: a value per train as a line over trains, several values as one row
of colours for each train, frames as their mean."""
EXAMPLES = (
    "euxfel plot 900000/1 SPB_XTD9_XGM/DOOCS/MAIN pulseEnergy.photonFlux -o flux.png",
    "euxfel plot 900000/1 SPB_IRU_CAM/CAM/SIDEMIC:daqOutput data.image.pixels -o mean.png",
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_run(parser)
    parser.add_argument("source", metavar="SOURCE", help="name of a source")
    parser.add_argument("key", metavar="KEY", help="name of a key, with or without .value")
    add_trains(parser)
    add_output(parser, "save as .png, .pdf or .svg; without, a window shows it", required=False)


def run(args: Namespace) -> int:
    """Draw it."""
    from ..picture import deliver, prepare

    prepare(args.output, overwrite=args.overwrite)
    with open_named(args) as data:
        figure = _drawn(select_trains(data, args.trains)[args.source, args.key])
    deliver(figure, args.output, overwrite=args.overwrite)
    return FINE


def _drawn(key: KeyData) -> Figure:
    from ..key_picture import key_picture
    from ..progress import Progress

    with Progress("reading frames") as progress:
        return key_picture(key, progress)
