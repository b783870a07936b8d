"""What is run on this repository; ``nox -l`` lists it.

The packages and what each needs are read from ``packages/*/pyproject.toml``: a new package
needs no edit here.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import nox
from packaging.requirements import Requirement

ROOT = Path(__file__).parent
OLDEST_PYTHON = "3.11"
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")

nox.needs_version = ">=2025.2.9"
# virtualenv comes with nox and brings its own pip: a machine without `ensurepip` will do.
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "no" if os.environ.get("CI") else "yes"
nox.options.sessions = ["lint", "types", "tests"]


@dataclass(frozen=True)
class Package:
    """One distribution of the workspace, as its pyproject describes it."""

    folder: str
    name: str
    dependencies: tuple[str, ...]
    extras: tuple[str, ...]
    test_group: tuple[str, ...]

    @property
    def has_code(self) -> bool:
        return any((ROOT / self.folder / "src").rglob("*.py"))

    def requirements(self) -> list[Requirement]:
        return [Requirement(r) for r in (*self.dependencies, *self.extras)]


def read_package(folder: Path) -> Package:
    toml = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    project = toml["project"]
    extras = project.get("optional-dependencies", {})
    return Package(
        folder=folder.relative_to(ROOT).as_posix(),
        name=project["name"],
        dependencies=tuple(project.get("dependencies", ())),
        extras=tuple(requirement for group in extras.values() for requirement in group),
        test_group=tuple(toml.get("dependency-groups", {}).get("test", ())),
    )


@cache
def packages() -> dict[str, Package]:
    """All packages by name, each after those it requires."""
    found = [read_package(p.parent) for p in sorted(ROOT.glob("packages/*/pyproject.toml"))]
    by_name = {package.name: package for package in found}
    graph = {p.name: siblings(p.dependencies, by_name) for p in found}
    return {name: by_name[name] for name in TopologicalSorter(graph).static_order()}


def siblings(requirements: Iterable[str], among: Iterable[str]) -> set[str]:
    return {Requirement(r).name for r in requirements} & set(among)


def with_what_lies_below(name: str) -> list[Package]:
    """A package and the packages it cannot be installed without."""
    package = packages()[name]
    below = siblings((*package.dependencies, *package.test_group), packages()) - {name}
    closure = {p.name: p for sibling in below for p in with_what_lies_below(sibling)}
    return [*closure.values(), package]


def editable(chosen: Iterable[Package]) -> list[str]:
    return [arg for package in chosen for arg in ("-e", package.folder)]


def group(name: str) -> list[str]:
    return list(nox.project.dependency_groups(PYPROJECT, name))


def install_everything(session: nox.Session, *groups: str) -> None:
    """Install all packages in place, and what the named dependency groups list."""
    session.install(*editable(packages().values()), *(r for name in groups for r in group(name)))


def source_folders() -> list[str]:
    return [f"{package.folder}/src" for package in packages().values() if package.has_code]


def search_path() -> str:
    return os.pathsep.join(str(ROOT / folder) for folder in source_folders())


def short_name(package: Package) -> str:
    return package.name.removeprefix("euxfel-")


with_code = [package for package in packages().values() if package.has_code]
each_package = [nox.param(package.name, id=short_name(package)) for package in with_code]


def run_package_tests(session: nox.Session, package: Package, *options: str) -> None:
    """Run tests, the examples in docstrings, and the example in the README."""
    session.run(
        "pytest",
        "--doctest-modules",
        "--doctest-glob=README.md",
        f"{package.folder}/src",
        f"{package.folder}/tests",
        f"{package.folder}/README.md",
        *options,
        *session.posargs,
    )


@nox.session
def demo(session: nox.Session) -> None:
    """Write a simulated run, open it, and show what can be done with it."""
    install_everything(session)
    session.run("python", "docs/tutorials/demo.py", *session.posargs)


@nox.session
@nox.parametrize("name", [*each_package, nox.param(None, id="integration")])
def tests(session: nox.Session, name: str | None) -> None:
    """Test each package with only what lies below it, then all of them together."""
    if name is None:
        install_everything(session, "integration")
        # Two at a time: what several processes do to each other is tested with few of them.
        workers = ("--numprocesses=2", "--dist=loadfile")
        session.run("pytest", *workers, "tests-integration", *session.posargs)
        return
    package = packages()[name]
    session.install(*editable(with_what_lies_below(name)), *package.test_group)
    run_package_tests(session, package)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, the layers, and what must not be in the sources."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    # The sources alone are enough to see who imports whom: nothing has to be installed.
    session.run("lint-imports", "--no-logo", env={"PYTHONPATH": search_path()})
    session.run("python", ".ci/check_sources.py")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, of all parts of the namespace together."""
    install_everything(session, "types")
    session.run("mypy", *source_folders(), *session.posargs, env={"MYPYPATH": search_path()})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site; a broken reference or a failing example ends the build."""
    install_everything(session, "docs")
    session.run(
        "sphinx-build", "-n", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html",
        *session.posargs,
    )  # fmt: skip


# A fresh environment each time: pip would keep an installed wheel of the same version.
@nox.session(reuse_venv=False)
def build(session: nox.Session) -> None:
    """Build wheels and sdists, check what is in them, install the wheels together."""
    session.install(*group("build"))
    dist, direct = ROOT / "dist", Path(session.create_tmp()) / "direct"
    for folder in (dist, direct):
        shutil.rmtree(folder, ignore_errors=True)
    for package in packages().values():
        command = ("python", "-m", "build", "--no-isolation", package.folder, "--outdir")
        # Without options the wheel is made from the sdist: both are in `dist`.
        session.run(*command, str(dist), silent=True)
        session.run(*command, str(direct), "--wheel", silent=True)
    session.install(*(str(wheel) for wheel in sorted(dist.glob("*.whl"))))
    session.run("python", "-I", ".ci/check_distributions.py", str(dist), str(direct))


def lowest(requirement: Requirement) -> str | None:
    """Pin a requirement to the lowest version it allows."""
    floors = [spec.version for spec in requirement.specifier if spec.operator in {">=", "~=", "=="}]
    return f"{requirement.name}=={floors[0]}" if floors else None


@nox.session(python=OLDEST_PYTHON)
@nox.parametrize("name", each_package)
def floors(session: nox.Session, name: str) -> None:
    """Test each package with the lowest versions it says it works with."""
    chosen = with_what_lies_below(name)
    outside = [r for p in chosen for r in p.requirements() if r.name not in packages()]
    pins = {pin for requirement in outside if (pin := lowest(requirement))}
    constraints = Path(session.create_tmp()) / "constraints.txt"
    constraints.write_text("\n".join(sorted(pins)) + "\n", "utf-8")
    session.install(*editable(chosen), *packages()[name].test_group, "-c", str(constraints))
    # Old libraries above new ones call what is deprecated by now; the tests of today's versions
    # are those that find deprecated calls of our own.
    run_package_tests(session, packages()[name], "-W", "ignore::DeprecationWarning")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against EXtra-data: ``nox -s bench -- --rows 4,5 --size small``."""
    install_everything(session, "integration")
    session.run("python", "tests-integration/benchmarks/run.py", *session.posargs)
