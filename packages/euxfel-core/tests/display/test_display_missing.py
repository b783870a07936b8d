"""Missing data: as data, and drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from euxfel.core.display import missing_data, plot_missing_data
from euxfel.core.display.plotting import shades, trains_per_column


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    import matplotlib as mpl

    mpl.use("Agg")
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


def gappy(make: Any) -> Any:
    """Four sources that lack trains in three ways, and one that lacks none."""
    return make.collection(
        make.control("A/M/1", lambda t: t >= 10015),
        make.control("A/M/2", lambda t: t >= 10015),
        make.control("A/M/3"),
        make.instrument("CAM/C/1:out", lambda t: 3 * (t % 2)),
        make.instrument("CAM/C/2:out", lambda t: 0),
    )


def test_rows_are_alike_sources_worst_first(make: Any) -> None:
    found = missing_data(gappy(make))
    assert found.labels == ("CAM/C/2:out", "A/M/{1,2}", "CAM/C/1:out")
    assert found.sources[1] == ("A/M/1", "A/M/2")
    assert found.n_saved.tolist() == [0, 5, 10]
    assert found.percent_saved.tolist() == [0, 25, 50]
    assert found.saved[2].tolist() == [t % 2 == 1 for t in make.train_ids]
    assert (len(found), found.n_sources) == (3, 5)


def test_the_limit_is_exclusive(make: Any) -> None:
    """A source with exactly that percentage of trains is left out."""
    collection = make.collection(make.control("A/M/1", lambda t: t != 10004))
    assert len(missing_data(collection, min_saved_pct=95)) == 0
    assert len(missing_data(collection, min_saved_pct=95.1)) == 1


def test_index_groups_are_joined_or_expanded(make: Any) -> None:
    late = {"header": lambda t: int(t > 10009)}
    collection = make.collection(make.instrument("CAM/C/1:out", lambda t: t % 2, also=late))
    joined = missing_data(collection)
    assert joined.n_saved.tolist() == [5]
    expanded = missing_data(collection, expand_instrument=True)
    assert sorted(expanded.labels) == ["CAM/C/1:out [data]", "CAM/C/1:out [header]"]
    assert expanded.n_saved.tolist() == [10, 10]


def test_suspect_trains_do_not_count(make_with: Any) -> None:
    """B8: a rogue train, which one aggregator alone has, makes no source look bad."""
    make = make_with([*range(10000, 10004), 2**64 - 1])
    source = make.control("A/M/1", lambda t: t < 2**63)
    found = missing_data(make.collection(source, suspect=[2**64 - 1]), min_saved_pct=100)
    assert len(found) == 0
    assert found.train_ids.tolist() == [10000, 10001, 10002, 10003]


def test_an_unreadable_source_is_told_apart(make: Any) -> None:
    bad = replace(make.control("A/M/9"), damage="index makes no sense")
    found = missing_data(make.collection(bad, make.control("A/M/1", lambda t: False)))
    assert found.labels == ("A/M/1",)
    assert found.unreadable == (("A/M/9", "index makes no sense"),)


def test_no_trains_lack_nothing(make_with: Any) -> None:
    """B12: a selection of zero trains."""
    make = make_with([])
    found = missing_data(make.collection(make.control("A/M/1")))
    assert found.saved.shape == (0, 0)
    assert len(found.to_dataframe()) == 0


def test_the_table_has_a_row_per_label(make: Any) -> None:
    table = missing_data(gappy(make)).to_dataframe()
    assert list(table.index) == ["CAM/C/2:out", "A/M/{1,2}", "CAM/C/1:out"]
    assert table.loc["A/M/{1,2}"].to_dict() == {
        "n_sources": 2,
        "n_trains": 20,
        "n_saved": 5,
        "n_missing": 15,
        "percent_saved": 25.0,
    }


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40)), st.integers(1, 50))
def test_no_missing_train_is_lost_in_the_drawing(saved: Any, per_column: int) -> None:
    found = shades(saved, per_column)
    for column, start in enumerate(range(0, saved.shape[1], per_column)):
        part = saved[:, start : start + per_column]
        assert ((found[:, column] == 0) == part.all(axis=1)).all()
        assert ((found[:, column] == 1) == ~part.any(axis=1)).all()
        partly = (found[:, column] > 0) & (found[:, column] < 1)
        assert (found[partly, column] >= 0.45).all()


def test_few_trains_have_a_column_each() -> None:
    assert trains_per_column(500) == 1
    assert trains_per_column(501) == 2
    assert trains_per_column(0) == 1


def texts(ax: Any) -> str:
    ax.figure.canvas.draw()
    shown = [ax.title.get_text(), ax.get_title(loc="left"), ax.get_xlabel()]
    shown += [t.get_text() for t in (*ax.texts, *ax.get_yticklabels())]
    return "\n".join(shown)


def test_the_drawing_names_sources_and_percentages(make: Any) -> None:
    ax = plot_missing_data(gappy(make))
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == ["CAM/C/2:out", "A/M/{1,2}", "CAM/C/1:out"]
    assert ax.yaxis_inverted()
    shown = texts(ax)
    assert "4 of 5 sources with less than 95 % of trains saved" in shown
    assert "IDs 10000 to 10019" in shown
    assert [p in shown for p in ("0 %", "25.0 %", "50.0 %")] == [True] * 3


def test_the_image_is_what_the_data_say(make: Any) -> None:
    ax: Any = plot_missing_data(gappy(make))
    (image,) = ax.get_images()
    expected = (~missing_data(gappy(make)).saved).astype(float)
    assert np.array_equal(image.get_array(), expected)


def test_nothing_missing_is_drawn_too(make: Any) -> None:
    ax = plot_missing_data(make.collection(make.control("A/M/1")))
    assert "1 source: data for at least 95 % of 20 trains" in texts(ax)
    assert not ax.get_images()


@pytest.mark.parametrize(("trains", "text"), [([], "No trains"), ([10000], "No sources")])
def test_empty_selections_are_drawn(make_with: Any, trains: list[int], text: str) -> None:
    assert f"{text} are selected" in texts(plot_missing_data(make_with(trains).collection()))


def test_height_follows_the_rows_up_to_a_limit(make: Any) -> None:
    def height(n: int) -> float:
        names = [f"A/{chr(97 + i // 26)}{chr(97 + i % 26)}/x" for i in range(n)]
        sources = [make.control(s, lambda t: False) for s in names]
        ax: Any = plot_missing_data(make.collection(*sources))
        assert len(ax.get_yticklabels()) == min(n, 150)
        if n > 150:
            assert f"the worst 150 of {n} rows" in texts(ax)
        return float(ax.figure.get_figheight())

    assert height(5) < 3
    assert 20 < height(100) < 30
    assert height(200) < 40


def test_long_names_keep_their_ends(make: Any) -> None:
    name = "SPB_START/" + "X" * 90 + "/THE_END"
    label = plot_missing_data(make.collection(make.control(name, lambda t: False)))
    shown = label.get_yticklabels()[0].get_text()
    assert len(shown) == 60
    assert shown.startswith("SPB_START/")
    assert shown.endswith("/THE_END")
