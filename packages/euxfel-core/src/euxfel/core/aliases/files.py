"""Alias files: read within limits, because anybody in a proposal can write them."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .definitions import AliasDefinitionError
from .yaml_tree import parse_yaml

# Thousands of aliases; the slowest parser takes seconds for this much of the worst text.
MAX_BYTES = 256 * 1024
# The TOML parser needs time and memory that grow as the square of the parts of a dotted key.
MAX_TOML_LINE = 1000


def read_definitions(path: Path) -> Mapping[Any, Any]:
    """The mapping in a JSON, YAML or TOML file.

    Parameters
    ----------
    path : Path
        Its ending says which format it is.

    Raises
    ------
    OSError
        The file cannot be read; FileNotFoundError if there is none.
    AliasDefinitionError
        It is not a regular file, larger than 256 KiB, or not a mapping in that format.
    MissingPackageError
        PyYAML is needed and not installed.
    """
    parse = _PARSERS.get(path.suffix.lower())
    if parse is None:
        raise AliasDefinitionError(
            f"{path}: the name of an alias file ends with {', '.join(_PARSERS)}", file=str(path)
        )
    text = _read_text(path)
    try:
        tree = parse(text)
    except (ValueError, RecursionError) as error:
        # What a parser says may quote the file, control characters and all.
        reason = "".join(c if c.isprintable() else " " for c in str(error))
        raise AliasDefinitionError(f"{path} cannot be read: {reason}", file=str(path)) from error
    if not isinstance(tree, Mapping):
        raise AliasDefinitionError(
            f"{path} holds no aliases: expected a mapping of aliases to sources, not a "
            f"{type(tree).__name__}",
            file=str(path),
        )
    return tree


def _read_text(path: Path) -> str:
    # Opening a pipe would otherwise wait for somebody to write to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AliasDefinitionError(f"{path} is not a regular file", file=str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise AliasDefinitionError(
            f"{path} is too large for an alias file: more than {MAX_BYTES} bytes", file=str(path)
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AliasDefinitionError(f"{path} is not UTF-8 text: {error}", file=str(path)) from error


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if found.setdefault(name, value) != value:
            raise ValueError(f"{name!a} is defined twice")
    return found


def _parse_toml(text: str) -> Any:
    if any(len(line) > MAX_TOML_LINE for line in text.splitlines()):
        raise ValueError(f"a line has more than {MAX_TOML_LINE} characters")
    return tomllib.loads(text)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    ".yml": parse_yaml,
    ".yaml": parse_yaml,
    ".json": _parse_json,
    ".toml": _parse_toml,
}
