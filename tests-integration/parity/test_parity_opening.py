"""Moving over changes import lines only: what opens, and what is in it, is the same in both."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from parity.cases import Case, compare
from parity.libraries import PEER, Store, copy_files, ours
from parity.makers import BY_NAME
from parity.outcomes import mismatch, outcome, plain
from parity.proposals import Proposal, make_proposals

XGM = "SA1_XTD2_XGM/DOOCS/MAIN"
MODULE = "SPB_DET_AGIPD1M-1/DET/7CH0:xtdf"
Proposals = dict[str, Proposal]


def _data_of(run: Any) -> Any:
    """Tell raw from corrected by the shape of a frame, and whose files they are."""
    return [list(run[MODULE, "image.data"].entry_shape), run]


OPEN_RUN: tuple[Case, ...] = (
    Case("numbers", lambda lib, p: p.open(2012, 238)),
    Case("texts", lambda lib, p: p.open("2012", "238")),
    Case("names", lambda lib, p: p.open("p002012", "r0238")),
    Case("numpy-numbers", lambda lib, p: p.open(np.int64(2012), np.uint16(238))),
    Case("path-text", lambda lib, p: p.open(str(p.path), 238)),
    Case("path", lambda lib, p: p.open(p.path, 238)),
    Case("run-padded", lambda lib, p: p.open(2012, "0238")),
    Case("keywords", lambda lib, p: p.open(proposal=2012, run=238, data="raw")),
    Case("raw", lambda lib, p: _data_of(p.open(2012, 238, data="raw"))),
    Case("proc", lambda lib, p: _data_of(p.open(2012, 238, data="proc"))),
    Case("default", lambda lib, p: _data_of(p.open(2012, 238, data="default"))),
    Case("all", lambda lib, p: _data_of(p.open(2012, 238, data="all"))),
    Case("positional-data", lambda lib, p: _data_of(p.open(2012, 238, "proc"))),
    Case("list", lambda lib, p: _data_of(p.open(2012, 238, data=["raw", "proc"]))),
    Case("list-other-way", lambda lib, p: _data_of(p.open(2012, 238, data=["proc", "raw"]))),
    Case("list-of-one", lambda lib, p: _data_of(p.open(2012, 238, data=["proc"]))),
    Case("tuple", lambda lib, p: _data_of(p.open(2012, 238, data=("raw", "proc")))),
    Case("raw-alone-default", lambda lib, p: p.open(2012, 9)),
    Case("raw-alone-all", lambda lib, p: p.open(2012, 9, data="all")),
    Case("raw-alone-proc", lambda lib, p: p.open(2012, 9, data="proc"), "FileNotFoundError"),
    Case("list-second-missing", lambda lib, p: p.open(2012, 9, data=["raw", "proc"])),
    Case(
        "list-first-missing",
        lambda lib, p: p.open(2012, 9, data=["proc", "raw"]),
        "FileNotFoundError",
    ),
    Case("no-raw-default", lambda lib, p: p.open(2012, 10)),
    Case("other-folder", lambda lib, p: p.open(2012, 10, data="red/deep")),
    Case("three-folders", lambda lib, p: p.open(2012, 10, data=["proc", "red/deep", "raw"])),
    Case("no-such-folder", lambda lib, p: p.open(2012, 238, data="nothing"), "FileNotFoundError"),
    Case("no-such-run", lambda lib, p: p.open(2012, 999), "FileNotFoundError"),
    Case("no-files", lambda lib, p: p.open(2012, 77), "FileNotFoundError"),
    Case("no-such-proposal", lambda lib, p: p.open(99, 238), "Exception"),
    Case("proposal-float", lambda lib, p: p.open(2012.5, 238), "TypeError"),
    Case("run-float", lambda lib, p: p.open(2012, 1.5), "TypeError"),
    Case("include", lambda lib, p: p.open(2012, 238, data="raw", include="*DA01*")),
    Case("include-modules", lambda lib, p: p.open(2012, 238, data="raw", include="*AGIPD0[2-4]*")),
    Case("include-nothing", lambda lib, p: p.open(2012, 238, include="*XYZ*"), "FileNotFoundError"),
    Case(
        "file-filter",
        lambda lib, p: p.open(2012, 238, data="raw", file_filter=_only_slow),
    ),
    Case("modern-default", lambda lib, p: p.open(2012, 142)),
    Case("modern-all", lambda lib, p: p.open(2012, 142, data="all")),
    Case("is-single-run", lambda lib, p: p.open(2012, 238).is_single_run),
    Case("aliases-default", lambda lib, p: p.open(2012, 238).alias["sa1-xgm"].source),
    Case(
        "aliases-other",
        lambda lib, p: p.open(2012, 238, aliases="{}/usr/other.yml").alias["other"].source,
    ),
    Case(
        "aliases-path",
        lambda lib, p: p.open(2012, 238, aliases=p.path / "usr/other.yml").alias["other"].source,
    ),
    Case("aliases-none", lambda lib, p: p.open(2012, 238, aliases=None).alias["x"], "KeyError"),
    Case(
        "aliases-missing",
        lambda lib, p: p.open(2012, 238, aliases="{}/usr/nothing.yml"),
        "FileNotFoundError",
        differs={"*": "alias-file-missing"},
    ),
    Case("run-values", lambda lib, p: p.open(2012, 238, data="raw").get_run_values(XGM)),
    Case("run-values-default", lambda lib, p: p.open(2012, 238).get_run_values(XGM)),
    Case("values", lambda lib, p: p.open(2012, 238, data="all")[MODULE, "image.data"][3:6]),
    Case("suspect-trains-left-out", lambda lib, p: p.open(2012, 238, inc_suspect_trains=False)),
)
DIRECTORY: tuple[Case, ...] = (
    Case("folder", lambda lib, p: p.directory("raw/r0238")),
    Case("include", lambda lib, p: p.directory("raw/r0238", "*DA01*")),
    Case("include-keyword", lambda lib, p: p.directory("raw/r0238", include="*S00001*")),
    Case("include-nothing", lambda lib, p: p.directory("raw/r0238", "*XYZ*"), "FileNotFoundError"),
    Case("file-filter", lambda lib, p: p.directory("raw/r0238", file_filter=_only_slow)),
    Case(
        "filter-all-out",
        lambda lib, p: p.directory("raw/r0238", file_filter=_none),
        "FileNotFoundError",
    ),
    Case("absent", lambda lib, p: p.directory("raw/r0999"), "FileNotFoundError"),
    Case("empty", lambda lib, p: p.directory("raw/r0077"), "FileNotFoundError"),
    Case("in-a-with", lambda lib, p: _in_a_with(p.directory("raw/r0238", "*DA01*"))),
    Case(
        "union-of-runs",
        lambda lib, p: (
            p.directory("raw/r0238", "*S00000*") | p.directory("raw/r0238", "*DA01-S00001*")
        ),
    ),
    Case(
        "union-metadata",
        lambda lib, p: (p.directory("raw/r0238") | p.directory("raw/r0009")).run_metadata(),
        "ValueError",
    ),
    Case(
        "union-run-values",
        lambda lib, p: (p.directory("raw/r0238") | p.directory("raw/r0009")).get_run_values(XGM),
    ),
    Case(
        "union-is-single-run",
        lambda lib, p: (p.directory("raw/r0238") | p.directory("raw/r0009")).is_single_run,
    ),
)
FILE: tuple[Case, ...] = (
    Case("text", lambda lib, path: lib.H5File(str(path))),
    Case("path", lambda lib, path: lib.H5File(path)),
    Case("suspect-trains-left-out", lambda lib, path: lib.H5File(path, inc_suspect_trains=False)),
    Case("metadata", lambda lib, path: lib.H5File(path).run_metadata()),
    Case("single-run", lambda lib, path: lib.H5File(path).is_single_run),
    Case("absent", lambda lib, path: lib.H5File(path.with_name("absent.h5")), "FileNotFoundError"),
)


def _only_slow(paths: list[str]) -> list[str]:
    return [path for path in paths if "DA01" in path]


def _none(paths: list[str]) -> list[str]:
    return []


def _in_a_with(run: Any) -> Any:
    with run as opened:
        return [opened is run, opened[XGM, "beamPosition.ixPos"].ndarray()]


@pytest.fixture(scope="session")
def proposals(store: Store) -> Proposals:
    return make_proposals(store, store.path / "proposals")


def pair(proposals: Proposals) -> tuple[Proposal, Proposal]:
    return proposals["extra_data"], proposals["euxfel"]


@pytest.mark.parametrize("case", OPEN_RUN, ids=lambda case: case.id)
def test_runs_of_a_proposal_open_alike(proposals: Proposals, case: Case) -> None:
    compare(case, "open_run", (PEER, ours()), pair(proposals))


@pytest.mark.parametrize("case", DIRECTORY, ids=lambda case: case.id)
def test_folders_open_alike(proposals: Proposals, case: Case) -> None:
    compare(case, "directory", (PEER, ours()), pair(proposals))


@pytest.mark.parametrize("case", FILE, ids=lambda case: case.id)
def test_files_open_alike(proposals: Proposals, case: Case) -> None:
    name = "raw/r0238/RAW-R0238-DA01-S00001.h5"
    compare(case, "file", (PEER, ours()), [p.path / name for p in pair(proposals)])


@pytest.fixture
def fresh_folder(store: Store, tmp_path: Path) -> Path:
    """A run folder that no library has seen."""
    folder = tmp_path / "r0238"
    copy_files(store.get(BY_NAME["spb_raw-1.3"]).made, folder)
    return folder


def test_run_map_of_extra_data_serves_euxfel(fresh_folder: Path) -> None:
    theirs = outcome(lambda: PEER.RunDirectory(str(fresh_folder), parallelize=False))
    assert (fresh_folder / "karabo_data_map.json").exists()
    assert mismatch(theirs.value, plain(ours().RunDirectory(fresh_folder))) is None


def test_run_map_of_euxfel_serves_extra_data(fresh_folder: Path) -> None:
    found = plain(ours().RunDirectory(fresh_folder))
    entries = run_map(fresh_folder)
    assert len(entries) == len(list(fresh_folder.glob("*.h5")))
    assert mismatch(plain(PEER.RunDirectory(str(fresh_folder), parallelize=False)), found) is None
    assert run_map(fresh_folder) == entries, "EXtra-data had to write the map again"


def test_run_maps_say_the_same(store: Store, tmp_path: Path) -> None:
    maps = []
    for name, lib in (("theirs", PEER), ("ours", ours())):
        folder = tmp_path / name
        copy_files(store.get(BY_NAME["modern_proc-1.2"]).made, folder)
        lib.RunDirectory(str(folder))
        # Each library got a copy of its own, made at its own time.
        entries = run_map(folder).values()
        maps.append([{k: v for k, v in entry.items() if k != "mtime"} for entry in entries])
    theirs, ours_ = (sorted(entries, key=lambda e: e["filename"]) for entries in maps)
    assert theirs == ours_


def run_map(folder: Path) -> dict[str, Any]:
    """Read a run map as file name -> entry, lists of names sorted."""
    entries = json.loads((folder / "karabo_data_map.json").read_text("utf-8"))
    return {entry["filename"]: {k: _sorted(v) for k, v in entry.items()} for entry in entries}


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def test_files_open_elsewhere_in_the_process_are_no_hindrance(fresh_folder: Path) -> None:
    """Users read a run with h5py, and with EXtra-data, beside this library."""
    with h5py.File(fresh_folder / "RAW-R0238-DA01-S00000.h5", "r") as file:
        theirs = PEER.RunDirectory(str(fresh_folder), parallelize=False)
        expected = theirs[XGM, "beamPosition.ixPos"].ndarray()
        run = ours().RunDirectory(fresh_folder)
        assert len(run.files) == len(theirs.files)
        assert np.array_equal(run[XGM, "beamPosition.ixPos"].ndarray(), expected)
        assert np.array_equal(file[f"CONTROL/{XGM}/beamPosition/ixPos/value"][()], expected[:32])


ORDER = {"suspects-0.5/True": "order-of-suspects"}

SUSPECTS: tuple[Case, ...] = (
    Case("trains", lambda lib, run: run),
    Case("counts", lambda lib, run: run[XGM].data_counts()),
    Case("counts-of-instrument", lambda lib, run: run[f"{XGM}:output"].data_counts()),
    Case("values", lambda lib, run: run[XGM, "beamPosition.ixPos"], differs=ORDER),
    Case("frames", lambda lib, run: run[f"{XGM}:output", "data.intensityTD"][20:40], differs=ORDER),
    Case("timestamps", lambda lib, run: run.train_timestamps()),
    Case("by-train", lambda lib, run: [int(t) for t, _ in run.select(XGM, "state").trains()]),
    Case("selection", lambda lib, run: run[5:40:3][XGM, "beamPosition.ixPos"].ndarray()),
    Case("split", lambda lib, run: [len(p.train_ids) for p in run.split_trains(parts=5)]),
)


@pytest.fixture(scope="session", params=["0.5", "1.0", "1.1", "1.3"])
def suspects(store: Store, request: pytest.FixtureRequest) -> Path:
    """A folder with one file, three of whose train IDs did not come from the time server."""
    version = request.param
    source = store.get(BY_NAME[f"spb_raw-{version}"]).made
    folder = store.path / f"suspects-{version}"
    folder.mkdir()
    path = folder / "RAW-R0238-DA01-S00000.h5"
    path.write_bytes((source / path.name).read_bytes())
    with h5py.File(path, "r+") as file:
        if version == "0.5":
            file["INDEX/trainId"][10] = 9_000
            file["INDEX/trainId"][20:22] = 10_900, 10_901
        else:
            bad = 1 if version == "1.1" else 0
            file["INDEX/flag"][10] = bad
            file["INDEX/flag"][20:22] = bad
    return folder


@pytest.mark.parametrize("case", SUSPECTS, ids=lambda case: case.id)
@pytest.mark.parametrize("included", [True, False], ids=["with-suspects", "without-suspects"])
def test_suspect_trains_are_alike(suspects: Path, included: bool, case: Case) -> None:
    """B8: a train ID that is far too small or too large."""
    options = {"inc_suspect_trains": included}
    runs = [quietly(lib.RunDirectory, str(suspects), options) for lib in (PEER, ours())]
    compare(case, f"{suspects.name}/{included}", (PEER, ours()), runs)


def quietly(open_directory: Any, folder: str, options: dict[str, Any]) -> Any:
    """Open a run, whatever it warns about: both tell suspect trains in ways of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return open_directory(folder, parallelize=False, **options)
