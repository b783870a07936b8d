"""A quick look: which pixels are drawn where, with which number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from euxfel.components import AGIPD1M, JUNGFRAU, LPD1M
from euxfel.core import MissingPackageError, by_id
from euxfel.fileaccess.testing import defects as d


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    yield
    plt.close("all")


def drawn(figure: Any) -> np.ndarray[Any, Any]:
    """The picture as an array, NaN where nothing was measured."""
    image: np.ndarray[Any, Any] = np.ma.filled(
        figure.axes[0].images[0].get_array().astype("f8"), np.nan
    )
    return image


def labels(figure: Any) -> dict[str, tuple[float, float]]:
    return {text.get_text(): text.get_position() for text in figure.axes[0].texts}


def test_each_module_stands_below_its_number(healthy: Any) -> None:
    det, _ = healthy
    figure = det.plot()
    frame = det["image.data"].ndarray().reshape(3, 10, 4, 6, 5)[:, 0, 0].astype("f8")
    picture = drawn(figure)
    for number, module in zip((2, 3, 4), frame, strict=True):
        x, _y = labels(figure)[str(number)]
        left = round(x - 2.5)
        column = picture[:, left : left + 5]
        found = [i for i in range(len(column) - 5) if np.array_equal(column[i : i + 6], module)]
        assert len(found) == 1, number


def test_nothing_else_is_drawn(healthy: Any) -> None:
    det, _ = healthy
    frame = det["image.data"].ndarray().reshape(3, 10, 4, 6, 5)[:, 2, 1].astype("f8")
    picture = drawn(det.plot(train=2, frame=1))
    assert sorted(picture[np.isfinite(picture)].tolist()) == sorted(frame.ravel().tolist())


def test_the_title_says_what_is_seen(healthy: Any) -> None:
    title = healthy[0].plot(train=2, frame=1).axes[0].get_title()
    assert title == "SPB_DET_AGIPD1M-1: image.data, train 10002, frame 1"


def test_the_mean_of_all_frames(healthy: Any) -> None:
    det, _ = healthy
    mean = det["image.data"].mean().values
    picture = drawn(det.plot(train=None))
    assert sorted(picture[np.isfinite(picture)].tolist()) == pytest.approx(sorted(mean.ravel()))


def test_a_missing_train_of_a_module_is_left_blank(write: Any) -> None:
    """B4: a gap is no pixel value in a picture."""
    run, _ = write("SPB_DET_AGIPD1M-1", d.TrainsMissing(aggregator="AGIPD03", train_ids=[10003]))
    picture = drawn(AGIPD1M(run).plot(train=3))
    assert np.isfinite(picture).sum() == 2 * 6 * 5


def test_raw_frames_show_the_data_not_the_gain(write: Any) -> None:
    run, _ = write(corrected=False)
    det = AGIPD1M(run, raw=True)
    picture = drawn(det.plot())
    frame = det["image.data"].ndarray()[:, 0, 0].astype("f8")
    assert sorted(picture[np.isfinite(picture)].tolist()) == sorted(frame.ravel().tolist())


def test_a_cell_of_a_jungfrau_entry(write: Any) -> None:
    run, _ = write("SPB_IRDA_JF4M", modules=(1, 2), cells=16)
    det = JUNGFRAU(run)
    figure = det.plot(frame=7)
    frame = det["data.adc"].ndarray()[:, 0, 7].astype("f8")
    picture = drawn(figure)
    assert sorted(picture[np.isfinite(picture)].tolist()) == sorted(frame.ravel().tolist())
    assert figure.axes[0].get_title().endswith("cell 7")


def test_colours_spread_over_the_bulk_of_the_values(healthy: Any) -> None:
    det, _ = healthy
    frame = det["image.data"].ndarray().reshape(3, 10, 4, 6, 5)[:, 0, 0]
    shown = det.plot(percentiles=(10, 90)).axes[0].images[0]
    assert shown.get_clim() == pytest.approx(tuple(np.percentile(frame, (10, 90))))


def test_a_picture_goes_where_it_is_asked_to(healthy: Any) -> None:
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2)
    assert healthy[0].plot(ax=right) is figure
    assert not left.images
    assert len(right.images) == 1


def test_a_frame_that_is_not_there_is_named(healthy: Any) -> None:
    with pytest.raises(IndexError, match="train 10000"):
        healthy[0].plot(frame=99)


@pytest.mark.parametrize("frame", [0, 1, -1])
@pytest.mark.parametrize("pulses", [slice(1, None), [3, 1], slice(None, None, -1)])
def test_frames_are_counted_among_the_chosen_pulses(healthy: Any, pulses: Any, frame: int) -> None:
    view = healthy[0]["image.data"].select_pulses(pulses)
    figure = view.plot(train=2, frame=frame)
    picture = drawn(figure)
    wanted = view.select_trains([2]).ndarray()[:, frame].astype("f8").ravel()
    assert sorted(picture[np.isfinite(picture)].tolist()) == sorted(wanted.tolist())
    place = np.arange(4)[pulses][frame]
    assert figure.axes[0].get_title().endswith(f"frame {place}")


def test_pulses_chosen_by_id_are_drawn(healthy: Any) -> None:
    whole = healthy[0]["image.data"]
    last = int(whole.pulse_id_coordinates()[3])
    chosen = drawn(whole.select_pulses(by_id[[last]]).plot())
    np.testing.assert_array_equal(chosen, drawn(whole.plot(frame=3)))


def test_a_frame_beyond_the_chosen_ones_is_named(healthy: Any) -> None:
    with pytest.raises(IndexError, match="no frame at position 2"):
        healthy[0]["image.data"].select_pulses([3, 1]).plot(frame=2)


@pytest.mark.parametrize("frame", [0, 5, -1])
def test_frames_are_counted_through_the_gain_stages(write: Any, frame: int) -> None:
    """Each of the 3 x 4 frames of a train in parallel gain can be drawn."""
    run, _ = write("FXE_DET_LPD1M-1", gain_stages=3, corrected=False)
    det = LPD1M(run, raw=True, parallel_gain=True)
    rows = LPD1M(run, raw=True)["image.data"].ndarray()[:, :12, ...]
    picture = drawn(det.plot(frame=frame))
    wanted = rows[:, frame].astype("f8").ravel()
    assert sorted(picture[np.isfinite(picture)].tolist()) == sorted(wanted.tolist())
    with pytest.raises(IndexError, match="no frame at position 12"):
        det.plot(frame=12)


def test_a_picture_is_as_wide_as_its_modules_need(healthy: Any) -> None:
    width, height = healthy[0].select_trains([0]).plot().get_size_inches()
    columns, rows = drawn(healthy[0].plot()).shape[::-1]
    assert (width > height) == (columns > rows)


def test_keys_without_images_are_refused(healthy: Any) -> None:
    with pytest.raises(ValueError, match=r"image\.pulseId holds no images"):
        healthy[0]["image.pulseId"].plot()


def test_a_nominal_geometry_needs_extra_geom(healthy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "extra_geom", None)
    with pytest.raises(MissingPackageError, match="pip install extra-geom"):
        healthy[0].plot(geometry=True)


def test_a_geometry_gets_every_module_at_its_place(write: Any) -> None:
    """B35: what stands for a module that is missing is NaN."""
    run, _ = write("FXE_DET_LPD1M-1", modules=(1, 3), module_shape=(4, 4))
    det = LPD1M(run)
    seen: list[Any] = []

    class Geometry:
        def position_modules(self, modules: Any) -> tuple[Any, None]:
            seen.append(modules)
            return modules[:, 0], None

    det.plot(geometry=Geometry())
    (given,) = seen
    assert given.shape == (16, 4, 4)
    assert np.flatnonzero(np.isfinite(given).all(axis=(1, 2))).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("write_virtual_cxi", ("out.cxi",)),
        ("write_cxi", ("out.cxi",)),
        ("write_frames", ("out.h5", [10000], [0])),
    ],
)
def test_files_are_written_by_another_package(
    healthy: Any, method: str, arguments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without euxfel-writer there is one clear line."""
    from euxfel.core import plugins

    def absent(name: str) -> Any:
        raise LookupError(name)

    monkeypatch.setattr(plugins, "_load", absent)
    with pytest.raises(MissingPackageError, match="pip install euxfel-writer"):
        getattr(healthy[0], method)(*arguments)
