"""Aliases: how they are defined, joined and asked for."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core.aliases import Alias, AliasDefinitionError, AliasTable
from euxfel.fileaccess.errors import AliasError

XGM = "SA1_XTD2_XGM/XGM/DOOCS"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
DEFINITIONS = {
    "sa1-xgm": XGM,
    "x_pos": (XGM, "beamPosition.ixPos"),
    "Cam": [CAMERA, "data.image.pixels"],
    XGM: {"energy": "pulseEnergy.photonFlux"},
}
TABLE = AliasTable().with_definitions(DEFINITIONS)


def test_forms_of_definition() -> None:
    assert TABLE.as_dict() == {
        "sa1-xgm": XGM,
        "x_pos": (XGM, "beamPosition.ixPos"),
        "Cam": (CAMERA, "data.image.pixels"),
        "energy": (XGM, "pulseEnergy.photonFlux"),
    }
    assert TABLE.aliases[0] == Alias("sa1-xgm", XGM)


@pytest.mark.parametrize("name", ["sa1-xgm", "SA1_XGM", "Sa1-Xgm"])
def test_case_and_dashes_do_not_matter(name: str) -> None:
    assert TABLE.lookup(name) == TABLE.source_of(name) == XGM
    assert name in TABLE


def test_unknown_alias_is_told_with_near_ones() -> None:
    with pytest.raises(AliasError, match=r"no alias 'sa1-xmg' \(near: 'sa1-xgm'\)") as caught:
        TABLE.lookup("sa1-xmg")
    assert isinstance(caught.value, KeyError)
    assert "sa1-xmg" not in TABLE
    assert 5 not in TABLE


def test_alias_of_a_key_is_no_source() -> None:
    """EXtra-data has a ValueError here: both can be caught."""
    for kind in (AliasError, ValueError):
        with pytest.raises(kind, match="'x-pos' stands for a key already"):
            TABLE.source_of("x-pos")


@pytest.mark.parametrize("name", [5, None, ("sa1-xgm",)])
def test_alias_is_a_string(name: Any) -> None:
    with pytest.raises(TypeError, match="string"):
        TABLE.lookup(name)


@pytest.mark.parametrize(
    "definitions",
    [
        [{"a": XGM}, {"a": CAMERA}],
        [{"a": XGM, "A": CAMERA}],
        [{"a-b": XGM, "a_b": (XGM, "key")}],
        [{"a": (XGM, "key")}, {XGM: {"A": "other"}}],
    ],
)
def test_conflicts_are_refused(definitions: list[dict[str, Any]]) -> None:
    """The error is both AliasError and, as in EXtra-data, ValueError."""
    for kind in (AliasError, ValueError):
        with pytest.raises(kind, match="two things"):
            AliasTable().with_definitions(*definitions)


def test_repeats_are_no_conflict() -> None:
    table = TABLE.with_definitions({"SA1-XGM": XGM}, DEFINITIONS, {})
    assert table == TABLE
    assert list(table) == ["sa1-xgm", "x_pos", "Cam", "energy"]
    assert len(table) == 4


def test_tables_do_not_change() -> None:
    more = TABLE.with_definitions({"z": CAMERA})
    assert "z" in more
    assert "z" not in TABLE
    assert more.merged(TABLE) == more
    assert pickle.loads(pickle.dumps(more)).lookup("Z") == CAMERA


@pytest.mark.parametrize(
    "definitions",
    [
        {"a": 5},
        {"a": None},
        {"a": b"source"},
        {"a": ""},
        {"": XGM},
        {5: XGM},
        {"a": [XGM]},
        {"a": [XGM, "key", "more"]},
        {"a": (XGM, 5)},
        {"a": (XGM, "")},
        {XGM: {"a": 5}},
        {XGM: {"a": {"b": "c"}}},
        {XGM: {"a": ["b", "c"]}},
        {5: {"a": "key"}},
        {"a": "source\x1b[2J"},
        {"a\nb": XGM},
        {"\ud800": XGM},
    ],
)
def test_malformed_definitions_are_refused(definitions: dict[Any, Any]) -> None:
    """Control characters would reach the user's terminal."""
    with pytest.raises(AliasDefinitionError) as caught:
        AliasTable().with_definitions(definitions)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("definitions", [5, None, [("a", XGM)], {XGM}])
def test_what_cannot_define_aliases(definitions: Any) -> None:
    with pytest.raises(TypeError, match="dictionary or the path"):
        AliasTable().with_definitions(definitions)


def is_there(source: str, key: str | None) -> bool:
    return source == XGM and key != "beamPosition.ixPos"


def test_text_marks_what_is_not_in_the_data() -> None:
    assert TABLE.text(is_there) == (
        "4 aliases:\n"
        "  sa1-xgm  SA1_XTD2_XGM/XGM/DOOCS\n"
        "✗ x_pos    SA1_XTD2_XGM/XGM/DOOCS, beamPosition.ixPos\n"
        "✗ Cam      SPB_IRU_CAM/CAM/SIDEMIC:daqOutput, data.image.pixels\n"
        "  energy   SA1_XTD2_XGM/XGM/DOOCS, pulseEnergy.photonFlux\n"
        "✗ not in this data"
    )
    assert "✗" not in TABLE.text(lambda source, key: True)
    assert AliasTable().with_definitions({"a": XGM}).text(is_there).startswith("1 alias:\n")
    assert AliasTable().text(is_there) == "No aliases. run.with_aliases() adds some."


def test_selection_of_what_is_there() -> None:
    assert TABLE.selection(is_there) == [(XGM, "*"), (XGM, "pulseEnergy.photonFlux")]
    assert len(TABLE.selection()) == 4


texts = st.text("aB-_", min_size=1, max_size=3)


@given(st.lists(st.dictionaries(texts, st.sampled_from([XGM, CAMERA])), max_size=4))
@settings(deadline=None, max_examples=200)
def test_joining_follows_dictionaries(definitions: list[dict[str, str]]) -> None:
    """Tables join as dictionaries of one spelling do; disagreement is refused, in any order."""
    pairs = [(k.lower().replace("_", "-"), v) for one in definitions for k, v in one.items()]
    agree = len(set(pairs)) == len(dict(pairs))
    for order in (definitions, definitions[::-1]):
        if agree:
            table = AliasTable().with_definitions(*order)
            assert {name.upper(): table.lookup(name.upper()) for name, _ in pairs} == {
                name.upper(): target for name, target in pairs
            }
            assert len(table) == len(dict(pairs))
        else:
            with pytest.raises(AliasDefinitionError):
                AliasTable().with_definitions(*order)
