"""Sources and keys by alias: ``run.alias``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from euxfel.core.aliases import AliasIndexer, AliasTable
from euxfel.core.globs import compile_selection
from euxfel.fileaccess.errors import AliasError, SourceNameError

XGM = "SA1_XTD2_XGM/DOOCS/MAIN"
CAMERA = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput"
KEYS: Mapping[str, frozenset[str]] = {
    XGM: frozenset({"x.value", "y.value"}),
    CAMERA: frozenset({"data.image.pixels", "data.trainId"}),
}
AVAILABLE: Any = {XGM: lambda: KEYS[XGM], CAMERA: lambda: KEYS[CAMERA]}


class Run:
    """What the indexer needs of a collection; items and selections are given back as asked."""

    def __init__(self, *definitions: Any) -> None:
        self._aliases = AliasTable().with_definitions(*definitions)

    def __getitem__(self, item: Any) -> Any:
        if (item if isinstance(item, str) else item[0]) not in KEYS:
            raise SourceNameError(f"no source {item!r}")
        return item

    def __contains__(self, item: Any) -> bool:
        if isinstance(item, str):
            return item in KEYS
        return item[0] in KEYS and bool({item[1], f"{item[1]}.value"} & KEYS[item[0]])

    def select(self, selection: Any, **options: bool) -> Any:
        chosen = compile_selection(selection, "*", AVAILABLE)
        return chosen, {name for name, on in options.items() if on}

    def deselect(self, selection: Any) -> Any:
        return "without", compile_selection(selection, "*", AVAILABLE)


ALIAS = AliasIndexer(
    Run(
        {
            "xgm": XGM,
            "xgm2": XGM,
            "x-pos": (XGM, "x"),
            "cam": CAMERA,
            "gone": "NO/SUCH/SOURCE",
            "no-key": (XGM, "z"),
        }
    )
)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("xgm", XGM),
        ("XGM", XGM),
        ("x_pos", (XGM, "x")),
        (("xgm", "y"), (XGM, "y")),
        (("cam", "data.trainId"), (CAMERA, "data.trainId")),
    ],
)
def test_items(item: Any, expected: Any) -> None:
    assert ALIAS[item] == expected
    assert item in ALIAS


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("nope", AliasError),
        (XGM, AliasError),
        (("nope", "x"), AliasError),
        (("x-pos", "y"), AliasError),
        ("gone", SourceNameError),
        (["xgm", "cam", "x"], TypeError),
        (slice(3), TypeError),
        (5, TypeError),
        (("xgm",), TypeError),
        (("xgm", 5), TypeError),
        (None, TypeError),
    ],
)
def test_what_is_no_item(item: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ALIAS[item]


def test_contains_asks_the_data() -> None:
    assert [name in ALIAS for name in ("nope", "gone", "no-key", ("xgm", "z"), ("no", "z"))] == (
        [False] * 5
    )


def test_it_cannot_be_iterated() -> None:
    with pytest.raises(TypeError):
        iter(ALIAS)  # type: ignore[call-overload]


def test_it_shows_all_aliases() -> None:
    lines = repr(ALIAS).splitlines()
    assert lines[0] == "6 aliases:"
    assert [line[2:].split()[0] for line in lines if line.startswith("✗ ")][:2] == [
        "gone",
        "no-key",
    ]
    assert str(ALIAS) == "<euxfel.AliasIndexer with 6 aliases>"
    assert ALIAS._ipython_key_completions_()[:2] == ["xgm", "xgm2"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("xgm", {XGM: None}),
        ("x-pos", {XGM: {"x.value"}}),
        (["xgm", "cam"], {XGM: None, CAMERA: None}),
        (["x-pos", ("cam", "*.pixels")], {XGM: {"x.value"}, CAMERA: {"data.image.pixels"}}),
        ([("xgm2", "x"), ("xgm", "y")], {XGM: {"x.value", "y.value"}}),
        ([], {}),
        ({"xgm": None}, {XGM: None}),
        ({"xgm": {"y"}, "cam": set()}, {XGM: {"y.value"}, CAMERA: None}),
        ({"xgm": {"y"}, "xgm2": {"x"}}, {XGM: {"x.value", "y.value"}}),
        ({"xgm": {"y"}, "xgm2": None}, {XGM: None}),
        ({"xgm": set(), "xgm2": {"x"}}, {XGM: None}),
    ],
)
def test_select(selection: Any, expected: Any) -> None:
    assert ALIAS.select(selection) == (expected, set())
    assert ALIAS.deselect(selection) == ("without", expected)


def test_select_with_key_glob_and_options() -> None:
    assert ALIAS.select("xgm", "[xz]") == ({XGM: {"x.value"}}, set())
    assert ALIAS.select("xgm", require_all=True)[1] == {"require_all"}
    assert ALIAS.select("xgm", require_any=True)[1] == {"require_any"}
    assert ALIAS.deselect("cam", "data.t*") == ("without", {CAMERA: {"data.trainId"}})


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("nope",), AliasError, "nope"),
        (("x*",), AliasError, "no alias"),
        ((XGM,), AliasError, XGM),
        (("gone",), ValueError, "NO/SUCH/SOURCE"),
        (("x-pos", "y"), AliasError, "a key already"),
        (([("x-pos", "y")],), AliasError, "a key already"),
        (({"x-pos": None},), AliasError, "a key already"),
        ((["xgm"], "x"), ValueError, "single alias"),
        (({"xgm": ["x"]},), TypeError, "set or None"),
        (({5: None},), TypeError, "string"),
        (([5],), TypeError, "not 5"),
        ((5,), TypeError, "int"),
        ((None,), TypeError, "NoneType"),
    ],
)
def test_what_cannot_be_selected(arguments: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ALIAS.select(*arguments)


def test_files_and_links(tmp_path: Path) -> None:
    """Only files under /gpfs are shown by the facility's notebook server."""
    path = tmp_path / "a.json"
    path.write_text('{"a": "source"}')
    alias = AliasIndexer(Run(path))
    assert alias.file_paths() == [path]
    assert alias.jhub_links() == {}
    shared = Path("/gpfs/exfel/exp/SPB/202301/p002012/usr/my aliases.yml")
    object.__setattr__(alias.data._aliases, "files", (shared,))
    assert alias.jhub_links() == {
        shared: "https://max-jhub.desy.de/hub/user-redirect/lab/tree/GPFS"
        "/exfel/exp/SPB/202301/p002012/usr/my%20aliases.yml"
    }
