"""What holds for every package: how the parts fit together, and what importing them does."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(p.parent for p in ROOT.glob("packages/*/pyproject.toml"))
NAMES = [folder.name for folder in FOLDERS]
PARTS = sorted(init.parent for init in ROOT.glob("packages/*/src/euxfel/*/__init__.py"))
PART_NAMES = [f"euxfel.{part.name}" for part in PARTS]
# Imported where they are used: a script that needs none of them should not wait for them.
LATE = {"pandas", "xarray", "dask", "distributed", "matplotlib", "yaml", "zmq", "rich", "pytest"}
# Where the name to import is not the name to install.
DISTRIBUTIONS = {"yaml": "pyyaml", "zmq": "pyzmq"}

each_package = pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
each_part = pytest.mark.parametrize("part", PARTS, ids=PART_NAMES)


def pyproject(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))


def requirements(folder: Path) -> list[Requirement]:
    project = pyproject(folder)["project"]
    extras = project.get("optional-dependencies", {}).values()
    listed = [*project.get("dependencies", ()), *(r for extra in extras for r in extra)]
    return [Requirement(r) for r in listed]


def declared_names(listed: Iterable[Requirement]) -> set[str]:
    """Names of what is required, and of what the extras of siblings stand for."""
    names: set[str] = set()
    for requirement in listed:
        names.add(requirement.name)
        for extra in requirement.extras if requirement.name in NAMES else ():
            project = pyproject(ROOT / "packages" / requirement.name)["project"]
            inner = project["optional-dependencies"][extra]
            names |= declared_names(Requirement(r) for r in inner)
    return names


def outcome_of(code: str) -> Any:
    """Run code in a fresh interpreter; what it prints is JSON."""
    # A machine's own setting must not hide what an import does.
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_"))}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_namespace_is_shared() -> None:
    """No part owns `euxfel`, and all parts are found in it."""
    namespace = importlib.import_module("euxfel")
    assert namespace.__file__ is None
    assert not list(ROOT.glob("packages/*/src/euxfel/__init__.py"))
    assert {str(part.parent) for part in PARTS} <= set(namespace.__path__)


@each_part
def test_every_part_is_typed(part: Path) -> None:
    assert (part / "py.typed").is_file()


@each_part
def test_everything_promised_exists(part: Path) -> None:
    module = importlib.import_module(f"euxfel.{part.name}")
    missing = [name for name in module.__all__ if not hasattr(module, name)]
    assert not missing


@each_part
def test_no_name_that_is_imported_late_is_that_of_a_module(part: Path) -> None:
    """Once the module is imported it would stand in the place of what has its name."""
    for init in part.rglob("__init__.py"):
        name = ".".join(init.parent.relative_to(part.parents[1]).parts)
        module = importlib.import_module(name)
        if hasattr(module, "__getattr__"):
            assert not set(module.__all__) & {path.stem for path in init.parent.iterdir()}, name


@each_part
def test_everything_promised_is_described(part: Path) -> None:
    module = importlib.import_module(f"euxfel.{part.name}")
    things = {name: getattr(module, name) for name in module.__all__}
    bare = [n for n, thing in things.items() if callable(thing) and not thing.__doc__]
    assert not bare


@each_package
def test_every_package_has_what_a_reader_looks_for(folder: Path) -> None:
    assert (folder / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    for needed in ("README.md", "CHANGELOG.md", "changes/README.md"):
        assert (folder / needed).read_text("utf-8").strip(), needed


@each_package
def test_news_fragments_have_a_type_that_is_known(folder: Path) -> None:
    known = {kind["directory"] for kind in pyproject(ROOT)["tool"]["towncrier"]["type"]}
    fragments = [p for p in (folder / "changes").iterdir() if p.name != "README.md"]
    unknown = [p.name for p in fragments if p.name.split(".")[1:] not in [[k, "md"] for k in known]]
    assert not unknown


@each_package
def test_the_version_is_written_down(folder: Path) -> None:
    """A source archive has the right version without git."""
    project = pyproject(folder)["project"]
    assert "version" not in project.get("dynamic", ())
    assert str(Version(project["version"])) == project["version"]


@each_package
def test_siblings_are_required_as_they_are_or_older(folder: Path) -> None:
    """A floor above the checkout could not be installed."""
    versions = {f.name: pyproject(f)["project"]["version"] for f in FOLDERS}
    inside = [r for r in requirements(folder) if r.name in versions and r.specifier]
    too_new = [str(r) for r in inside if versions[r.name] not in r.specifier]
    assert not too_new


@each_package
def test_requirements_outside_have_a_floor(folder: Path) -> None:
    """`nox -s floors` can test only what is declared."""
    outside = [r for r in requirements(folder) if r.name not in NAMES]
    without = [str(r) for r in outside if not any(s.operator == ">=" for s in r.specifier)]
    assert not without


def imported_modules(part: Path) -> Iterator[tuple[str, Path]]:
    for path in part.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name, path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module, path


def distribution_of(module: str) -> str:
    top, _, rest = module.partition(".")
    if top == "euxfel":
        return f"euxfel-{rest.partition('.')[0]}"
    return DISTRIBUTIONS.get(top, top.replace("_", "-"))


@each_part
def test_every_import_is_declared(part: Path) -> None:
    """A package that is imported is a requirement, an extra, or the test group's pytest."""
    folder = part.parents[2]
    declared = declared_names(requirements(folder)) | {folder.name}
    undeclared = {
        (module, path.name)
        for module, path in imported_modules(part)
        # The namespace itself belongs to no package.
        if module != "euxfel"
        and module.partition(".")[0] not in sys.stdlib_module_names
        and distribution_of(module) not in declared
        and not (distribution_of(module) == "pytest" and path.name == "plugin.py")
    }
    assert not undeclared


