"""Checks of data that lies in other files: virtual datasets and external storage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import gt

from euxfel.fileaccess import EuxfelError, FileHandle, ProblemKind, dataset_layout
from euxfel.fileaccess.engine.elsewhere import check_raw_files, source_handle
from euxfel.fileaccess.engine.guard import same_tree
from euxfel.fileaccess.engine.virtual import Mapping, mappings

from ..file_contents import FileContents, Stored
from ..finding import Finding, Severity
from ..registry import file_check


@file_check(Severity.ERROR)
def virtual_sources(contents: FileContents) -> Iterator[Finding]:
    """Data that lies in another file is not there any more, or too short.

    HDF5 gives fill values for it, without a word; euxfel raises an error. Bring the other file
    back, or write the virtual file again.
    """
    for datasets in contents.survey.stored.values():
        for dataset in datasets:
            if dataset.elsewhere:
                yield from _faults(contents.file.handle, dataset)


def _faults(handle: FileHandle, dataset: Stored) -> Iterator[Finding]:
    try:
        if dataset_layout(handle, dataset.path).kind == "external":
            check_raw_files(handle, dataset.path, same_tree)
            return
        shown = mappings(handle, dataset.path)
    except EuxfelError as exc:
        yield _finding(dataset, str(exc))
        return
    for some in _by_source(shown).values():
        try:
            fault = _fault(handle, dataset, some)
        except EuxfelError as exc:
            fault = str(exc)
        if fault:
            yield _finding(dataset, fault)


def _by_source(shown: tuple[Mapping, ...]) -> dict[tuple[str, str], list[Mapping]]:
    found: dict[tuple[str, str], list[Mapping]] = {}
    for mapping in shown:
        found.setdefault((mapping.file, mapping.dataset), []).append(mapping)
    return found


def _fault(handle: FileHandle, dataset: Stored, some: list[Mapping]) -> str:
    there = source_handle(handle, dataset.path, some[0].file, same_tree)
    shape = dataset_layout(there, some[0].dataset).shape
    for mapping in some:
        needed = mapping.place.shape if mapping.source is None else mapping.source.high
        if len(needed) != len(shape) or any(map(gt, needed, shape)):
            name = os.path.basename(there.path)
            return f"its source in {name} has shape {shape}, {needed} is needed"
    return ""


def _finding(dataset: Stored, message: str) -> Finding:
    return Finding(
        ProblemKind.VIRTUAL_SOURCE_MISSING, message, dataset=dataset.path, source=dataset.source
    )
