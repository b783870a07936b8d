"""Check built wheels and sdists, and import what was installed from them.

Run by ``nox -s build`` as ``check_distributions.py DIST DIRECT``: DIST holds sdists and the
wheels made from them, DIRECT wheels made from the working tree. The wheels of DIST are
installed where this runs.
"""

from __future__ import annotations

import importlib
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

REQUIRED_METADATA = ("Name", "Version", "Summary", "License-Expression", "Requires-Python")


class Wheel:
    """What one wheel file holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as archive:
            self.digests = {i.filename: i.CRC for i in archive.infolist() if not i.is_dir()}
            self.info = next(n.split("/")[0] for n in self.digests if ".dist-info/" in n)
            self.metadata = HeaderParser().parsestr(
                archive.read(f"{self.info}/METADATA").decode("utf-8")
            )

    @property
    def code(self) -> dict[str, int]:
        """Files outside the metadata folder, with their checksums."""
        return {n: c for n, c in self.digests.items() if not n.startswith(self.info)}

    @property
    def parts(self) -> set[str]:
        """Names directly below ``euxfel``."""
        return {PurePosixPath(name).parts[1] for name in self.code}


def wrong_metadata(wheel: Wheel) -> Iterator[str]:
    for field in REQUIRED_METADATA:
        if not wheel.metadata[field]:
            yield f"no {field} in its metadata"
    if f"{wheel.info}/licenses/LICENSE" not in wheel.digests:
        yield "no LICENSE"
    if not wheel.metadata.get_payload().strip():
        yield "no description: the README is missing"


def wrong_content(wheel: Wheel) -> Iterator[str]:
    if wheel.metadata["Name"] == "euxfel":
        yield from (f"{name}: this package has no code" for name in wheel.code)
        return
    part = wheel.metadata["Name"].removeprefix("euxfel-").replace("-", "_")
    for name in wheel.code:
        if not name.startswith(f"euxfel/{part}/"):
            yield f"{name}: outside euxfel/{part}"
    for needed in ("__init__.py", "py.typed"):
        if f"euxfel/{part}/{needed}" not in wheel.code:
            yield f"no euxfel/{part}/{needed}"


def wrong_sdist(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        names = {PurePosixPath(*PurePosixPath(n).parts[1:]).as_posix() for n in archive.getnames()}
    needed = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"}
    yield from (f"no {name}" for name in sorted(needed - names))
    allowed = needed | {"PKG-INFO", ".gitignore"}
    extra = {n for n in names - allowed if not n.startswith(("src/", "tests/"))}
    yield from (f"{name}: not meant to be in it" for name in sorted(extra))


def not_imported_from_its_wheel(wheel: Wheel) -> Iterator[str]:
    for part in sorted(wheel.parts):
        module = importlib.import_module(f"euxfel.{part}")
        if "site-packages" not in Path(module.__file__ or "").parts:
            yield f"euxfel.{part} came from {module.__file__}"


def complaints(dist: Path, direct: Path) -> Iterator[str]:
    wheels = [Wheel(path) for path in sorted(dist.glob("*.whl"))]
    for wheel in wheels:
        checks = (wrong_metadata, wrong_content, not_imported_from_its_wheel)
        yield from (f"{wheel.path.name}: {c}" for check in checks for c in check(wheel))
        if Wheel(direct / wheel.path.name).digests != wheel.digests:
            yield f"{wheel.path.name}: made from the sdist it differs from the working tree"
    sdists = sorted(dist.glob("*.tar.gz"))
    for sdist in sdists:
        yield from (f"{sdist.name}: {c}" for c in wrong_sdist(sdist))
    if not len(wheels) == len(sdists) > 0:
        yield f"{len(wheels)} wheels and {len(sdists)} sdists"


def main(dist: str, direct: str) -> int:
    found = list(complaints(Path(dist), Path(direct)))
    print("\n".join(found) or "wheels and sdists are complete, and import together")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
