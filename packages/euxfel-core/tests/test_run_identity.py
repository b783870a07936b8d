"""Which proposal and run data is from."""

from __future__ import annotations

from dataclasses import replace

import h5py
import pytest

from euxfel.core import H5File, MultiRunError, RunDirectory
from euxfel.fileaccess.testing import small_run

SMALL = replace(small_run(4), proposal=2012, run=243)


def later(**changes):
    return replace(SMALL, train_ids=range(20000, 20004), **changes)


@pytest.fixture
def written(tmp_path):
    return SMALL.write(tmp_path)


def test_place_tells_proposal_and_run(written):
    run = RunDirectory(written.path)
    assert (run.proposal, run.number) == (2012, 243)
    assert type(run.proposal) is type(run.number) is int
    assert run.select("*MOTOR*").number == 243


def test_files_tell_where_the_place_does_not(tmp_path):
    written = SMALL.write_flat(tmp_path / "copy")
    run = RunDirectory(written.path)
    assert (run.proposal, run.number) == (2012, 243)
    assert type(run.proposal) is int


def test_unknown_numbers_are_none(tmp_path):
    written = SMALL.write_flat(tmp_path / "copy")
    path = tmp_path / "unnamed.h5"
    written.paths[0].rename(path)
    with h5py.File(path, "r+") as h5:
        for name in ("proposalNumber", "runNumber"):
            del h5[f"METADATA/{name}"]
    run = H5File(path)
    assert run.proposal is None
    assert run.number is None
    assert list(run.runs_metadata()) == [(None, None)]


def test_several_runs_have_no_number(tmp_path, written):
    """A question about one run is refused, the proposal of both is known."""
    other = RunDirectory(later(run=244).write(tmp_path).path)
    both = RunDirectory(written.path) | other
    assert both.proposal == 2012
    with pytest.raises(MultiRunError, match="p2012 r243, p2012 r244"):
        both.number  # noqa: B018
    with pytest.raises(MultiRunError, match="runs_metadata"):
        both.run_metadata()


def test_several_proposals_have_no_number(tmp_path, written):
    """The same run number twice does not make it one run."""
    other = RunDirectory(later(proposal=2013).write(tmp_path).path)
    both = RunDirectory(written.path) | other
    with pytest.raises(MultiRunError, match="2012, 2013"):
        both.proposal  # noqa: B018
    with pytest.raises(MultiRunError):
        both.number  # noqa: B018


def test_each_run_keeps_its_metadata(tmp_path, written):
    first = RunDirectory(written.path)
    second = RunDirectory(later(run=244).write(tmp_path).path)
    found = (second | first).runs_metadata()
    assert list(found) == [(2012, 243), (2012, 244)]
    assert found[2012, 243] == first.run_metadata()
    assert found[2012, 244]["runNumber"] == 244


def test_no_sources_left(written):
    """B12: nothing selected, nothing known."""
    empty = RunDirectory(written.path).deselect("*")
    assert empty.proposal is None
    assert empty.number is None
    assert empty.runs_metadata() == {}
