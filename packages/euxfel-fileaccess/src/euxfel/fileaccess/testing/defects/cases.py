"""One run for every defect of files, as data: tests are parametrised with `CASES`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..defect import Defect
from ..detectors import detector_modules
from ..devices import camera, every_type, motor, run_only, xgm
from ..runs import SimulatedRun
from ..sources import ControlSource, Key, Source
from . import contents as c
from . import damages as d
from . import trains as t

XGM = "SPB_XTD9_XGM/DOOCS/MAIN"
XGM_OUT = f"{XGM}:output"
MOTOR = "SPB_IRU_SAMPLE/MOTOR/X"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
MODULE = "SPB_DET_AGIPD1M-1/CORR/3CH0:output"
PIXELS = f"INSTRUMENT/{CAMERA}/data/image/pixels"
FRAMES = f"INSTRUMENT/{MODULE}/image/data"
MODULE_INDEX = f"INDEX/{MODULE}/image"


@dataclass(frozen=True)
class Case:
    """A run with one defect.

    Attributes
    ----------
    name : str
        Name of the case, unique.
    row : str
        The documented behaviour that it shows, for instance ``"B4"``.
    run : SimulatedRun
        The run, with the defect.
    aggregator, sequence
        The file with the defect; None where all files have it.
    source : str or None
        The only source that is touched, if there is such a one.
    opens : bool
        Whether the file with the defect can be used at all.
    exact : bool
        Whether the run's description is the truth for the touched source too. It is not where
        written data were damaged; it always is for the other sources.
    """

    name: str
    row: str
    run: SimulatedRun
    aggregator: str | None = None
    sequence: int | None = None
    source: str | None = None
    opens: bool = True
    exact: bool = True


def healthy_run() -> SimulatedRun:
    """The run that every case starts from: 5 small files, 20 trains from 10000.

    ``DA01`` has two sequence files of 10 trains; ``AGIPD02`` to ``AGIPD04`` have small corrected
    modules with 4 frames a train.
    """
    slow: tuple[Source, ...] = (*xgm(), motor(), camera()[1])
    modules = detector_modules(
        "SPB_DET_AGIPD1M-1", 4, corrected=True, modules=(2, 3, 4), module_shape=(8, 4)
    )
    return SimulatedRun({"DA01": slow, **modules}, trains_per_file={"DA01": 10})


def _cases() -> Iterable[Case]:
    yield from _train_cases()
    yield from _rogue_cases()
    yield from _content_cases()
    yield from _index_cases()
    yield from _hostile_index_cases()
    yield from _file_cases()
    yield from _name_cases()


def _slow(name: str, row: str, defect: Defect, source: str | None = None, **more: bool) -> Case:
    """Case whose defect is in the first file of ``DA01``."""
    run = healthy_run().with_defect(replace(defect, aggregator="DA01", sequence=0))
    return Case(name, row, run, "DA01", 0, source, **more)


def _module(name: str, row: str, defect: Defect, **more: bool) -> Case:
    """Case whose defect is in the file of module 3."""
    run = healthy_run().with_defect(replace(defect, aggregator="AGIPD03"))
    return Case(name, row, run, "AGIPD03", 0, MODULE, **more)


def _train_cases() -> Iterable[Case]:
    camera_late = t.TrainsMissing(train_ids=(10002, 10003), source=CAMERA)
    yield _slow("source-lacks-trains", "B1", camera_late, CAMERA)
    yield _slow("file-lacks-trains", "B1", t.TrainsMissing(train_ids=(10002, 10003)))
    yield _slow("source-absent-from-file", "B2", c.SourceMissing(source=CAMERA), CAMERA)
    yield _slow("trains-swapped", "B3", t.TrainsSwapped())
    yield _module("module-lacks-train", "B4", t.TrainsMissing(train_ids=(10007,)))
    yield _slow("no-trains", "B11", t.NoTrains())
    yield _slow("zero-train-id", "B17", t.ZeroTrainID())
    motor_late = t.TrainsMissing(train_ids=(10004,), source=MOTOR)
    yield _slow("control-partly-missing", "B19", motor_late, MOTOR)
    overlap = healthy_run().with_defect(t.Overlap(aggregator="DA01", sequence=1))
    yield Case("files-overlap", "B48", overlap, "DA01", 1)
    yield _slow("train-twice", "R3", t.TrainTwice())


def _rogue_cases() -> Iterable[Case]:
    for size, train_id in (("small", 5), ("large", 10**9), ("max", 2**64 - 1)):
        rogue = t.RogueTrain(train_id=train_id)
        row = "B8" if size == "small" else "B9"
        flagged = _slow(f"rogue-{size}-flagged", row, rogue)
        yield flagged
        yield _slow(f"rogue-{size}-unflagged", row, replace(rogue, flagged=False))
        for version in ("0.5", "1.1"):
            run = replace(flagged.run, format_version=version)
            yield replace(flagged, name=f"rogue-{size}-{version}", run=run)


def _content_cases() -> Iterable[Case]:
    yield _module("other-frame-count", "B5", c.OtherFrameCount(source=MODULE, frames=6))
    some = c.OtherFrameCount(source=MODULE, frames=0, train_ids=(10003, 10004))
    yield _module("trains-without-frames", "B40", some)
    yield _module("repeated-pulses", "B7", c.RepeatedPulses(source=MODULE))
    yield _slow("run-only", "B18", c.SourceAdded(source=run_only()), run_only().name)
    none = t.TrainsMissing(train_ids=range(10000, 10010), source=CAMERA)
    yield _slow("no-data-in-file", "B22", none, CAMERA)
    yield _slow("string-arrays", "B20", c.SourceAdded(source=every_type()), every_type().name)
    yield _slow("broken-units", "B49", c.BrokenUnits(source=MOTOR, key="actualPosition"), MOTOR)
    never = c.NeverWritten(source=MODULE, key="image.data", train_ids=(10005, 10006))
    yield _module("unallocated-chunks", "B39", never)
    yield _module("unallocated-chunks-with-fill", "R2", replace(never, fill=7))
    shape = c.OtherType(source=CAMERA, key="data.image.pixels", shape=(24, 16))
    yield _slow("other-entry-shape", "R7", shape, CAMERA)
    dtype = c.OtherType(source=XGM_OUT, key="data.intensityTD", dtype="i4")
    yield _slow("other-dtype", "R8", dtype, XGM_OUT)


def _index_cases() -> Iterable[Case]:
    index = f"INDEX/{CAMERA}/data"
    yield _slow("first-last-status", "B16", c.IndexStyle())
    gaps = c.RowsBetween(source=MODULE, gaps={10004: 3, 10010: 1})
    yield _module("rows-without-train", "B15", gaps)
    yield _slow("index-short", "B13", d.IndexCut(path=index, entries=7), CAMERA, exact=False)
    yield _slow("index-missing", "B13", d.ObjectRemoved(path=index), CAMERA, exact=False)
    lengths = d.IndexCut(path=index, entries=7, columns=("count",))
    yield _slow("index-lengths-differ", "B14", lengths, CAMERA, exact=False)
    yield _module("data-cut", "B14", d.DataCut(path=FRAMES, rows=70), exact=False)
    beyond = d.IndexEntry(path=f"{MODULE_INDEX}/count", position=19, value=40)
    yield _module("index-beyond-data", "B14", beyond, exact=False)
    overlapping = d.IndexEntry(path=f"{MODULE_INDEX}/first", position=5, value=18)
    yield _module("index-overlaps", "B15", overlapping, exact=False)


def _hostile_index_cases() -> Iterable[Case]:
    for name, value in (("2-63", 2**63), ("max", 2**64 - 1), ("2-40", 2**40)):
        for column in ("first", "count"):
            entry = d.IndexEntry(path=f"{MODULE_INDEX}/{column}", position=4, value=value)
            yield _module(f"index-{column}-{name}", "B14", entry, exact=False)
    first = [4 * i for i in range(20)]
    for name, values in (
        ("negative", [-1, *first[1:]]),
        ("float", [f + 0.5 for f in first]),
        ("text", [b"x"] * 20),
        ("2d", [[f, f] for f in first]),
    ):
        replaced = d.DatasetReplaced(path=f"{MODULE_INDEX}/first", values=values)
        yield _module(f"index-{name}", "B14", replaced, exact=False)


def _file_cases() -> Iterable[Case]:
    for part in ("METADATA", "INDEX"):
        removed = d.ObjectRemoved(path=part)
        yield _slow(f"no-{part.lower()}", "B10", removed, opens=False, exact=False)
    corrupt = d.ChunkCorrupt(path=FRAMES, row=20)
    yield _module("corrupt-chunk", "R2b", corrupt, exact=False)
    yield _slow("truncated", "R5", d.FileCut(), opens=False, exact=False)
    for kind in ("fifo", "directory", "empty", "text"):
        other = d.NotAFile(kind=kind)
        yield _slow(f"{kind}-named-h5", "R5", other, opens=False, exact=False)


def _name_cases() -> Iterable[Case]:
    for name, entry in (
        ("name-climbs", "CONTROL/../INDEX"),
        ("name-climbs-far", "INSTRUMENT/../../etc/passwd:output/data"),
        ("name-of-no-section", "NONSENSE/A/B/C"),
        # Seen in old files of DSSC.
        ("name-with-stray-slash", f"INSTRUMENT//{CAMERA}/data"),
        ("name-without-group", f"INSTRUMENT/{CAMERA}"),
    ):
        yield _slow(name, "names", d.SourceListed(entry=entry))
    escapes = ControlSource("SPB_\x1b[31mRED\x1b[0m/DEVICE/1", (Key("value", "f8"),))
    yield _slow("name-with-escapes", "names", c.SourceAdded(source=escapes), escapes.name)


CASES: dict[str, Case] = {case.name: case for case in _cases()}
"""All cases by name."""


def cases(*rows: str) -> list[Case]:
    """Cases of some rows, for instance ``cases("B8", "B9")``; all without arguments.

    Examples
    --------
    >>> [case.name for case in cases("B10")]
    ['no-metadata', 'no-index']
    """
    return [case for case in CASES.values() if not rows or case.row in rows]
