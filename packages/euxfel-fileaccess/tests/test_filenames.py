"""Names and places of data files."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euxfel.fileaccess.filenames import (
    FileNameFacts,
    PathFacts,
    is_overview,
    parse_filename,
    parse_path,
    parse_proposal,
    parse_run,
)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("RAW-R0348-AGIPD07-S00012.h5", FileNameFacts("RAW", 348, "AGIPD07", 12)),
        ("CORR-R0001-JNGFR01-S00000.h5", FileNameFacts("CORR", 1, "JNGFR01", 0)),
        ("RAW-R0238-DA01_a-S00003.h5", FileNameFacts("RAW", 238, "DA01_a", 3)),
        ("RAW-R0348-DA04.h5", FileNameFacts("RAW", 348, "DA04", None)),
    ],
)
def test_a_data_file_name_gives_its_four_facts(name: str, facts: FileNameFacts) -> None:
    assert parse_filename(name) == facts


@pytest.mark.parametrize(
    "name",
    [
        "",
        "data.h5",
        "RAW-R0348-AGIPD07-S00012.hdf5",
        "RAW-R0348-AGIPD07-S00012.h5\n",
        "RAW-R0348-AGIPD07-S00012.h5.h5",
        "x-RAW-R0348-AGIPD07-S00012.h5",
        "raw-R0348-AGIPD07-S00012.h5",
        "RAW-R348-AGIPD07-S00012.h5",
        "RAW-R0348-AGIPD07-S012.h5",
        "RAW-R0348-DA-01-S00001.h5",
        "RAW-R\u0660\u0663\u0664\u0668-DA01-S00000.h5",
        "../RAW-R0348-DA01-S00000.h5",
    ],
)
def test_any_other_name_gives_nothing(name: str) -> None:
    assert parse_filename(name) is None


@pytest.mark.parametrize("tail", ["", "/", "/RAW-R0238-DA01-S00000.h5"])
@pytest.mark.parametrize(
    ("path", "facts"),
    [
        (
            "/gpfs/exfel/exp/SPB/201830/p002012/raw/r0238",
            PathFacts("/gpfs/exfel/exp", "SPB", "201830", 2012, "raw", 238),
        ),
        (
            "/home/me/data/XMPL/201750/p700000/proc/r0002",
            PathFacts("/home/me/data", "XMPL", "201750", 700000, "proc", 2),
        ),
        (
            "/gpfs/exfel/d/raw/SPB/201830/p002012/r0238",
            PathFacts("/gpfs/exfel/exp", "SPB", "201830", 2012, "raw", 238),
        ),
        (
            "/gpfs/exfel/u/scratch/MID/202301/p003210/r0007",
            PathFacts("/gpfs/exfel/exp", "MID", "202301", 3210, "scratch", 7),
        ),
        (
            "/pnfs/xfel.eu/exfel/archive/XFEL/proc/SPB/201830/p002012/r0238",
            PathFacts("/gpfs/exfel/exp", "SPB", "201830", 2012, "proc", 238),
        ),
    ],
)
def test_the_place_of_a_run_or_file_gives_its_facts(path: str, tail: str, facts: PathFacts) -> None:
    assert parse_path(path + tail) == facts


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "SPB/201830/p002012/raw/r0238",
        "/home/me/SPB/201830/p002012/r0238",
        "/data/SPB/201830/p2012/raw/r0238",
        "/data/SPB/2018/p002012/raw/r0238",
        "/data/SPB/201830/p002012/raw/r238",
        "/data/SPB/201830/p002012/raw/r02389",
        "/data/SPB/201830/p002012/usr/reduced/r0238",
        "/data/SPB/201830/p002012/../r0238",
        "/data/../SPB/201830/p002012/raw/r0238",
        "/gpfs/exfel/d/raw/SPB/201830/p002012",
    ],
)
def test_any_other_place_gives_nothing(path: str) -> None:
    assert parse_path(path) is None


def test_the_folder_of_the_proposal_follows_from_a_storage_path() -> None:
    facts = parse_path("/gpfs/exfel/d/raw/SPB/201830/p002012/r0238")
    assert facts is not None
    assert facts.proposal_path == "/gpfs/exfel/exp/SPB/201830/p002012"


@given(st.text(max_size=80))
def test_no_text_makes_parsing_fail(text: str) -> None:
    parse_filename(text)
    parse_path(text)
    parse_path(f"/data/SPB/201830/p002012/{text}/r0001")
    is_overview(text)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("overview.h5", True),
        ("RAW-R0238-OVERVIEW.h5", True),
        ("RAW-R0238-DA01-S00000.h5", False),
        ("my-overview.h5", False),
        ("overview.h5.bak", False),
    ],
)
def test_overviews_are_told_by_name(name: str, answer: bool) -> None:
    assert is_overview(name) is answer


@pytest.mark.parametrize(
    "given_value", [2012, "2012", "p2012", "p002012", "002012", np.int64(2012), np.array(2012)]
)
def test_a_proposal_is_named_by_integer_or_string(given_value: object) -> None:
    assert parse_proposal(given_value) == "p002012"  # type: ignore[arg-type]


@pytest.mark.parametrize("given_value", [243, "243", "r243", "r0243", np.uint16(243)])
def test_a_run_is_named_by_integer_or_string(given_value: object) -> None:
    assert parse_run(given_value) == "r0243"  # type: ignore[arg-type]


HOSTILE_NUMBERS = [
    "",
    "p",
    "r",
    " 243",
    "243\n",
    "-1",
    "1_0",
    "p00000*",
    "0001/../../p000002",
    "..",
    "\u0662\u0664\u0663",
    "P2012",
    "12345678",
    b"243",
    -1,
    10**6,
    243.0,
    True,
    None,
    np.True_,
    np.array([243, 244]),
    np.float64(243),
]


@pytest.mark.parametrize("given_value", HOSTILE_NUMBERS, ids=repr)
def test_any_other_proposal_is_refused_with_what_is_accepted(given_value: object) -> None:
    """Reliability, names: ``p00000*`` or ``0001/../..`` must not open other data."""
    with pytest.raises(ValueError, match="give an integer, or a string of 'p' and 1 to 6 digits"):
        parse_proposal(given_value)  # type: ignore[arg-type]


@pytest.mark.parametrize("given_value", [*HOSTILE_NUMBERS, 10000, "r12345"], ids=repr)
def test_any_other_run_is_refused_with_what_is_accepted(given_value: object) -> None:
    with pytest.raises(ValueError, match="give an integer, or a string of 'r' and 1 to 4 digits"):
        parse_run(given_value)  # type: ignore[arg-type]


@given(st.integers(0, 999_999))
def test_the_folder_name_of_a_proposal_parses_to_itself(number: int) -> None:
    assert parse_proposal(parse_proposal(number)) == parse_proposal(number)
    assert os.path.basename(parse_proposal(number)) == parse_proposal(number)


def test_names_and_errors_are_told_without_numpy() -> None:
    """Programs that only look at names start in a fraction of the time that NumPy takes."""
    code = (
        "import sys, euxfel.fileaccess.cachefiles, euxfel.fileaccess.folder\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("given", [np.float32(2), np.bool_(True), np.array(2.5), np.array([1, 2])])
def test_numpy_values_that_are_no_integer_are_no_run(given: object) -> None:
    with pytest.raises(ValueError, match="is no run number"):
        parse_run(given)
