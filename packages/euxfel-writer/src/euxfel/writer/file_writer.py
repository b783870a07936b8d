"""A selection of a run as a new file: streamed, compressed chunks copied as they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import h5py

from euxfel.core import DataCollection
from euxfel.fileaccess.engine.threads import thread_count
from euxfel.fileaccess.sections import AUXILIARY, Section

from . import skeleton
from .companions import copy_key_attributes, copy_snapshot, link_old_name
from .compare import compare
from .manifest import append_manifest
from .options import Which, WriteOptions
from .passing import PassingChunks, passed_bytes, passing_chunks
from .provenance import write_provenance
from .refusal import AnyPath, refuse
from .storage import Storage, storage_of
from .stream import stream
from .target import AtomicTarget
from .write_plan import KeyPlan, SourcePlan, index_arrays, plan_of

# Checksums on all that the library writes beside the data, and known to every reader in use.
LIBVER = ("v110", "v110")
Progress = Callable[[int, int], object]


class FileWriter:
    """Writes a selection of a run to a new file.

    What `write` does, under the name that EXtra-data has for it.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    data : DataCollection
        What to write.
    overwrite : bool
        Whether to replace a file that exists.
    compression, chunks, dtype, decimals, roi, pulses, provenance, verify, manifest, progress
        As for `write`.
    """

    def __init__(
        self,
        path: AnyPath,
        data: DataCollection,
        *,
        overwrite: bool = False,
        compression: str | int | bool | None = None,
        chunks: Mapping[Which, int | tuple[int, ...]] | None = None,
        dtype: Mapping[Which, Any] | None = None,
        decimals: Mapping[Which, int] | None = None,
        roi: Mapping[Which, Any] | None = None,
        pulses: object = None,
        provenance: bool = True,
        verify: bool = False,
        manifest: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.path = path
        self.data = data
        self.options = WriteOptions(
            compression, chunks or {}, dtype or {}, decimals or {}, roi or {}, pulses
        )
        self._overwrite = overwrite
        self._provenance = provenance
        self._verify = verify
        self._manifest = manifest
        self._progress = progress

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The file is closed when `write` returns.
        return

    def write(self) -> None:
        """Write the file."""
        inputs = [file.filename for file in self.data._selection.files]
        refuse(os.path.abspath(self.path), inputs, self._overwrite)
        plans = plan_of(self.data, self.options)
        works = [_Work.of(key, self.options) for plan in plans for key in plan.keys]
        with AtomicTarget(self.path, inputs=inputs, overwrite=self._overwrite) as target:
            with target.h5file(
                libver=LIBVER,
                expected_size=sum(work.passed for work in works),
                check=(lambda file: compare(file.filename, plans)) if self._verify else None,
            ) as file:
                self._write_frame(file, plans)
                for _ in self._written(file, works):
                    target.check()
                for plan in plans:
                    _copy_companions(file, plan)
                    target.check()
                _link_old_names(file, self.data, plans)
            if self._manifest:
                append_manifest(target)

    def _write_frame(self, file: h5py.File, plans: Sequence[SourcePlan]) -> None:
        """Write all that is not the data of keys."""
        data = self.data
        skeleton.sign(file)
        version = skeleton.format_version(data)
        skeleton.write_trains(file, data, version)
        listed: list[str] = []
        auxiliary: list[str] = []
        for plan in plans:
            file.require_group(plan.section.source_path(plan.name))
            for group, counts in plan.counts.items():
                path = plan.section.index_path(plan.name, group)
                skeleton.write_index(file, path, index_arrays(counts))
            names = skeleton.listed_names(plan.section, plan.name, plan.counts)
            (auxiliary if plan.section.is_auxiliary else listed).extend(names)
        listed += _old_names(data, plans)
        skeleton.write_metadata(file, data, version, listed)
        _list_auxiliary(file, auxiliary)
        if self._provenance:
            write_provenance(file, data, plans, self.options.said())

    def _written(self, file: h5py.File, works: Sequence[_Work]) -> Iterator[None]:
        total = sum(work.plan.nbytes for work in works)
        done = 0
        with ThreadPoolExecutor(thread_count()) as pool:
            for work in works:
                made = work.storage.make(file, work.plan.path, work.plan.shape)
                per_row = work.plan.nbytes // max(1, work.plan.rows.total)
                for rows in stream(work.plan, work.storage, work.passing, made, pool):
                    done += rows * per_row
                    if self._progress is not None:
                        self._progress(min(done, total), total)
                    yield


class _Work:
    """One dataset to write, and how."""

    __slots__ = ("passed", "passing", "plan", "storage")

    def __init__(self, plan: KeyPlan, storage: Storage, passing: PassingChunks) -> None:
        self.plan = plan
        self.storage = storage
        self.passing = passing
        self.passed = passed_bytes(passing)

    @classmethod
    def of(cls, plan: KeyPlan, options: WriteOptions) -> Self:
        """Find out how a key is to be written."""
        storage = storage_of(plan, options)
        return cls(plan, storage, passing_chunks(plan, storage))


def write(data: DataCollection, path: AnyPath, **options: Any) -> None:
    """Write the selected data to a new file: what ``run.write(path)`` does.

    Memory stays below 256 MB whatever the size. Compressed chunks are copied as they are where
    their rows are all taken. Attributes, the RUN snapshot, times and flags of trains, metadata,
    what REDUCTION and ERRATA tell, and old names of sources come along.

    Parameters
    ----------
    data : DataCollection
        What to write: ``run.select(...)``, ``run.select_trains(...)``.
    path : str or path-like
        The file to write.
    overwrite : bool
        Whether to replace a file that exists. The old one stays until the new one is complete.
    compression : str or int, optional
        ``"gzip"`` or a level from 1 to 9, ``"none"`` for uncompressed; by default as it is.
    chunks : mapping, optional
        Rows of an HDF5 chunk, or its shape, for the sources and keys that match: a glob for
        sources, or a pair of globs for sources and keys.
    dtype : mapping, optional
        Types to cast to.
    decimals : mapping, optional
        To how many decimals to round.
    roi : mapping, optional
        Which part of each row, such as ``{("*:xtdf", "image.data"): np.s_[..., 0:64, :]}``.
    pulses : slice, list, ``by_index[...]`` or ``by_id[...]``, optional
        Frames of each train, of detectors that store one row per pulse.
    sequence_trains : int, optional
        Write a folder of sequence files of so many trains instead of one file.
    provenance : bool
        Whether to tell in the group ``provenance`` which files and options it was made of.
    verify : bool
        Whether to read everything back and compare it with the source, before the file appears.
    manifest : bool
        Whether to add digests, so that `euxfel.writer.verify` notices any later damage.
    progress : callable, optional
        Called with the bytes done and the bytes in all.

    Raises
    ------
    DataError
        If files differ in dtype or shape, an index contradicts the data, or data cannot be
        decoded.
    WriteError
        If the file cannot be written; it is then absent, or what it was before.

    Examples
    --------
    >>> import os, tempfile
    >>> from euxfel.core import H5File, RunDirectory
    >>> from euxfel.fileaccess.testing import small_run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = RunDirectory(small_run().write(folder).path)
    ...     path = os.path.join(folder, "small.h5")
    ...     run.select("*XGM*").select_trains(range(5)).write(path, compression="gzip")
    ...     len(H5File(path).train_ids)
    5
    """
    sequence_trains = options.pop("sequence_trains", None)
    if sequence_trains is not None:
        from .sequences import write_sequences

        write_sequences(data, path, sequence_trains, options)
    else:
        FileWriter(path, data, **options).write()


def _copy_companions(file: h5py.File, plan: SourcePlan) -> None:
    first = {}
    for key in plan.keys:
        for number in key.rows.files or range(len(plan.stored.files)):
            if plan.stored.file_layout(number, key.key) is not None:
                first[key.key] = number
                break
    copy_key_attributes(file, plan.stored, plan.name, first)
    if plan.section is Section.CONTROL:
        copy_snapshot(file, plan.stored, plan.name)


def _all_old_names(data: DataCollection) -> dict[str, str]:
    """Give old names that are selected, also those by which alone a source is."""
    selection = data._selection
    alone = {
        name: source.stored.source
        for name, source in selection.sources.items()
        if name != source.stored.source
    }
    return {**selection.legacy, **alone}


def _old_names(data: DataCollection, plans: Sequence[SourcePlan]) -> list[str]:
    by_name = {plan.name: plan for plan in plans}
    found: list[str] = []
    for old, new in sorted(_all_old_names(data).items()):
        found += skeleton.listed_names(by_name[new].section, old, by_name[new].counts)
    return found


def _link_old_names(file: h5py.File, data: DataCollection, plans: Sequence[SourcePlan]) -> None:
    sections = {plan.name: plan.section for plan in plans}
    for old, new in sorted(_all_old_names(data).items()):
        link_old_name(file, sections[new], old, new)


def _list_auxiliary(file: h5py.File, names: Sequence[str]) -> None:
    if not names:
        return
    for section in (Section.REDUCTION, Section.ERRATA):
        own = [n.encode() for n in names if n.startswith(f"{section.value}/")]
        kind = h5py.special_dtype(vlen=bytes)
        file.create_dataset(f"{AUXILIARY}/{section.value}", data=own, shape=(len(own),), dtype=kind)
