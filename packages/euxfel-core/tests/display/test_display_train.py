"""What is told of one train."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from euxfel.core.display import train_text
from euxfel.fileaccess.errors import TrainIDError


def test_sources_with_and_without_data(make: Any) -> None:
    """B1, B19: a source without data for the train is named as such."""
    collection = make.collection(
        make.control("A/M/1"),
        make.control("A/M/2", lambda t: t != 10003),
        make.instrument("CAM/C/1:out", lambda t: 0),
        *make.agipd(range(3), lambda t: t - 9940),
    )
    text = train_text(collection, 10003).splitlines()
    assert text[0] == "Train 10003, number 3 of 20 (the first is 0)"
    assert text[1] == "2023-11-14T22:30:00.300 UTC"
    assert text[3:] == [
        "3 of 4 instrument sources with data",
        "  SPB_DET_AGIPD1M-1/DET/{0..2}CH0:xtdf  (image 63)",
        "without data",
        "  CAM/C/1:out",
        "",
        "1 of 2 control sources with data",
        "  A/M/1",
        "without data",
        "  A/M/2",
    ]


def test_a_suspect_train_is_called_so(make_with: Any) -> None:
    make = make_with([10000, 2**64 - 1])
    collection = make.collection(make.control("A/M/1"), suspect=[2**64 - 1])
    assert "suspect" in train_text(collection, 2**64 - 1)
    assert "suspect" not in train_text(collection, 10000)


def test_an_unknown_train_is_refused(make: Any) -> None:
    with pytest.raises(TrainIDError, match="train 5 is not in this data") as caught:
        train_text(make.collection(make.control("A/M/1")), 5)
    assert caught.value.trains == (5,)


def test_an_unreadable_source_says_why(make: Any) -> None:
    bad = replace(make.instrument("CAM/C/1:out"), damage="index makes no sense")
    assert "CAM/C/1:out  (cannot be read: index makes no sense)" in train_text(
        make.collection(bad), 10001
    )
