"""Pages made from what is maintained elsewhere: packages, change logs, the table of differences.

They are written below ``_generated`` folders when the build starts, so that a new package or
a new row needs no edit of the site.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
# What is public beside the parts themselves; all else inside a part can move.
ALSO_PUBLIC = ("euxfel.fileaccess.testing", "euxfel.fileaccess.testing.defects")
NOT_VALUES = (type, FunctionType, ModuleType)
SEEDED_DEFECTS = ROOT / "packages" / "euxfel-validate" / "tests" / "seeded_defects.toml"
DIFFERENCES = ROOT / "tests-integration" / "parity" / "differences.toml"


def parts() -> list[str]:
    """Parts of the namespace that have code."""
    inits = ROOT.glob("packages/*/src/euxfel/*/__init__.py")
    return sorted(f"euxfel.{init.parent.name}" for init in inits)


def public_modules() -> Iterator[ModuleType]:
    yield from (importlib.import_module(name) for name in [*parts(), *ALSO_PUBLIC])


def home_of(name: str, module: ModuleType) -> str:
    """Outermost public module that describes what a module calls by this name."""
    obj = getattr(module, name)
    defined = getattr(obj, "__module__", None) or module.__name__
    part = importlib.import_module(part_of(defined))
    same = getattr(part, name, None) is obj and name in getattr(part, "__all__", ())
    return part.__name__ if same else module.__name__


def part_of(module_name: str) -> str:
    return ".".join(module_name.split(".")[:2])


def values_of(module: ModuleType) -> dict[str, str]:
    """What is said about public values of a module: autodoc passes over those from elsewhere."""
    found = {name: getattr(module, name) for name in getattr(module, "__all__", ())}
    names = [name for name, obj in found.items() if not isinstance(obj, NOT_VALUES)]
    comments = [ModuleAnalyzer.for_module(name).find_attr_docs() for name in parts_of(module)]
    return {
        name: "\n".join(next((c["", name] for c in comments if ("", name) in c), ()))
        for name in names
    }


def parts_of(module: ModuleType) -> list[str]:
    """The module and all loaded modules inside of it."""
    return sorted(n for n in sys.modules if f"{n}.".startswith(f"{module.__name__}."))


def value_entry(name: str, text: str) -> str:
    indented = "".join(f"   {line}\n" if line else "\n" for line in text.splitlines())
    return f".. py:data:: {name}\n\n{indented}\n"


def module_page(module: ModuleType) -> str:
    homes = {name: home_of(name, module) for name in getattr(module, "__all__", ())}
    borrowed = {name: home for name, home in homes.items() if home != module.__name__}
    # Without `imported-members` autodoc would leave out what `__init__` only passes on.
    page = (
        f"# {module.__name__}\n\n"
        "```{eval-rst}\n"
        f".. automodule:: {module.__name__}\n"
        "   :members:\n"
        "   :imported-members:\n"
        f"   :exclude-members: {', '.join(borrowed)}\n"
        "\n" + "".join(value_entry(*value) for value in sorted(values_of(module).items())) + "```\n"
    )
    also = "".join(f"- `{name}`, from `{home}`\n" for name, home in borrowed.items())
    return page + (f"\n## Also importable from here\n\n{also}" if also else "")


def change_logs() -> str:
    logs = sorted(ROOT.glob("packages/*/CHANGELOG.md"))
    return "\n".join(log.read_text("utf-8").replace("\n#", "\n##") for log in logs)


def differences() -> list[dict[str, Any]]:
    if not DIFFERENCES.exists():
        return []
    rows: list[dict[str, Any]] = tomllib.loads(DIFFERENCES.read_text("utf-8"))["difference"]
    return rows


def difference_section(row: dict[str, Any]) -> str:
    def one_line(field: str) -> str:
        return " ".join(str(row[field]).split())

    return (
        f"## {one_line('what')}\n\n"
        f"EXtra-data\n: {one_line('extra_data')}\n\n"
        f"euxfel\n: {one_line('euxfel')}\n\n"
        f"Why\n: {one_line('reason')}\n"
    )


def commands() -> str:
    """Help of all commands, as it is printed."""
    from euxfel.cli.parser import all_parsers

    # Help is laid out for the terminal it is printed on.
    os.environ["COLUMNS"] = "100"
    return "\n".join(
        f"### {name}\n\n```text\n{parser.format_help()}```\n"
        for name, parser in all_parsers().items()
    )


def old_names() -> str:
    from euxfel.cli.shells import OLD_NAMES

    rows = "".join(f"| `{old}` | `euxfel {new}` |\n" for old, new in OLD_NAMES.items())
    return f"| name | command |\n| --- | --- |\n{rows}"


def check_section(check: Any, defects: list[str]) -> str:
    when = " Only made with `deep=True` (`--deep`)." if check.deep else ""
    listed = ", ".join(f"`{name}`" for name in defects)
    return (
        f"## {check.name}\n\n"
        f"{check.severity.value.capitalize()}, of a {check.scope}.{when}\n\n"
        f"**{check.summary}**\n\n"
        f"{check.advice.replace('``', '`')}\n\n"
        f"Seeded defects that it finds: {listed}.\n"
    )


def checks_page() -> str:
    """What checks of files and runs there are, and which seeded defects they find."""
    from euxfel.validate import CHECKS

    found = tomllib.loads(SEEDED_DEFECTS.read_text("utf-8"))["found"]
    sections = [
        check_section(check, [name for name, row in found.items() if row.split()[0] == check.name])
        for check in CHECKS
    ]
    rows = "".join(
        "| `{}` | `{}` | `{}` |\n".format(name, *row.split()) for name, row in found.items()
    )
    return (
        "# Checks\n\nWhat `euxfel validate` looks for. Names can be given to `--skip`.\n\n"
        + "\n".join(sections)
        + "\n## Which defect is found by which check\n\nTests seed each of these into a run.\n\n"
        + "| defect | found by | as |\n|---|---|---|\n"
        + rows
    )


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_pages() -> None:
    reference = DOCS / "reference" / "_generated"
    # A page of a module that is gone would otherwise stay.
    shutil.rmtree(reference, ignore_errors=True)
    for module in public_modules():
        write(reference / f"{module.__name__}.md", module_page(module))
    write(reference / "checks.md", checks_page())
    write(DOCS / "_generated" / "changes.md", change_logs())
    write(DOCS / "_generated" / "commands.md", commands())
    write(DOCS / "_generated" / "old-names.md", old_names())
    sections = "\n".join(difference_section(row) for row in differences())
    write(DOCS / "_generated" / "differences.md", sections or "None is known yet.\n")


def setup(app: Sphinx) -> dict[str, Any]:
    # Before Sphinx looks which pages there are.
    app.connect("builder-inited", lambda _app: write_pages())
    app.connect("config-inited", exclude_included_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def exclude_included_pages(_app: Sphinx, config: Any) -> None:
    config.exclude_patterns.append("_generated")
