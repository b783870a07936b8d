"""HTML for notebooks: well formed, escaped, made without looking at a source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from euxfel.core.display import collection_html, key_html, source_html, summarise
from euxfel.fileaccess.problems import Problem, ProblemKind

_VOID = {"br", "hr", "img", "meta"}
EVIL = "A/<script>alert('x')</script>\x1b[31m&\"/1"


@dataclass(frozen=True)
class Layout:
    dtype: np.dtype[Any]
    entry_shape: tuple[int, ...]


class Page(HTMLParser):
    """Checks that tags nest, and collects them and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_collection_shows_without_looking_at_a_source(make: Any) -> None:
    """An HTML repr opens no file."""
    sources = [make.control("A/M/1"), make.control("A/M/2"), *make.agipd(range(15))]
    collection = make.collection(*sources, sealed=True)
    page = Page(collection_html(collection))
    assert "20, from 10000 to 10019" in page.text
    assert "1 detector, 0 instrument sources, 2 control sources" in page.text
    assert "A/M/{1,2}" in page.text
    assert "missing module 15" in page.text
    assert "details" in page.tags


def test_what_may_spoil_an_analysis_comes_first(make: Any) -> None:
    problem = Problem(ProblemKind.UNUSABLE_FILE, "cut short", file="/d/F.h5")
    collection = make.collection(make.control("A/M/1"), known_problems=[problem], suspect=[10003])
    text = Page(collection_html(collection)).text
    assert text.index("Suspect") < text.index("unusable-file") < text.index("Control sources")


def test_a_clean_run_shows_no_warning(make: Any) -> None:
    body = collection_html(make.collection(make.control("A/M/1"))).partition("</style>")[2]
    assert "euxfel-warn" not in body


def test_everything_is_escaped(make: Any) -> None:
    """F3: a name from a file cannot become markup."""
    problem = Problem(ProblemKind.BAD_METADATA, EVIL, file=EVIL, source=EVIL)
    collection = make.collection(
        make.control(EVIL),
        make.instrument(EVIL + ":x"),
        known_problems=[problem],
        legacy_sources={EVIL: EVIL},
    )
    summary = summarise(collection, "*", counts=True, with_aggregators=True)
    source = collection[EVIL]
    pages = [
        collection_html(collection),
        summary.to_html(),
        source_html(source),
        key_html(replace(source["actualPosition"], key=EVIL)),
    ]
    for html in pages:
        page = Page(html)
        assert "script" not in page.tags
        assert "\x1b" not in html
        assert "<script>alert('x')</script>\\x1b[31m&\"" in page.text


def test_details_show_in_html(make: Any) -> None:
    bad = replace(make.control("A/M/2"), damage="index makes no sense")
    summary = summarise(make.collection(make.control("A/M/1"), bad), "*")
    text = Page(summary.to_html()).text
    assert "20 of 20 trains (100 %), 1 entry per train" in text
    assert "float32  mm" in text
    assert "Only in RUNclassId" in text
    assert "cannot be read: index makes no sense" in text


def test_long_lists_are_folded_and_cut(make: Any) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"A/{a}/{b}" for a in letters for b in letters]
    html = collection_html(make.collection(*map(make.control, names)))
    text = Page(html).text
    assert "Control sources (676)" in text
    assert "and 276 more lines" in text
    assert "<details open>" not in html


def test_a_source_tells_kind_trains_and_files(make: Any) -> None:
    text = Page(source_html(make.agipd([7])[0])).text
    assert "SPB_DET_AGIPD1M-1/DET/7CH0:xtdf" in text
    assert "instrument" in text
    assert "1 (AGIPD07)" in text


def test_a_key_tells_its_layout_once_it_is_known(make: Any) -> None:
    found = make.instrument("CAM/C/1:out")["data.image"]
    assert "Entries" not in Page(key_html(found)).text
    known = Layout(np.dtype("u2"), (512, 128))
    assert "Entriesuint16, 512 x 128" in Page(key_html(found, known)).text


@pytest.mark.parametrize(("key", "group"), [("data.image", "Groupdata"), ("", "")])
def test_a_key_tells_its_group(make: Any, key: str, group: str) -> None:
    if key:
        found = make.instrument("CAM/C/1:out")[key]
        assert group in Page(key_html(found)).text
    else:
        found = make.control("A/M/1")["actualPosition"]
        assert "Group" not in Page(key_html(found)).text
