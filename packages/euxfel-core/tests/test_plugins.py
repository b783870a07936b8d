"""Methods whose work is done in packages above this one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from euxfel.core import RunDirectory
from euxfel.core.plugins import _load, upper_method
from euxfel.fileaccess.errors import MissingPackageError
from euxfel.fileaccess.testing import small_run


@pytest.fixture(autouse=True)
def _forget_loaded() -> Iterator[None]:
    _load.cache_clear()
    yield
    _load.cache_clear()


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, text: str) -> None:
    """Put a distribution on the path that offers ``run.fly()``."""
    (folder / f"{module}.py").write_text(text)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[euxfel.core.methods]\nfly = {module}:fly\n")
    monkeypatch.syspath_prepend(str(folder))


def test_method_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up once."""
    install(tmp_path, monkeypatch, "wings_one", "def fly(run, height): return run, height\n")
    fly = upper_method("fly", "euxfel-wings")
    assert fly("the run", height=7) == ("the run", 7)
    monkeypatch.setattr(sys, "path", [])
    assert upper_method("fly", "euxfel-wings") is fly


def test_missing_package_is_named_in_one_line() -> None:
    with pytest.raises(MissingPackageError) as caught:
        upper_method("fly", "euxfel-wings")
    assert str(caught.value) == "run.fly() needs euxfel-wings: pip install euxfel-wings"
    assert isinstance(caught.value, ImportError)


def test_another_object_names_itself() -> None:
    with pytest.raises(MissingPackageError, match=r"^detector\.fly\(\) needs euxfel-wings"):
        upper_method("fly", "euxfel-wings", noun="detector")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("write", ("out.h5",)),
        ("write_virtual", ("out.h5",)),
        ("get_virtual_dataset", ("CAM:output", "data.image.pixels", "out.h5")),
    ],
)
def test_options_reach_the_package_untouched(
    name: str, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This package knows none of them, so that a new option needs no change here."""
    module = f"wings_{name}"
    text = "def fly(*arguments, **options): return arguments, options\n"
    install(tmp_path, monkeypatch, module, text)
    info = tmp_path / f"{module}-1.0.dist-info" / "entry_points.txt"
    info.write_text(f"[euxfel.core.methods]\n{name} = {module}:fly\n")
    # Beside an installed euxfel-writer the first one found would be as good.
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    run = RunDirectory(small_run().write(tmp_path / "run").path)
    got = getattr(run, name)(*arguments, overwrite=True, wing="left")
    assert got == ((run, *arguments), {"overwrite": True, "wing": "left"})


def test_package_can_be_installed_while_python_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingPackageError):
        upper_method("fly", "euxfel-wings")
    install(tmp_path, monkeypatch, "wings_two", "def fly(run): return 2\n")
    assert upper_method("fly", "euxfel-wings")("run") == 2


def test_broken_package_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "wings_three", "import feathers_that_nobody_has\n")
    with pytest.raises(MissingPackageError, match="feathers_that_nobody_has"):
        upper_method("fly", "euxfel-wings")
