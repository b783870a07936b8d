"""The snapshot of control sources at the start of a run, and what files say of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from euxfel.fileaccess import FileAccess, MultiRunError, PropertyNameError, Section

from .scope import Scope
from .selection import SelectedSource
from .short_names import is_timestamp, short_name, short_names


def run_value(selected: SelectedSource, key: str, scope: Scope, allow_multi_run: bool) -> Any:
    """Give one value of a source's snapshot.

    Returns
    -------
    object
        A scalar, array or str; a list of them, one per run, if ``allow_multi_run`` is set and
        the data is from several runs.

    Raises
    ------
    ValueError
        If the source is not a control source.
    MultiRunError
        If the data is from several runs.
    PropertyNameError
        If the snapshot has no such key.
    """
    _need_control(selected)
    if _of_one_run(selected, scope):
        return _value_in(selected, selected.stored.files[0], key)
    if not allow_multi_run:
        raise _several_runs(selected.name)
    return [_value_in(selected, file, key) for file in first_file_per_run(selected.stored.files)]


def run_values(selected: SelectedSource, scope: Scope, inc_timestamps: bool) -> dict[str, Any]:
    """Give the whole snapshot of a source, by key."""
    _need_control(selected)
    if not _of_one_run(selected, scope):
        raise _several_runs(selected.name)
    file = selected.stored.files[0]
    available = sorted(file.get_run_keys(selected.stored.source))
    wanted = available if inc_timestamps else [k for k in available if not is_timestamp(k)]
    values = {key: file.get_run_value(selected.stored.source, key) for key in wanted}
    return values if inc_timestamps else {short_name(k): v for k, v in values.items()}


def run_keys(selected: SelectedSource, inc_timestamps: bool) -> set[str]:
    """Give the keys of a source's snapshot; without timestamps also without ``.value``."""
    _need_control(selected)
    keys = selected.stored.files[0].get_run_keys(selected.stored.source)
    if inc_timestamps:
        return set(keys)
    return short_names(keys)


def first_file_per_run(files: Iterable[FileAccess]) -> list[FileAccess]:
    """Pick one file of each run, a run being a folder of files or what metadata calls one."""
    found: dict[Any, FileAccess] = {}
    for file in files:
        found.setdefault(run_label(file), file)
    return list(found.values())


def run_label(file: FileAccess) -> tuple[Any, Any] | str:
    """Name the run that a file belongs to: proposal and run number, else its folder."""
    about = file.metadata()
    if "proposalNumber" in about and "runNumber" in about:
        return int(about["proposalNumber"]), int(about["runNumber"])
    return str(file.path.parent)


def _value_in(selected: SelectedSource, file: FileAccess, key: str) -> Any:
    stored = selected.stored
    available = file.get_run_keys(stored.source)
    for name in (key, f"{key}.value"):
        if name in available:
            return file.get_run_value(stored.source, name)
    raise PropertyNameError(
        f"{selected.name} has no RUN value {key!r}; see .run_keys()",
        file=file.filename,
        source=selected.name,
        key=key,
    )


def _of_one_run(selected: SelectedSource, scope: Scope) -> bool:
    return scope.is_single_run or len(first_file_per_run(selected.stored.files)) == 1


def _need_control(selected: SelectedSource) -> None:
    if selected.section is not Section.CONTROL:
        raise ValueError(f"{selected.name} is not a control source: it has no RUN values")


def _several_runs(name: str) -> MultiRunError:
    return MultiRunError(
        f"{name} is from several runs, each with a value of its own; "
        "use run_value(key, allow_multi_run=True) or open the runs one by one",
        source=name,
    )
