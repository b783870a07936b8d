"""What users write for a choice of sources and keys, and the names they get."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euxfel.core.globs import compile_selection
from euxfel.fileaccess.errors import PropertyNameError, SourceNameError

XGM = "SA1_XTD2_XGM/DOOCS/MAIN"
OUTPUT = "SA1_XTD2_XGM/DOOCS/MAIN:output"
AGIPD = "SPB_DET_AGIPD1M-1/DET/0CH0:xtdf"
KEYS = {
    XGM: frozenset(
        f"{name}.{end}"
        for name in ("beamPosition.ixPos", "beamPosition.iyPos", "stamp.timestamp")
        for end in ("value", "timestamp")
    ),
    OUTPUT: frozenset({"data.trainId", "data.xTD", "data.yTD", "data.value"}),
    AGIPD: frozenset({"image.data", "image.trainId", "detector.data"}),
}
IX, IY = "beamPosition.ixPos.value", "beamPosition.iyPos.value"


def listing(keys: frozenset[str]) -> Callable[[], frozenset[str]]:
    return lambda: keys


AVAILABLE = {source: listing(keys) for source, keys in KEYS.items()}


def compiled(selection: object, key_glob: str = "*") -> dict[str, frozenset[str] | None]:
    return compile_selection(selection, key_glob, AVAILABLE)


@pytest.mark.parametrize(
    ("selection", "key_glob", "expected"),
    [
        ("*", "*", {XGM: None, OUTPUT: None, AGIPD: None}),
        ("*XGM*", "*", {XGM: None, OUTPUT: None}),
        (XGM, "*", {XGM: None}),
        ("SA?_*/MAIN", "*", {XGM: None}),
        ("[ST]A1*MAIN", "*", {XGM: None}),
        (XGM, "beamPosition.ixPos", {XGM: {IX}}),
        (XGM, "beamPosition.ixPos.value", {XGM: {IX}}),
        (XGM, "beamPosition.ix[P]os", {XGM: {IX}}),
        (XGM, "*Pos", {XGM: {IX, IY}}),
        (XGM, "*Pos.val*", {XGM: {IX, IY}}),
        (XGM, "*.value", {XGM: {IX, IY, "stamp.timestamp.value"}}),
        (XGM, "*ixPos*", {XGM: {IX, "beamPosition.ixPos.timestamp"}}),
        (XGM, "*.ixPos.timestamp", {XGM: {"beamPosition.ixPos.timestamp"}}),
        (XGM, "stamp.*stamp", {XGM: {"stamp.timestamp.value"}}),
        (OUTPUT, "data", None),
        (OUTPUT, "data.value", {OUTPUT: {"data.value"}}),
        ("*", "data.?TD", {OUTPUT: {"data.xTD", "data.yTD"}}),
        ("*", "*data", {AGIPD: {"image.data", "detector.data"}}),
        ("*", "*trainId", {OUTPUT: {"data.trainId"}, AGIPD: {"image.trainId"}}),
        ([XGM, AGIPD], "*", {XGM: None, AGIPD: None}),
        ((XGM, AGIPD), "*", {XGM: None, AGIPD: None}),
        ({XGM, AGIPD}, "*", {XGM: None, AGIPD: None}),
        (iter([XGM]), "*", {XGM: None}),
        ([(XGM, "*ixPos"), [XGM, "*iyPos"]], "*", {XGM: {IX, IY}}),
        ([(XGM, "*ixPos"), ("*MAIN", "*Pos")], "*", {XGM: {IX, IY}}),
        ([(XGM, "*ixPos"), XGM], "*", {XGM: None}),
        ([XGM, (XGM, "*ixPos")], "*", {XGM: None}),
        ([], "*", {}),
        ({}, "*", {}),
        ({XGM: None}, "*", {XGM: None}),
        ({XGM: set()}, "*", {XGM: None}),
        ({XGM: {}}, "*", {XGM: None}),
        ({XGM: {"beamPosition.ixPos"}}, "*", {XGM: {IX}}),
        ({XGM: frozenset({IX, "beamPosition.iyPos"})}, "*", {XGM: {IX, IY}}),
        ({AGIPD: {"image.data"}, XGM: {IX}}, "*", {XGM: {IX}, AGIPD: {"image.data"}}),
    ],
)
def test_forms(
    selection: object, key_glob: str, expected: dict[str, set[str] | None] | None
) -> None:
    """Keys of control data match without ``.value``; choices that overlap are joined."""
    if expected is None:
        with pytest.raises(ValueError, match="no key matches"):
            compiled(selection, key_glob)
    else:
        assert compiled(selection, key_glob) == expected


def test_order_is_that_of_the_data() -> None:
    assert list(compiled([AGIPD, XGM])) == [XGM, AGIPD]
    assert list(compiled({AGIPD: None, XGM: None})) == [XGM, AGIPD]


@pytest.mark.parametrize(
    ("selection", "key_glob", "error", "words"),
    [
        ("*xgm*", "*", ValueError, "no source matches '\\*xgm\\*'"),
        ("SA1_XTD2_XGM/DOOCS/MIAN", "*", ValueError, f"near: '{XGM}'"),
        ("*", "nope*", ValueError, "no key matches 'nope\\*' in the sources matching '\\*'"),
        (XGM, "beam*p", ValueError, "no key matches"),
        (XGM, "", ValueError, "no key matches ''"),
        (OUTPUT, "data.xTD.value", ValueError, "no key matches"),
        ([XGM, "nope"], "*", ValueError, "'nope'"),
        ([(XGM, "nope")], "*", ValueError, "'nope'"),
        ((XGM, "beamPosition.*"), "*", ValueError, "no source matches 'beamPosition"),
        ([XGM], "beam*", ValueError, "single source glob"),
        ({XGM: None}, "beam*", ValueError, "single source glob"),
        ({"nope": None}, "*", SourceNameError, "'nope'"),
        ({"*XGM*": None}, "*", SourceNameError, "'\\*XGM\\*'"),
        ({5: None}, "*", SourceNameError, "5"),
        ({XGM: {"nope"}}, "*", PropertyNameError, "'nope'"),
        ({XGM: {"beamPosition.*"}}, "*", PropertyNameError, "beamPosition"),
        ({XGM: {5}}, "*", PropertyNameError, "5"),
        ({OUTPUT: {"data"}}, "*", PropertyNameError, "'data'"),
        ({XGM: {"beamPosition.ixpos"}}, "*", PropertyNameError, "near: 'beamPosition.ixPos.value'"),
        ({XGM: [IX]}, "*", TypeError, "set or None"),
        ({XGM: IX}, "*", TypeError, "set or None"),
        ({XGM: ()}, "*", TypeError, "set or None"),
        (5, "*", TypeError, "int"),
        (None, "*", TypeError, "NoneType"),
        (b"*", "*", TypeError, "bytes"),
        ([5], "*", TypeError, "not 5"),
        ([(XGM,)], "*", TypeError, "pairs"),
        ([(XGM, "a", "b")], "*", TypeError, "pairs"),
        ([(XGM, 5)], "*", TypeError, "pairs"),
    ],
)
def test_refused(selection: object, key_glob: str, error: type[Exception], words: str) -> None:
    """What matches nothing, or is no choice, is an error that names it."""
    with pytest.raises(error, match=words):
        compiled(selection, key_glob)


def test_key_glob_must_be_text() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        compile_selection(XGM, None, AVAILABLE)  # type: ignore[arg-type]


def test_errors_carry_names() -> None:
    with pytest.raises(PropertyNameError) as caught:
        compiled({XGM: {"nope"}})
    assert (caught.value.source, caught.value.key) == (XGM, "nope")


@pytest.mark.parametrize(
    "selection", ["*", XGM, [XGM, "SPB*"], [("*", "*")], {XGM: None, AGIPD: set()}]
)
def test_keys_are_listed_only_if_needed(selection: object) -> None:
    """Listing keys opens files: a choice of whole sources does without."""

    def fail() -> frozenset[str]:
        raise AssertionError("keys were listed")

    assert compile_selection(selection, "*", dict.fromkeys(KEYS, fail))


# ---- against fnmatch --------------------------------------------------------------------------

names = st.text("aB.:", min_size=1, max_size=4)
globs = st.text("aB.:*?", min_size=1, max_size=4)
sources = st.dictionaries(names, st.frozensets(names.map(lambda n: n + "."), min_size=1))


def model(
    pairs: Iterable[tuple[str, str]], data: Mapping[str, frozenset[str]]
) -> dict[str, set[str]] | None:
    """All keys that match any pair; None if one pair matches nothing."""
    result: dict[str, set[str]] = {}
    for source_glob, key_glob in pairs:
        found = {
            source: {key for key in keys if fnmatchcase(key, key_glob)}
            for source, keys in data.items()
            if fnmatchcase(source, source_glob)
        }
        if not any(found.values()):
            return None
        for source, keys in found.items():
            if keys:
                result.setdefault(source, set()).update(keys)
    return result


@given(sources, st.lists(st.tuples(globs, globs | st.just("*")), max_size=4))
@settings(deadline=None, max_examples=300)
def test_lists_of_globs_follow_fnmatch(
    data: dict[str, frozenset[str]], pairs: list[tuple[str, str]]
) -> None:
    available = {source: listing(keys) for source, keys in data.items()}
    expected = model(pairs, data)
    if expected is None:
        with pytest.raises(ValueError, match="matches"):
            compile_selection(pairs, "*", available)
    else:
        chosen = compile_selection(pairs, "*", available)
        assert {s: data[s] if keys is None else keys for s, keys in chosen.items()} == expected
