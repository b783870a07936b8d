"""Virtual datasets without surprise: their mapping is taken, and the sources are read by us.

libhdf5 gives the fill value, and no word, where a source is missing, unreadable or too short.
Here each source is opened first, so that every one of these is an error that names the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np
from h5py import h5p, h5s

from ..errors import EuxfelError, FileChangedError
from ..handle import FileHandle
from .elsewhere import source_handle
from .examine import opened
from .guard import FollowPolicy, data_error
from .known import dataset_layout
from .layout import DatasetLayout
from .region import Axis, Region
from .segments import Segments
from .task import Task

# Mappings whose boxes are compared each with each.
COMPARED_MAX = 2000


@dataclass(frozen=True, slots=True)
class Box:
    """A solid block of a dataset: first element and one past the last, on every axis."""

    low: tuple[int, ...]
    high: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Extent along every axis."""
        return tuple(b - a for a, b in zip(self.low, self.high, strict=True))


@dataclass(frozen=True, slots=True)
class Mapping:
    """One block of a virtual dataset and the source that it shows.

    Attributes
    ----------
    file, dataset : str
        The source, as the virtual dataset names it.
    place : Box
        Hull of the elements in the virtual dataset.
    source : Box or None
        Hull of the elements in the source; None means all of it, whatever that is.
    solid : bool
        Whether both hulls are selected as a whole.
    """

    file: str
    dataset: str
    place: Box
    source: Box | None
    solid: bool


def mappings(handle: FileHandle, dataset: str) -> tuple[Mapping, ...]:
    """Mapping of a virtual dataset, remembered with the file's handle.

    Raises
    ------
    DataError
        If sources are named by a pattern, or grow without limit: then nobody can tell whether
        one is missing.
    """
    found = handle.cache.get((Mapping, dataset))
    if found is None:
        with opened(handle, dataset) as (_file, dataset_id):
            created = dataset_id.get_create_plist()
            found = tuple(_mapping(created, i) for i in range(created.get_virtual_count()))
        if None in found:
            what = "its virtual sources are a pattern or unlimited, which is not supported"
            raise data_error(handle, dataset, what)
        handle.cache[Mapping, dataset] = found
    return found


def _mapping(created: h5p.PropDCID, number: int) -> Mapping | None:
    file = created.get_virtual_filename(number)
    dataset = created.get_virtual_dsetname(number)
    there, here = created.get_virtual_srcspace(number), created.get_virtual_vspace(number)
    if "%" in file + dataset or _unlimited(there) or _unlimited(here):
        return None
    place = _hull(here)
    points = here.get_select_npoints()
    # The library stores "all of the source" without the source's shape.
    source = None if there.get_select_type() == h5s.SEL_ALL else _hull(there)
    solid = points == prod(place.shape) and (source is None or points == prod(source.shape))
    return Mapping(file, dataset, place, source, solid)


def _unlimited(space: h5s.SpaceID) -> bool:
    if space.get_select_type() != h5s.SEL_HYPERSLABS or not space.is_regular_hyperslab():
        return False
    numbers = space.get_regular_hyperslab()
    return any(n >= h5s.UNLIMITED - 1 for part in (numbers[2], numbers[3]) for n in part)


def _hull(space: h5s.SpaceID) -> Box:
    low, last = space.get_select_bounds()
    return Box(tuple(map(int, low)), tuple(int(n) + 1 for n in last))


def translated_tasks(task: Task, may_follow: FollowPolicy) -> list[Task] | None:
    """Tasks on the sources of a virtual dataset.

    Returns
    -------
    list of Task or None
        None if the mapping has a form that only the HDF5 library knows to read. All its sources
        have been found then.

    Raises
    ------
    DataError
        If a source is missing, unreadable or too small, or must not be followed; or if
        sources overlap, since nobody can say which of them is meant.
    """
    known = mappings(task.handle, task.dataset)
    if not _apart(known):
        # The library counts shared elements twice, and then leaves others unset.
        raise task.error("its virtual sources overlap or interleave, which is not supported")
    needed = [m for m in known if _touched(m, task)]
    simple = all(m.solid for m in needed)
    tasks = [_on_source(task, m, may_follow) for m in (needed if simple else known)]
    if not simple or None in tasks:
        for mapping in known:
            _checked_source(task, mapping, may_follow)
        return None
    return [t for t in tasks if t is not None and not t.empty]


def covered(task: Task) -> bool:
    """Whether mappings fill a virtual dataset, so that no element has the fill value."""
    known = mappings(task.handle, task.dataset)
    return sum(prod(m.place.shape) for m in known) == prod(task.layout.shape)


