"""Runs opened through every cache are the same run, and a cache that lies is found out."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from euxfel.core import DataError, EuxfelError, RunDirectory
from euxfel.fileaccess import FileIdentity
from euxfel.fileaccess.compact_map import COMPACT_MAP_NAME, CompactMap
from euxfel.fileaccess.engine import known
from euxfel.fileaccess.handle import FileHandle
from euxfel.fileaccess.run_map import MAP_NAME
from euxfel.fileaccess.testing import (
    SimulatedRun,
    camera,
    detector_modules,
    errata,
    motor,
    reduction,
    small_run,
    with_legacy_name,
    xgm,
)
from euxfel.fileaccess.testing.defects.cases import CASES

MODULE = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"


def varied_run() -> SimulatedRun:
    """Slow data, modules with legacy names, auxiliary sources, a suspect train, absent trains."""
    modules = detector_modules("SPB_DET_AGIPD1M-1", 4, modules=(2, 3), module_shape=(8, 4))
    named = {
        aggregator: tuple(
            with_legacy_name(s, s.name.replace("AGIPD1M-1", "AGIPD1M-0")) for s in sources
        )
        for aggregator, sources in modules.items()
    }
    slow = (*xgm(), motor(), camera()[1], reduction(MODULE), errata())
    return SimulatedRun(
        {"DA01": slow, **named},
        trains_per_file={"DA01": 7},
        missing={"AGIPD03": (10004,)},
        suspect=frozenset({10011}),
        format_version="1.3",
    )


def opened(path: Path, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RunDirectory(path, **options)


def described(run: Any) -> dict[str, Any]:
    """Everything that the opening tells, and the rows of every source."""
    counts = {}
    for source in sorted(run.control_sources | run.instrument_sources):
        for group in sorted(run[source].index_groups):
            listed = run[source].data_counts(labelled=False, index_group=group)
            counts[source, group] = listed.tolist()
    return {
        "trains": [int(t) for t in run.train_ids],
        "sources": sorted(run.all_sources),
        "legacy": run.legacy_sources,
        "auxiliary": {f.basename: (f.reduction_sources, f.errata_sources) for f in run.files},
        "counts": counts,
        "keys": {s: sorted(run[s].keys()) for s, _ in counts},
    }


def data_of(run: Any) -> dict[tuple[str, str], Any]:
    """All data; the kind of error where data is refused."""
    found = {}
    for source in sorted(run.control_sources | run.instrument_sources):
        for key in sorted(run[source].keys()):
            try:
                found[source, key] = run[source, key].ndarray().tolist()
            except EuxfelError as exc:
                found[source, key] = type(exc)
    return found


def problems_of(run: Any) -> set[tuple[Any, ...]]:
    return {(p.kind, p.file, p.source, p.key, p.trains) for p in run.problems}


def remove(path: Path, *names: str) -> None:
    for name in names:
        (path / name).unlink(missing_ok=True)


@contextmanager
def no_file_opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(self: FileHandle) -> Any:
        raise AssertionError(f"{self.path} was opened")

    with monkeypatch.context() as patch:
        patch.setattr(FileHandle, "h5", refuse)
        patch.setattr(FileHandle, "h5_briefly", refuse)
        yield


def compare_through_all_caches(path: Path) -> None:
    for suspect in (True, False):
        remove(path, COMPACT_MAP_NAME, MAP_NAME)
        plain = opened(path, inc_suspect_trains=suspect)
        known, expected = set(plain.known_problems), described(plain)
        plain.save_map()
        data, problems = data_of(plain), problems_of(plain)

        for absent in [(), (COMPACT_MAP_NAME,), (MAP_NAME,)]:
            remove(path, *absent)
            run = opened(path, inc_suspect_trains=suspect)
            assert set(run.known_problems) == known, absent
            assert described(run) == expected, absent
            assert data_of(run) == data, absent
            assert problems_of(run) == problems, absent
            run.save_map()


@pytest.mark.parametrize("make", [varied_run, small_run])
def test_every_cache_gives_the_same_run(make: Any, tmp_path: Path) -> None:
    """Opening reads files, the shared map or the compact map: nobody can tell which."""
    compare_through_all_caches(make().write(tmp_path).path)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_every_cache_gives_the_same_defects(case: Any, tmp_path: Path) -> None:
    """A defect is known and told the same however the run was opened."""
    path = case.run.write(tmp_path).path
    plain = opened(path)
    known, expected = set(plain.known_problems), described(plain)
    plain.save_map()
    for absent in [(), (COMPACT_MAP_NAME,)]:
        remove(path, *absent)
        run = opened(path)
        assert set(run.known_problems) == known, absent
        assert described(run) == expected, absent


def test_a_saved_index_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row counts, keys and auxiliary sources come from the compact map alone."""
    path = varied_run().write(tmp_path).path
    first = opened(path)
    expected = described(first.select("*:*"))
    first.save_map()
    with no_file_opened(monkeypatch):
        run = opened(path)
        assert described(run.select("*:*")) == expected
        assert [int(t) for t in run.train_ids] == [int(t) for t in first.train_ids]


