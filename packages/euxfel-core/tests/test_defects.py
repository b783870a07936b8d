"""Every defect of real data: the rest stays usable, and the run says what is wrong.

The runs, and what they must give, come from ``euxfel.fileaccess.testing``; the name of each case
carries the row of the list of known defects.
"""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest

from euxfel.core import DataError, EuxfelError, ProblemsError, RunDirectory
from euxfel.fileaccess.testing.defects.cases import CASES

by_name = pytest.mark.parametrize(
    "case", CASES.values(), ids=[f"{case.row}-{name}" for name, case in CASES.items()]
)


# What opening leaves in the folder of a run.
CACHES = ("karabo_data_map.json", ".euxfel_map")


@pytest.fixture(scope="module")
def written_once(tmp_path_factory):
    """Give a case's run as written, without caches; it is written only once."""

    @cache
    def write(name):
        return CASES[name].run.write(tmp_path_factory.mktemp("case"))

    def written(case):
        found = write(case.name)
        for name in CACHES:
            (found.path / name).unlink(missing_ok=True)
        return found

    return written


def opened_quietly(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RunDirectory(path)


def read_or_refused(kd):
    """The data, or the error in place of it."""
    try:
        return kd.ndarray(), None
    except DataError as exc:
        return None, exc


def present(run):
    """Sources by their present names."""
    return sorted(run.control_sources | run.instrument_sources)


def all_keys(run):
    for source in present(run):
        for key in sorted(run[source].keys()):
            yield source, key


@by_name
def test_data_is_right_or_refused(case, written_once):
    """No value is ever wrong in silence: data equals the truth, or DataError names the place."""
    written = written_once(case)
    run = opened_quietly(written.path)
    for source, key in all_keys(run):
        kd = run[source, key]
        data, refusal = read_or_refused(kd)
        if refusal is not None:
            assert refusal.file, f"{refusal!r} names no file"
            assert refusal.trains, f"{refusal!r} names no trains"
            assert source == case.source or not case.exact
        elif case.exact:
            expected = written.expected(source, key, kd.train_ids)
            np.testing.assert_array_equal(data, expected)


@by_name
def test_counts_are_right(case, written_once):
    """B1, B2, B3: one count per selected train, 0 where a train is absent."""
    written = written_once(case)
    run = opened_quietly(written.path)
    if not case.exact:
        return
    for source in present(run):
        for group in run[source].index_groups:
            counts = run[source].data_counts(labelled=False, index_group=group)
            expected = written.expected_counts(source, group, run.train_ids)
            np.testing.assert_array_equal(counts, expected)


@by_name
def test_run_shows_itself(case, written_once, capsys):
    """B9: whatever is wrong, the run can be looked at."""
    run = opened_quietly(written_once(case).path)
    run.info()
    assert str(len(run.train_ids)) in capsys.readouterr().out
    assert run._repr_html_()
    assert "\x1b" not in repr(run.problems)


HARMLESS = {
    "B1": "absent trains are a fact, not a defect",
    "B2": "as B1",
    "B4": "as B1",
    "B5": "seen when modules are put together",
    "B7": "seen when modules are put together",
    "B16": "an older way to write the same",
    "B18": "as B1",
    "B19": "as B1",
    "B20": "a type like others",
    "B22": "as B1",
    "B39": "the fill value stands for chunks never written",
    "B40": "as B1",
    "B49": "data without units",
    "R2": "as B39",
    "R2b": "seen when the chunk is read",
}

UNDERSTOOD = {"rows-without-train", "no-trains", "name-with-stray-slash", "name-without-group"}


@by_name
def test_problem_names_the_file(case, written_once):
    """What is wrong is listed, with the file; what is merely unusual is not."""
    written = written_once(case)
    run = opened_quietly(written.path)
    name = written.file(case.aggregator, case.sequence).name
    named = [p for p in run.problems if p.file is not None and p.file.endswith(name)]
    if case.row in HARMLESS or case.name in UNDERSTOOD:
        assert not run.problems
    elif case.row in {"R7", "R8"}:
        assert {(p.source, p.key) for p in run.problems} == {(case.source, run.problems[0].key)}
    elif case.row == "B48":
        assert [p.kind for p in run.problems] == ["overlapping-files"] * len(run.problems)
        assert run.problems
    else:
        assert named, f"{name} is not in {run.problems!r}"


@by_name
def test_strict_refuses_what_problems_lists(case, written_once):
    written = written_once(case)
    run = opened_quietly(written.path)
    if len(run.problems):
        with pytest.raises(ProblemsError, match="strict=True"):
            RunDirectory(written.path, strict=True)
    else:
        assert RunDirectory(written.path, strict=True).train_ids == run.train_ids


@by_name
def test_second_opening_gives_the_same(case, written_once):
    """B23: what the run map remembers is what the files say."""
    written = written_once(case)
    first = opened_quietly(written.path)
    again = opened_quietly(written.path)
    assert again.train_ids == first.train_ids
    assert again.all_sources == first.all_sources
    assert again.suspect_train_ids.tolist() == first.suspect_train_ids.tolist()
    assert list(again.problems) == list(first.problems)


@by_name
def test_trains_can_be_gone_through(case, written_once):
    """Going train by train gives what the arrays give, or the same refusal."""
    written = written_once(case)
    run = opened_quietly(written.path)
    for source, key in list(all_keys(run))[:6]:
        kd = run[source, key]
        try:
            data = kd.ndarray()
        except EuxfelError:
            with pytest.raises(DataError):
                list(kd.trains())
            continue
        found = [values for _, values in kd.trains(keep_dims=True)]
        assert len(found) == np.count_nonzero(kd.data_counts(labelled=False))
        if found:
            np.testing.assert_array_equal(np.concatenate(found), data)
