"""Collections made of plain values: what is shown must not depend on how data is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from euxfel.fileaccess.errors import DataError, PropertyNameError, SourceNameError
from euxfel.fileaccess.filenames import FileNameFacts, PathFacts, parse_filename, parse_path
from euxfel.fileaccess.problems import Problem


@dataclass(frozen=True)
class FakeFile:
    filename: str
    ids: Sequence[int]

    @property
    def name_facts(self) -> FileNameFacts | None:
        return parse_filename(self.filename.rpartition("/")[2])

    @property
    def path_facts(self) -> PathFacts | None:
        return parse_path(self.filename)

    @property
    def aggregator(self) -> str | None:
        return self.name_facts.aggregator if self.name_facts else None

    @property
    def train_ids(self) -> NDArray[np.uint64]:
        return np.array(self.ids, dtype=np.uint64)


@dataclass(frozen=True)
class FakeKey:
    source: str
    key: str
    train_ids: Sequence[int] = ()
    section: str = "INSTRUMENT"
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype("f4"))
    entry_shape: tuple[int, ...] = ()
    units: str | None = None

    @property
    def index_group(self) -> str:
        return self.key.partition(".")[0] if self.section != "CONTROL" else ""


@dataclass(frozen=True)
class FakeSource:
    """A source; `counts` gives the entries per train of each index group."""

    source: str
    counts: Mapping[str, Sequence[int]]
    keys_: Mapping[str, FakeKey] = field(default_factory=dict)
    run_keys_: frozenset[str] = frozenset()
    files: Sequence[FakeFile] = ()
    train_ids: Sequence[int] = ()
    section: str = "INSTRUMENT"
    device_class: str | None = None
    damage: str = ""

    @property
    def is_control(self) -> bool:
        return self.section == "CONTROL"

    @property
    def index_groups(self) -> set[str]:
        return set(self.counts)

    def keys(self, inc_timestamps: bool = True) -> set[str]:
        return set(self.keys_)

    def run_keys(self, inc_timestamps: bool = True) -> set[str]:
        return set(self.run_keys_)

    def data_counts(
        self, labelled: bool = True, index_group: str | None = None
    ) -> NDArray[np.int64]:
        assert not labelled
        if self.damage:
            raise DataError(self.damage, source=self.source)
        return np.array(self.counts[index_group or ""], dtype=np.int64)

    def __getitem__(self, key: str) -> FakeKey:
        for name in (key, f"{key}.value"):
            if name in self.keys_:
                return self.keys_[name]
        raise PropertyNameError(f"no key {key}", source=self.source, key=key)


@dataclass(frozen=True)
class FakeAuxiliary:
    sources: Mapping[str, FakeSource] = field(default_factory=dict)

    def _of(self, section: str) -> set[str]:
        return {n for n, s in self.sources.items() if s.section == section}

    @property
    def reduction_sources(self) -> set[str]:
        return self._of("REDUCTION")

    @property
    def errata_sources(self) -> set[str]:
        return self._of("ERRATA")

    def __getitem__(self, source: str) -> FakeSource:
        return self.sources[source]


@dataclass(frozen=True)
class FakeCollection:
    """A collection; with ``sealed`` any look at a source fails, as does opening a file."""

    train_ids: Sequence[int]
    sources: Mapping[str, FakeSource] = field(default_factory=dict)
    files: Sequence[FakeFile] = ()
    suspect: Sequence[int] = ()
    legacy_sources: Mapping[str, str] = field(default_factory=dict)
    known_problems: Sequence[Problem] = ()
    train_offsets: Mapping[str, int] = field(default_factory=dict)
    auxiliary: FakeAuxiliary = field(default_factory=FakeAuxiliary)
    is_single_run: bool = True
    sealed: bool = False

    @property
    def suspect_train_ids(self) -> NDArray[np.uint64]:
        return np.array(self.suspect, dtype=np.uint64)

    @property
    def control_sources(self) -> frozenset[str]:
        return frozenset(n for n, s in self.sources.items() if s.is_control)

    @property
    def instrument_sources(self) -> frozenset[str]:
        return frozenset(n for n, s in self.sources.items() if not s.is_control)

    def __getitem__(self, source: str) -> FakeSource:
        assert not self.sealed, f"{source} was looked at"
        if source not in self.sources:
            raise SourceNameError(f"no source {source}", source=source)
        return self.sources[source]

    def select_trains(self, trains: slice) -> Self:
        sources = {
            name: replace(
                s,
                counts={g: c[trains] for g, c in s.counts.items()},
                train_ids=s.train_ids[trains],
            )
            for name, s in self.sources.items()
        }
        return replace(self, train_ids=self.train_ids[trains], sources=sources)

    def train_timestamps(self, labelled: bool = False) -> NDArray[np.datetime64]:
        times = [1_700_000_000_000_000_000 + t % 2**32 * 100_000_000 for t in self.train_ids]
        return np.array(times, dtype="datetime64[ns]")


TRAINS = range(10000, 10020)
RUN_FOLDER = "/data/SPB/202601/p700000/raw/r0238"


@dataclass(frozen=True)
class Maker:
    """Makes collections of sources; every source has the trains of the maker."""

    train_ids: Sequence[int] = TRAINS

    def control(self, name: str, there: Callable[[int], bool] | None = None) -> FakeSource:
        counts = [int(there is None or there(t)) for t in self.train_ids]
        keys = {
            f"{k}.value": FakeKey(name, f"{k}.value", self.train_ids, "CONTROL", units=units)
            for k, units in (("actualPosition", "mm"), ("actualVelocity", None))
        }
        return FakeSource(
            name, {"": counts}, keys, frozenset({"actualPosition.value", "classId.value"}),
            [self.file("DA01")], self.train_ids, "CONTROL", "MotorDevice",
        )  # fmt: skip

    def instrument(
        self,
        name: str,
        counts: Callable[[int], int] = lambda train: 1,
        *,
        key: str = "data.image",
        shape: tuple[int, ...] = (3, 5),
        aggregator: str = "DA01",
        also: Mapping[str, Callable[[int], int]] | None = None,
    ) -> FakeSource:
        group = key.partition(".")[0]
        per_group = {group: counts, **(also or {})}
        keys = {key: FakeKey(name, key, self.train_ids, entry_shape=shape, units="ph")}
        return FakeSource(
            name, {g: [c(t) for t in self.train_ids] for g, c in per_group.items()}, keys,
            files=[self.file(aggregator)], train_ids=self.train_ids,
        )  # fmt: skip

    def agipd(
        self,
        modules: Sequence[int] = range(16),
        counts: Callable[[int], int] = lambda train: 64,
    ) -> list[FakeSource]:
        return [
            self.instrument(
                f"SPB_DET_AGIPD1M-1/DET/{n}CH0:xtdf",
                counts,
                key="image.data",
                shape=(2, 512, 128),
                aggregator=f"AGIPD{n:02d}",
            )
            for n in modules
        ]

    def file(self, aggregator: str, ids: Sequence[int] | None = None) -> FakeFile:
        name = f"{RUN_FOLDER}/RAW-R0238-{aggregator}-S00000.h5"
        return FakeFile(name, self.train_ids if ids is None else ids)

    def collection(self, *sources: FakeSource, **more: Any) -> FakeCollection:
        by_name = {s.source: s for s in sources}
        files = {f.filename: f for s in sources for f in s.files}
        given = {"files": list(files.values()), **more}
        return FakeCollection(self.train_ids, by_name, **given)


@pytest.fixture
def make() -> Maker:
    """Makes collections with trains 10000 to 10019."""
    return Maker()


@pytest.fixture
def make_with() -> type[Maker]:
    """Makes collections with other trains."""
    return Maker