def test_what_was_read_is_saved_when_the_run_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to ask for it, and nobody waits for it."""
    path = varied_run().write(tmp_path).path
    monkeypatch.setattr("euxfel.core.remembered.WORTH_SAVING", 1)
    run = opened(path)
    before = (path / COMPACT_MAP_NAME).stat().st_size
    run[MODULE].data_counts(labelled=False, index_group="image")
    assert (path / COMPACT_MAP_NAME).stat().st_size == before
    del run
    gc.collect()
    assert (path / COMPACT_MAP_NAME).stat().st_size > before


def test_data_is_read_by_remembered_layouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dataset of each file is compared with the file; the others need no look into it."""
    path = varied_run().write(tmp_path).path
    first = opened(path)
    expected = [data for _, data in first.select("*", "*.value").trains()]
    first.save_map()
    seen: list[tuple[str, str]] = []
    look = known.opened

    def counted(handle: FileHandle, dataset: str) -> Any:
        seen.append((handle.path, dataset))
        return look(handle, dataset)

    monkeypatch.setattr(known, "opened", counted)
    found = [data for _, data in opened(path).select("*", "*.value").trains()]
    np.testing.assert_equal(found, expected)
    # Text is not remembered.
    numbers = [path for path, dataset in seen if not dataset.endswith("/state/value")]
    assert len(numbers) == len(set(numbers)), seen


def test_little_is_not_saved_unasked(tmp_path: Path) -> None:
    """A map is not written for what is read again in no time."""
    path = small_run().write(tmp_path).path
    run = opened(path)
    before = (path / COMPACT_MAP_NAME).read_bytes()
    run["SPB_XTD9_XGM/DOOCS/MAIN:output"].data_counts(labelled=False)
    del run
    gc.collect()
    assert (path / COMPACT_MAP_NAME).read_bytes() == before


def poisoned(path: Path, change: Any) -> None:
    """Change what the compact map remembers of every file, state of the files included."""
    old = CompactMap.load(path)
    new = CompactMap(path)
    for file in sorted(path.glob("*.h5")):
        identity = FileIdentity.of(file)
        summary = old.get(file.name, identity)
        assert summary is not None
        arrays = {n: change(n, a) for n, a in old.arrays(file.name, identity).items()}
        new.put(file.name, identity, summary, arrays)
    assert new.save() is None


def indexed(tmp_path: Path) -> Path:
    path = varied_run().write(tmp_path).path
    run = opened(path)
    described(run)
    run.save_map()
    return path


def test_wrong_counts_in_a_map_are_found_before_data_is_read(tmp_path: Path) -> None:
    """R5: rows are never chosen by a map that says otherwise than the file."""
    path = indexed(tmp_path)
    poisoned(path, lambda name, a: a if name.startswith("keys/") else (a + 1).astype(a.dtype))
    run = opened(path)
    with pytest.raises(DataError, match=r"delete \.euxfel_map"):
        run[MODULE, "image.data"].ndarray()


@pytest.mark.parametrize(
    "nonsense",
    [
        np.zeros(0, dtype=np.uint8),
        np.full((2, 3, 4), 7, dtype=np.uint8),
        np.full(3, -1, dtype=np.int64),
        np.full(1, 2**64 - 1, dtype=np.uint64),
        np.array([7.5]),
        np.full((2, 20), 2**62, dtype=np.int64),
        np.frombuffer(b"../a\nb//c\n\xff", dtype=np.uint8),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_senseless_arrays_in_a_map_are_read_again(tmp_path: Path, nonsense: Any) -> None:
    """F3: what cannot be an index or a list of keys counts as not remembered."""
    path = indexed(tmp_path)
    expected = described(opened(path))
    poisoned(path, lambda name, a: nonsense)
    assert described(opened(path)) == expected


def test_a_child_process_saves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """B30: what a parent learned is not written by its children."""
    path = varied_run().write(tmp_path).path
    monkeypatch.setattr("euxfel.core.remembered.WORTH_SAVING", 1)
    run = opened(path)
    run[MODULE].data_counts(labelled=False, index_group="image")
    before = (path / COMPACT_MAP_NAME).read_bytes()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    del run
    gc.collect()
    assert (path / COMPACT_MAP_NAME).read_bytes() == before


def test_a_folder_that_cannot_be_written_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F4: neither opening nor giving up a run fails or warns for want of a cache."""
    path = varied_run().write(tmp_path).path
    (path.parents[1] / "scratch").rmdir() if (path.parents[1] / "scratch").exists() else None
    monkeypatch.setattr("euxfel.core.remembered.WORTH_SAVING", 1)

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("euxfel.fileaccess.compact_map.replace_file", refuse)
    monkeypatch.setattr("euxfel.fileaccess.run_map.replace_file", refuse)
    run = RunDirectory(path, inc_suspect_trains=False)
    run[MODULE].data_counts(labelled=False, index_group="image")
    assert not run.problems.of_kind("bad-cache")
    run.save_map()
    del run
    gc.collect()
    assert not (path / COMPACT_MAP_NAME).exists()
