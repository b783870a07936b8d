"""The aliases that apply to some data, as a value."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from euxfel.fileaccess.cached import cached_property
from euxfel.fileaccess.errors import AliasError

from ..near_names import suggestion
from .definitions import Alias, AliasDefinitionError, parse_definitions, same_form

Definitions: TypeAlias = Mapping[Any, Any] | str | os.PathLike[str]
IsThere: TypeAlias = Callable[[str, str | None], bool]


@dataclass(frozen=True)
class AliasTable:
    """Aliases, one for each name; tables are never changed, only joined to new ones.

    Attributes
    ----------
    aliases : tuple of Alias
        In the order of definition.
    files : tuple of Path
        Files that definitions were read from, the latest first.

    Examples
    --------
    >>> from euxfel.core.aliases import AliasTable
    >>> table = AliasTable().with_definitions({"xgm": "SA1_XTD2_XGM/XGM/DOOCS"})
    >>> table.lookup("XGM")
    'SA1_XTD2_XGM/XGM/DOOCS'
    """

    aliases: tuple[Alias, ...] = ()
    files: tuple[Path, ...] = field(default=(), compare=False)

    @cached_property
    def _by_form(self) -> dict[str, Alias]:
        return {same_form(alias.name): alias for alias in self.aliases}

    def __len__(self) -> int:
        return len(self.aliases)

    def __iter__(self) -> Iterator[str]:
        return (alias.name for alias in self.aliases)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and same_form(name) in self._by_form

    # ---- joining ------------------------------------------------------------------------------

    def with_definitions(self, *definitions: Definitions) -> AliasTable:
        """A table with more aliases.

        Parameters
        ----------
        *definitions : mapping, str or path
            Mappings of aliases to sources or to pairs (source, key), or of sources to mappings of
            aliases to keys; or paths of JSON, YAML or TOML files that hold such mappings.

        Raises
        ------
        AliasDefinitionError
            A definition cannot be understood, or an alias would mean two things.
        FileNotFoundError
            There is no such file.
        """
        table = self
        for one in definitions:
            table = table.merged(_table_of(one))
        return table

    def merged(self, other: AliasTable) -> AliasTable:
        """A table with the aliases of both.

        Raises
        ------
        AliasDefinitionError
            An alias would mean two things.
        """
        files = tuple(dict.fromkeys(other.files + self.files))
        return AliasTable(_without_repeats(self.aliases + other.aliases), files)

    # ---- asking -------------------------------------------------------------------------------

    def lookup(self, name: str) -> str | tuple[str, str]:
        """The source, or the pair (source, key), that an alias stands for.

        Raises
        ------
        AliasError
            There is no such alias; the message names those that are spelled alike.
        """
        return self._find(name).target

    def source_of(self, name: str) -> str:
        """The source that an alias stands for.

        Raises
        ------
        AliasError
            There is no such alias.
        AliasDefinitionError
            The alias stands for a single key.
        """
        alias = self._find(name)
        if alias.key is not None:
            raise AliasDefinitionError(
                f"alias {name!r} stands for a key already: {alias.source}, {alias.key}",
                source=alias.source,
                key=alias.key,
            )
        return alias.source

    def _find(self, name: str) -> Alias:
        if not isinstance(name, str):
            raise TypeError(f"an alias is a string, not a {type(name).__name__}")
        found = self._by_form.get(same_form(name))
        if found is None:
            raise AliasError(
                f"no alias {name!r}{suggestion(name, self)}: print run.alias to see the "
                f"{len(self)} there are, run.with_aliases() adds more"
            )
        return found

    def as_dict(self) -> dict[str, str | tuple[str, str]]:
        """What each alias stands for."""
        return {alias.name: alias.target for alias in self.aliases}

    def selection(self, is_there: IsThere | None = None) -> list[tuple[str, str]]:
        """Pairs (source, key glob) of all aliases, or of those whose target is there.

        Parameters
        ----------
        is_there : callable, optional
            Tells for a source and a key, or a source and None, whether it is in the data.
        """
        return [
            (alias.source, alias.key or "*")
            for alias in self.aliases
            if is_there is None or is_there(alias.source, alias.key)
        ]

    def text(self, is_there: IsThere) -> str:
        """The aliases as a list to read, those whose target is not in the data marked.

        Parameters
        ----------
        is_there : callable
            Tells for a source and a key, or a source and None, whether it is in the data.
        """
        if not self.aliases:
            return "No aliases. run.with_aliases() adds some."
        width = max(len(alias.name) for alias in self.aliases)
        absent = {a for a in self.aliases if not is_there(a.source, a.key)}
        lines = [_line(a, width, a in absent) for a in self.aliases]
        if absent:
            lines.append("✗ not in this data")
        count = "1 alias" if len(self) == 1 else f"{len(self)} aliases"
        return "\n".join([f"{count}:", *lines])


def _table_of(definitions: object) -> AliasTable:
    if isinstance(definitions, Mapping):
        return AliasTable(_without_repeats(parse_definitions(definitions)))
    if not isinstance(definitions, str | os.PathLike):
        raise TypeError(
            f"aliases are defined by a dictionary or the path of a file, not by a "
            f"{type(definitions).__name__}"
        )
    path = Path(definitions)
    from .files import read_definitions

    found = read_definitions(path)
    try:
        return AliasTable(_without_repeats(parse_definitions(found)), (path,))
    except AliasDefinitionError as error:
        raise AliasDefinitionError(f"{path}: {error}", file=str(path)) from error


def _without_repeats(aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """Each alias once; the first spelling stays."""
    found: dict[str, Alias] = {}
    for alias in aliases:
        earlier = found.setdefault(same_form(alias.name), alias)
        if earlier.target != alias.target:
            raise AliasDefinitionError(
                f"alias {alias.name!r} would mean two things: {earlier.target!r} (as "
                f"{earlier.name!r}) and {alias.target!r}; rename one, or start from "
                "run.drop_aliases()"
            )
    return tuple(found.values())


def _line(alias: Alias, width: int, is_absent: bool) -> str:
    target = alias.source if alias.key is None else f"{alias.source}, {alias.key}"
    return f"{'✗' if is_absent else ' '} {alias.name:<{width}}  {target}"
