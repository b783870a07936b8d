"""Virtual CXI files of detectors."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from ..arguments import RUN_FOLDER_HELP
from ..exits import FINE
from ..mistakes import UsageError
from ..opening import path_of
from ..text import plain

ABOUT = """\
Write a virtual CXI file of the detector in a run, for CrystFEL and others.
No data is copied: the file is of use where the run is."""
EXAMPLES = (
    "euxfel make-virtual-cxi 900000/2 --data raw -o r0002.cxi --modules 1",
    "euxfel make-virtual-cxi p900000/raw/r0002 -o zero.cxi --modules 1 --fill-value data 0",
)


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("run_dir", metavar="RUN", help=RUN_FOLDER_HELP)
    # The older form: the folder of the proposal and the number of the run.
    parser.add_argument("run_number", nargs="?", help="the run, if RUN is a proposal's folder")
    parser.add_argument(
        "--data", metavar="FOLDER", default="proc",
        help="for PROPOSAL/RUN: proc, raw or another folder of the proposal; by default proc",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="the file to write; by default in the folder scratch of the proposal",
    )  # fmt: skip
    parser.add_argument(
        "--min-modules", metavar="N", type=int,
        help="only trains in which so many modules have data; by default more than half",
    )  # fmt: skip
    parser.add_argument(
        "--n-modules", metavar="N", type=int, help="modules of the detector, for JUNGFRAU"
    )
    parser.add_argument(
        "--modules", metavar="N", type=int, nargs="+", help="only the modules with these numbers"
    )
    parser.add_argument(
        "--fill-value", action="append", nargs=2, metavar=("DS", "V"), default=[],
        help="what stands for missing data in data, gain or mask; by default NaN or 0 in data, 0 "
        "in gain, 0xffffffff in mask",
    )  # fmt: skip
    parser.add_argument(
        "--exc-suspect-trains", action="store_true", help="leave out trains with suspect IDs"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")


def run(args: Namespace) -> int:
    """Write it."""
    folder, output = _places(args)
    fills = {name: _number(value) for name, value in args.fill_value}
    detector = _detector(folder, args)
    try:
        detector.write_virtual_cxi(output, fills, overwrite=args.overwrite)
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        raise UsageError(str(error)) from error
    print(plain(f"{output} shows {detector!r}"))
    return FINE


def _places(args: Namespace) -> tuple[str, str]:
    """Give the folder of the run and the file to write."""
    import os
    import re

    if args.run_number:
        name = f"r{int(args.run_number):04d}"
        folder = os.path.join(args.run_dir, "proc", name)
        return folder, args.output or os.path.join(
            args.run_dir, "scratch", f"{name}_detectors_virt.cxi"
        )
    folder = os.path.abspath(path_of(args.run_dir, args.data))
    if args.output:
        return folder, args.output
    match = re.search(r"/(raw|proc)/(r\d{4})$", folder)
    if match is None:
        raise UsageError(f"name a file with --output: {folder} is not like .../proc/r0123")
    proposal, name = folder[: match.start()], f"{match[2]}_{match[1]}_detectors_virt.cxi"
    return folder, os.path.join(proposal, "scratch", name)


def _detector(folder: str, args: Namespace) -> Any:
    from euxfel.components import identify_multimod_detectors
    from euxfel.core import RunDirectory

    data = RunDirectory(folder, inc_suspect_trains=not args.exc_suspect_trains)
    found: Any = identify_multimod_detectors(data, single=True)
    kind = found[1]
    # Only types without a number of their own take one.
    has_number = kind.kind.n_modules is not None
    options: dict[str, Any] = {} if has_number else {"n_modules": args.n_modules}
    if _is_raw(folder):
        # The folder was chosen: nobody takes its data for corrected.
        options["raw"] = True
    count = kind.kind.n_modules or args.n_modules
    count = len(args.modules) if args.modules else count
    least = args.min_modules or (count // 2 + 1 if count else 1)
    return kind(data, modules=args.modules, min_modules=least, **options)


def _is_raw(folder: str) -> bool:
    from euxfel.fileaccess.filenames import parse_path

    place = parse_path(folder)
    return place is not None and place.folder == "raw"


def _number(text: str) -> float | int:
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text!r} is no number to fill with") from None
