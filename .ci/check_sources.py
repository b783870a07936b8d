"""Find what must not be in the sources: run by ``nox -s lint``, needs nothing installed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where this machine keeps the checkout, and what belongs to whoever works on it.
FOLDERS_HERE = [re.escape(str(folder)) for folder in (ROOT, Path.home()) if folder.parent != folder]
PATH_HERE = re.compile(rf"(?<![\w.:/-])(?:{'|'.join(FOLDERS_HERE)})/")


def committed_files() -> list[Path]:
    """Files git knows or would add, that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in answer.stdout.split("\0") if name]
    return [path for name in names if (path := ROOT / name).is_file()]


def stray_namespace_inits(files: list[Path]) -> Iterator[str]:
    """One `euxfel/__init__.py` hides every other part of the namespace."""
    for path in files:
        if path.parts[-2:] == ("euxfel", "__init__.py"):
            yield f"{path.relative_to(ROOT)}: `euxfel` is a namespace and has no __init__.py"


def packaged_tests(files: list[Path]) -> Iterator[str]:
    """Test modules are found by file name, so test folders are no packages."""
    for path in files:
        where = path.relative_to(ROOT)
        if path.name == "__init__.py" and {"tests", "tests-integration"} & set(where.parts):
            yield f"{where}: test folders have no __init__.py"


def repeated_test_names(files: list[Path]) -> Iterator[str]:
    """A test file is named once in the whole repository: failures are easier to find."""
    seen: dict[str, Path] = {}
    for path in files:
        where = path.relative_to(ROOT)
        if path.name.startswith("test_") and path.suffix == ".py":
            first = seen.setdefault(path.name, where)
            if first != where:
                yield f"{where}: there is a {first} already"


def paths_of_one_machine(files: list[Path]) -> Iterator[str]:
    """A path that exists on one machine only is of no use on another."""
    for path in files:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = PATH_HERE.search(line)
            if found:
                yield f"{path.relative_to(ROOT)}:{number}: a path of this machine: {found[0]}"


CHECKS = (stray_namespace_inits, packaged_tests, repeated_test_names, paths_of_one_machine)


def main() -> int:
    files = committed_files()
    complaints = [complaint for check in CHECKS for complaint in check(files)]
    print("\n".join(complaints) or f"{len(files)} files hold nothing that must not be there")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