def _touched(mapping: Mapping, task: Task) -> bool:
    low, high = mapping.place.low[0], mapping.place.high[0]
    return bool(((task.segments.start < high) & (task.segments.stop > low)).any())


def _apart(some: Sequence[Mapping]) -> bool:
    """Whether no two mappings show the same element."""
    order = sorted(some, key=lambda m: m.place.low)
    rows = [(m.place.low[0], m.place.high[0]) for m in order]
    if all(a[1] <= b[0] for a, b in pairwise(rows)):
        return True
    if len(some) > COMPARED_MAX:
        return False
    low, high = (np.array([getattr(m.place, end) for m in some]) for end in ("low", "high"))
    clash = ((low[:, None] < high[None]) & (high[:, None] > low[None])).all(axis=2)
    return int(clash.sum()) == len(some)


def _on_source(task: Task, mapping: Mapping, may_follow: FollowPolicy) -> Task | None:
    handle, layout, source = _checked_source(task, mapping, may_follow)
    pairs = _paired(mapping.place.shape, source.shape)
    if pairs is None or layout.dtype != task.layout.dtype:
        return None
    axes: list[Axis] = []
    index: list[slice | int | None] = [slice(None)]
    for mine, theirs in pairs:
        if mine is None:
            # Never both: each step of the pairing takes an axis of one or of both.
            axes.append(Axis(source.low[theirs or 0], 1, 1))
            index.append(None)
            continue
        low, high = mapping.place.low[mine], mapping.place.high[mine]
        part, where = task.region.axes[mine - 1].within(low, high)
        if theirs is None:
            if not part.count:
                return _nothing(task)
            index.append(where.start)
        else:
            axes.append(Axis(part.start + source.low[theirs], part.step, part.count))
            index.append(where)
    return Task(
        handle=handle,
        dataset=mapping.dataset,
        layout=layout,
        segments=_clipped(task.segments, mapping.place, source.low[0]),
        region=Region(tuple(axes), (True,) * len(axes)),
        out=task.out[tuple(index)],
    )


def _nothing(task: Task) -> Task:
    none = task.segments.take(slice(0, 0))
    return Task(task.handle, task.dataset, task.layout, none, task.region, task.out)


def _clipped(segments: Segments, place: Box, first: int) -> Segments:
    """The runs' parts within a place, as rows of a source that shows it from ``first``."""
    low, high = place.low[0], place.high[0]
    start, stop = np.maximum(segments.start, low), np.minimum(segments.stop, high)
    part = Segments(start, stop - start, segments.dest + start - segments.start)
    return part.take(part.count > 0).shifted(first - low)


_Pair = tuple[int | None, int | None]


def _paired(place: tuple[int, ...], source: tuple[int, ...]) -> list[_Pair] | None:
    """Which inner axis of the source is which of the virtual dataset, length 1 left over."""
    if place[:1] != source[:1]:
        return None
    pairs: list[_Pair] = []
    mine = theirs = 1
    while mine < len(place) or theirs < len(source):
        a = place[mine] if mine < len(place) else None
        b = source[theirs] if theirs < len(source) else None
        if a == b:
            pairs.append((mine, theirs))
            mine, theirs = mine + 1, theirs + 1
        elif a == 1:
            pairs.append((mine, None))
            mine += 1
        elif b == 1:
            pairs.append((None, theirs))
            theirs += 1
        else:
            return None
    return pairs


def _checked_source(
    task: Task, mapping: Mapping, may_follow: FollowPolicy
) -> tuple[FileHandle, DatasetLayout, Box]:
    handle = source_handle(task.handle, task.dataset, mapping.file, may_follow)
    try:
        layout = dataset_layout(handle, mapping.dataset)
    except FileChangedError:
        raise
    except EuxfelError as exc:
        raise task.error(f"its source cannot be read: {exc}") from exc
    whole = Box((0,) * len(layout.shape), layout.shape)
    shown = whole if mapping.source is None else mapping.source
    if not _holds(whole, shown) or (
        mapping.source is None and prod(whole.shape) != prod(mapping.place.shape)
    ):
        needed = mapping.place.shape if mapping.source is None else shown.high
        raise task.error(
            f"its source {handle.path}, dataset {mapping.dataset}, has shape {layout.shape}, "
            f"but {needed} is needed"
        )
    return handle, layout, shown


def _holds(whole: Box, part: Box) -> bool:
    same = len(whole.high) == len(part.high)
    return same and all(a >= b for a, b in zip(whole.high, part.high, strict=True))
