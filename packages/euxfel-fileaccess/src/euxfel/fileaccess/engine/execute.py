"""Requests read: the one way from files to arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from ..errors import DataError, EuxfelError, FileChangedError
from ..handle import FileHandle
from ..interrupts import interrupts_kept
from .fallback import through_library
from .guard import FollowPolicy, check_request, same_tree
from .known import chunk_index, ensure_known
from .plan import plan
from .quick import QuickUnit, quick_unit
from .region import normalised
from .request import ReadRequest
from .segments import from_ranges
from .stored import where_stored
from .task import Task, all_axes
from .threads import Crew, Job, thread_count
from .units import Unit

# Bytes of work that are handed to a thread together.
JOB_BYTES = 1 << 20


def read(
    requests: Sequence[ReadRequest],
    *,
    threads: int | None = None,
    may_follow: FollowPolicy = same_tree,
) -> None:
    """Read rows of many datasets into their arrays.

    Parameters
    ----------
    requests : sequence of ReadRequest
        What to read. Destinations must not overlap.
    threads : int, optional
        Threads that share the work; by default ``EXTRA_NUM_THREADS``, else the cores this
        process may use, at most 16. The result does not depend on it.
    may_follow : callable, optional
        Whether a file (first argument) may draw data from another one (second argument) through
        a virtual dataset or a link. By default only inside its own folder and proposal.

    Raises
    ------
    DataError
        If rows are wanted that a dataset does not have, or stored data cannot be decoded.
    FileChangedError
        If a file was changed since it was opened; also if that happens while it is read.
    FileStructureError
        If a file is damaged where a dataset is described.
    """
    handles: dict[int, FileHandle] = {}
    crew = Crew(_batches(_work(requests, may_follow, handles)))
    with interrupts_kept() as check:
        crew.work(thread_count(threads), check)
        for handle in handles.values():
            handle.check()


def _work(
    requests: Iterable[ReadRequest], may_follow: FollowPolicy, handles: dict[int, FileHandle]
) -> Iterator[Task | QuickUnit]:
    """What the requests come to, each looked at when its turn comes, and the files it is in."""
    for request in requests:
        for some in _looked_up(request, may_follow):
            handles[id(some.handle)] = some.handle
            yield some


def _looked_up(request: ReadRequest, may_follow: FollowPolicy) -> Sequence[Task | QuickUnit]:
    layout, index = ensure_known(request.handle, request.dataset)
    quick = quick_unit(request, layout, index)
    if quick is not None:
        return (quick,)
    region = normalised(request.roi, layout.entry_shape)
    check_request(request, layout, region)
    task = Task(
        handle=request.handle,
        dataset=request.dataset,
        layout=layout,
        segments=from_ranges(request.rows),
        region=region,
        out=all_axes(request.out, region),
    )
    return where_stored(task, may_follow)


def _batches(work: Iterable[Task | QuickUnit]) -> Iterator[list[Job]]:
    """Jobs of about equal weight, made while others are being done."""
    stock: list[Unit] = []
    weight = 0
    for some in work:
        for unit in _units(some):
            stock.append(unit)
            weight += unit.nbytes
            if weight >= JOB_BYTES:
                yield list(_jobs(stock))
                stock, weight = [], 0
    yield list(_jobs(stock))


def _units(task: Task | QuickUnit) -> Iterable[Unit]:
    if isinstance(task, QuickUnit):
        return (task,)
    index = chunk_index(task.handle, task.dataset)
    return through_library(task) if index is None else plan(task, index)


def _jobs(units: list[Unit]) -> Iterator[Job]:
    for handle, some in groupby(units, key=attrgetter("handle")):
        yield _Job(handle, list(some)).run


class _Job:
    """Units of one file, done one after the other."""

    __slots__ = ("handle", "units")

    def __init__(self, handle: FileHandle, units: list[Unit]) -> None:
        self.handle = handle
        self.units = units

    def run(self) -> None:
        with self.handle.fd() as fd:
            for unit in self.units:
                try:
                    unit.run(fd)
                except FileChangedError:
                    raise
                except Exception as exc:
                    # A file that was rewritten explains everything else that goes wrong.
                    self.handle.check()
                    if isinstance(exc, OSError) and not isinstance(exc, EuxfelError):
                        message = f"{self.handle.path} cannot be read: {exc}"
                        raise DataError(message, file=self.handle.path) from exc
                    raise
