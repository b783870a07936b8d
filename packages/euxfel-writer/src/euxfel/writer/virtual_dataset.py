"""Virtual datasets made through the low-level interface: a run has thousands of them."""

from __future__ import annotations

from functools import cache

import h5py
from h5py import h5d, h5p, h5s

from euxfel.core.source_files import SourceFiles

from .links import links
from .virtual_plan import KeyPlan, Shape, rows_of


class VirtualDatasets:
    """Makes the virtual datasets of one source.

    Parameters
    ----------
    file : h5py.File
        Where to make them.
    stored : SourceFiles
        The files that they show.
    """

    def __init__(self, file: h5py.File, stored: SourceFiles) -> None:
        self._file = file
        self._stored = stored
        self._names = [f.filename.encode() for f in stored.files]
        # Keys of a source have rows in common, and making the same selection again costs more
        # than all the rest.
        self._space = cache(_space)

    def make(self, path: str, plan: KeyPlan) -> None:
        """Make one dataset, with the groups that lead to it."""
        created = h5p.create(h5p.DATASET_CREATE)
        created.set_obj_track_times(False)
        if plan.shape[0]:
            # EXtra-data asks the first source of a virtual dataset for attributes: one without
            # rows has none, and is a plain dataset.
            created.set_layout(h5d.VIRTUAL)
        source = f"/{self._stored.section.data_path(self._stored.source, plan.key)}".encode()
        shape, entry = plan.shape, plan.entry_shape
        for rows in rows_of(plan.entries):
            created.set_virtual(
                self._space(shape, rows.place, rows.count),
                self._names[rows.file],
                source,
                self._space((plan.lengths[rows.file], *entry), rows.first, rows.count),
            )
        h5d.create(
            self._file.id, path.encode(), plan.stored, h5s.create_simple(shape), created, links()
        )


def _space(shape: Shape, first: int, count: int) -> h5s.SpaceID:
    space = h5s.create_simple(shape)
    space.select_hyperslab((first, *[0] * (len(shape) - 1)), (count, *shape[1:]))
    return space