@pytest.mark.parametrize("name", PART_NAMES)
def test_import_loads_nothing_that_is_used_later(name: str) -> None:
    """Importing a part takes numpy and h5py and no optional library."""
    loaded = outcome_of(
        f"import json, sys, {name}\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    assert not LATE & set(loaded)


@pytest.mark.parametrize("name", PART_NAMES)
def test_import_changes_nothing_of_the_process(name: str) -> None:
    """B32: limits, environment, signal handlers, hooks and warning filters stay as they were."""
    before, after = outcome_of(
        "import json, os, resource, signal, sys, threading, warnings\n"
        # Their imports add filters of their own.
        "import h5py, numpy\n"
        "def state():\n"
        "    limits = [n for n in dir(resource) if n.startswith('RLIMIT_')]\n"
        "    return [\n"
        "        {n: resource.getrlimit(getattr(resource, n)) for n in limits},\n"
        "        dict(os.environ), os.getcwd(), threading.active_count(),\n"
        "        [str(signal.getsignal(s)) for s in sorted(signal.valid_signals())],\n"
        "        [str(sys.excepthook), str(sys.unraisablehook)],\n"
        "        [str(f) for f in warnings.filters],\n"
        "        sorted(os.listdir('/proc/self/fd')) if os.path.isdir('/proc/self/fd') else [],\n"
        "    ]\n"
        "before = state()\n"
        f"import {name}\n"
        "print(json.dumps([before, state()]))"
    )
    assert after == before


def readme_commands() -> list[str]:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def test_what_has_to_pass_runs_the_test_command_of_the_readme() -> None:
    demo, tests = readme_commands()
    assert demo == "python -m pip install nox && nox -s demo"
    assert tests == "python -m pip install nox && nox -s tests"
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert tests in script
    assert "nox -s lint types docs" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_full_set_requires_every_package() -> None:
    """`pip install euxfel` is all of them."""
    required = {r.name for r in requirements(ROOT / "packages" / "euxfel")}
    assert set(NAMES) - {"euxfel"} <= required
