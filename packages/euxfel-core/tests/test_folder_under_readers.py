"""Bar R10: files come, go, are replaced and cut while runs are open; nobody reads wrong data.

A reader that was opened before a change gives what was there when it was opened, or an error
that says so. A run opened afterwards gives what is there now. Caches in the folder stay in place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from euxfel.core import EuxfelError, FileStructureError, KeyData, RunDirectory, RunNotFoundError
from euxfel.core.collection import DataCollection
from euxfel.fileaccess.testing import (
    Group,
    InstrumentSource,
    Key,
    SimulatedFile,
    Storage,
    motor,
)

FAST = InstrumentSource(
    "A/FAST/1:output",
    (Group("data", (Key("x", "f4", (3,), storage=Storage(chunk_rows=2, deflate=1)),), (1, 2, 0)),),
)
# One key of each aggregator's source.
WHERE = {"DA01": motor("A/MOTOR/1"), "DA02": FAST}
KEYS = {"DA01": ("A/MOTOR/1", "actualPosition.value"), "DA02": ("A/FAST/1:output", "data.x")}
PLACES = [(aggregator, number) for aggregator in WHERE for number in range(3)]
VERSIONS = 4


def described(aggregator: str, number: int, version: int) -> SimulatedFile:
    """Version by version other trains: the same train is then in another row, with other data."""
    first = 10000 + 20 * number + version
    return SimulatedFile(
        (WHERE[aggregator],), range(first, first + 6), aggregator=aggregator, sequence=number
    )


# Files are written once and copied: HDF5 takes longer than everything else here.
STORE = Path(tempfile.mkdtemp(prefix="euxfel-versions-"))
CUT = None


def stored(aggregator: str, number: int, version: int) -> Path:
    path = STORE / f"{aggregator}-{number}-{version}.h5"
    return path if path.exists() else described(aggregator, number, version).write(path)


def teardown_module() -> None:
    shutil.rmtree(STORE)


Files = dict[str, SimulatedFile | None]


@dataclass
class Reader:
    """A run that somebody opened, and the files as they were then, by name."""

    run: DataCollection
    files: Files
    touched: set[str] = field(default_factory=set)

    def expected(self, aggregator: str) -> np.ndarray | None:
        """What its source held; None if there was no file of it."""
        held = {n: f for n, f in self.files.items() if f is not None and f.aggregator == aggregator}
        if not held:
            return None
        source, key = KEYS[aggregator]
        return np.concatenate([held[name].expected(source, key) for name in sorted(held)])

    def trains(self) -> list[int]:
        return sorted({t for f in self.files.values() if f is not None for t in f.train_ids})


def opened(folder: Path) -> tuple[DataCollection | None, str]:
    """A run, or the error in place of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return RunDirectory(folder), ""
    except (FileStructureError, RunNotFoundError) as error:
        return None, str(error)


def answer(kd: KeyData, by_train: bool, nothing: np.ndarray) -> tuple[np.ndarray, str]:
    """Data of a key, or the error in place of it."""
    try:
        if not by_train:
            return kd.ndarray(), ""
        parts = [value for _, value in kd.trains(keep_dims=True)]
    except (EuxfelError, OSError) as error:
        return nothing, str(error)
    return (np.concatenate(parts) if parts else nothing), ""


class FolderUnderReaders(RuleBasedStateMachine):
    """The folder as it is, as it is told to be, and all who opened it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="euxfel-folder-"))
        self.now: Files = {}
        self.readers: list[Reader] = []

    def teardown(self) -> None:
        for reader in self.readers:
            for file in reader.run.files:
                file.close()
        shutil.rmtree(self.folder)

    def changed(self, name: str, now: SimulatedFile | None, gone: bool = False) -> None:
        if gone:
            del self.now[name]
        else:
            self.now[name] = now
        for reader in self.readers:
            reader.touched.add(name)

    @rule(place=st.sampled_from(PLACES), version=st.integers(0, VERSIONS - 1), how=st.booleans())
    def put(self, place: tuple[str, int], version: int, how: bool) -> None:
        """A file comes, or another one in its place: a new one, or other bytes in the same."""
        file = described(*place, version)
        path, source = self.folder / file.filename, stored(*place, version)
        if how or not path.exists():
            os.replace(shutil.copy(source, f"{path}.tmp"), path)
        else:
            path.write_bytes(source.read_bytes())
        self.changed(file.filename, file)

    @precondition(lambda self: self.now)
    @rule(data=st.data(), share=st.floats(0, 0.9))
    def cut(self, data: st.DataObject, share: float) -> None:
        name = data.draw(st.sampled_from(sorted(self.now)))
        path = self.folder / name
        os.truncate(path, int(path.stat().st_size * share))
        self.changed(name, CUT)

    @precondition(lambda self: self.now)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.now)))
        (self.folder / name).unlink()
        self.changed(name, None, gone=True)

    @rule()
    def open(self) -> None:
        """A new run gives what is there, and names what cannot be used."""
        cut = {name for name, file in self.now.items() if file is CUT}
        run, error = opened(self.folder)
        if run is None:
            assert cut == set(self.now)
            assert all(name in error for name in cut)
            return
        assert {os.path.basename(f.filename) for f in run.files} == set(self.now) - cut
        assert {os.path.basename(p.file or "") for p in run.known_problems} == cut
        reader = Reader(run, dict(self.now))
        assert run.train_ids == reader.trains()
        for aggregator in WHERE:
            self.read(reader, aggregator, by_train=False)
        self.readers.append(reader)

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), aggregator=st.sampled_from(sorted(WHERE)), by_train=st.booleans())
    def look(self, data: st.DataObject, aggregator: str, by_train: bool) -> None:
        """Any reader, whenever it was opened."""
        number = data.draw(st.integers(0, len(self.readers) - 1))
        self.read(self.readers[number], aggregator, by_train)

    def read(self, reader: Reader, aggregator: str, by_train: bool) -> None:
        expected = reader.expected(aggregator)
        source, key = KEYS[aggregator]
        assert (source in reader.run.all_sources) == (expected is not None)
        if expected is None:
            return
        changed = {name for name in reader.touched if reader.files.get(name) is not None}
        found, error = answer(reader.run[source, key], by_train, expected[:0])
        concerned = [name for name in changed if aggregator in name]
        if concerned:
            assert any(name in error for name in concerned), f"said {error!r} of {concerned}"
        else:
            assert not error
            np.testing.assert_array_equal(found, expected)

    @invariant()
    def nothing_is_left_behind(self) -> None:
        """Beside the data there are the two maps at most, whole."""
        beside = {path.name for path in self.folder.iterdir()} - set(self.now)
        assert beside <= {"karabo_data_map.json", ".euxfel_map"}


TestFolderUnderReaders = FolderUnderReaders.TestCase
TestFolderUnderReaders.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def test_versions_of_a_file_differ_where_they_overlap() -> None:
    """Otherwise old data in place of new would go unnoticed."""
    source, key = KEYS["DA01"]
    held = [described("DA01", 0, v).expected(source, key, [10004]) for v in range(VERSIONS)]
    assert len(set(np.concatenate(held).tolist())) == VERSIONS
