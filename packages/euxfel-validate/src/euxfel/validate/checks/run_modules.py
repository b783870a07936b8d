"""Checks of the modules of a detector against each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euxfel.fileaccess import ProblemKind, name_trains

from ..finding import Finding, Severity, some_trains
from ..module_names import module_of
from ..registry import run_check
from ..run_contents import RunContents

Counts = dict[int, tuple[NDArray[np.uint64], NDArray[np.int64]]]


@run_check(Severity.WARNING)
def modules_present(run: RunContents) -> Iterator[Finding]:
    """Modules of a detector are missing between others.

    Their place in an assembled image is empty. Opening the detector with all modules that there
    are works as usual.
    """
    for detector, modules in _detectors(run).items():
        missing = sorted(set(range(min(modules), max(modules) + 1)) - set(modules))
        if missing:
            listed = ", ".join(map(str, missing))
            yield Finding(
                ProblemKind.MISSING_MODULE,
                f"{detector} has modules {min(modules)} to {max(modules)}, but not {listed}",
            )


@run_check(Severity.WARNING)
def module_trains(run: RunContents) -> Iterator[Finding]:
    """A detector module has no data for trains that other modules have.

    The module's part of these trains is filled. Open the detector with a larger `min_modules`
    to leave such trains out.
    """
    for detector, modules in _detectors(run).items():
        everywhere = _union(ids[counts > 0] for ids, counts in modules.values())
        for number, (ids, counts) in sorted(modules.items()):
            # What is wrong with an index is told elsewhere.
            absent = np.setdiff1d(everywhere, ids[counts != 0])
            if len(absent) and (counts > 0).any():
                yield Finding(
                    ProblemKind.MISSING_DATA,
                    f"module {number} has no data for {name_trains(absent)}",
                    source=run.module_source(detector, number),
                    trains=some_trains(absent),
                )


@run_check(Severity.WARNING)
def module_frame_counts(run: RunContents) -> Iterator[Finding]:
    """A detector module has another number of frames in a train than most modules.

    Frames of modules are put together by pulse ID; those that a module lacks are filled.
    """
    for detector, modules in _detectors(run).items():
        if len(modules) > 1:
            usual = _usual_counts(modules)
            for number, (ids, counts) in sorted(modules.items()):
                yield from _other_counts(run, detector, number, ids, counts, usual)


def _detectors(run: RunContents) -> dict[str, Counts]:
    """Give the number of frames by train, of each module of each detector."""
    found: dict[str, Counts] = {}
    for source, (ids, counts) in run.frame_counts.items():
        module = module_of(source)
        if module is not None:
            found.setdefault(module.detector, {})[module.number] = (ids, counts)
    return found


def _union(some: Iterator[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.unique(np.concatenate([np.array([], np.uint64), *some]))


def _usual_counts(modules: Counts) -> dict[int, int]:
    """Give the number of frames that most modules have, by train."""
    pairs = [np.stack([ids.astype(np.int64), n])[:, n > 0] for ids, n in modules.values()]
    unique, times = np.unique(np.concatenate(pairs, axis=1), axis=1, return_counts=True)
    order = np.argsort(times, kind="stable")
    # The last entry of a train wins: the one with most modules.
    return dict(zip(unique[0, order].tolist(), unique[1, order].tolist(), strict=True))


def _other_counts(
    run: RunContents,
    detector: str,
    number: int,
    ids: NDArray[np.uint64],
    counts: NDArray[np.int64],
    usual: dict[int, int],
) -> Iterator[Finding]:
    expected = np.array([usual.get(int(train), 0) for train in ids], np.int64)
    other = (counts > 0) & (counts != expected)
    if other.any():
        at = int(np.flatnonzero(other)[0])
        yield Finding(
            ProblemKind.FRAME_COUNTS_DIFFER,
            f"module {number} has {counts[at]} frames instead of {expected[at]} in "
            f"{name_trains(ids[other])}",
            source=run.module_source(detector, number),
            trains=some_trains(ids[other]),
        )
