"""From what was asked for to where it is stored: links and virtual datasets resolved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .elsewhere import check_raw_files, source_handle
from .guard import FollowPolicy, check_rows
from .known import dataset_layout
from .layout import LayoutKind
from .request import I64
from .scatter import fill
from .task import Task
from .virtual import covered, translated_tasks

# Virtual datasets over virtual datasets: deeper than anybody builds, short of a loop.
DEPTH_MAX = 8


def where_stored(task: Task, may_follow: FollowPolicy, depth: int = 0) -> list[Task]:
    """Tasks on the datasets that hold the data.

    Raises
    ------
    DataError
        If a source is missing, unreadable or too small, must not be followed, or if datasets
        refer to each other in a circle.
    """
    if depth > DEPTH_MAX:
        raise task.error("virtual datasets or links lead in a circle")
    if task.empty:
        return []
    layout = task.layout
    if layout.linked is not None:
        return where_stored(_behind_link(task, *layout.linked, may_follow), may_follow, depth + 1)
    if layout.kind is LayoutKind.EXTERNAL:
        check_raw_files(task.handle, task.dataset, may_follow)
    if layout.kind is not LayoutKind.VIRTUAL:
        return [task]
    sources = translated_tasks(task, may_follow)
    if sources is None:
        return [task]
    if not covered(task):
        everywhere = tuple(slice(None) for _ in task.region.axes)
        fill(layout.fill_value, task.segments, task.out, everywhere)
    return [t for source in sources for t in where_stored(source, may_follow, depth + 1)]


def _behind_link(task: Task, file: str, dataset: str, may_follow: FollowPolicy) -> Task:
    handle = source_handle(task.handle, task.dataset, file, may_follow)
    layout = dataset_layout(handle, dataset)
    check_rows(handle, dataset, layout, _reach(task))
    return replace(task, handle=handle, dataset=dataset, layout=layout)


def _reach(task: Task) -> I64:
    return np.array([[int(task.segments.start.min()), int(task.segments.stop.max())]])
