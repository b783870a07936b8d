"""From a mapping, as users write it in Python or in a file, to single aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from euxfel.fileaccess.errors import AliasError


class AliasDefinitionError(AliasError, ValueError):
    """Aliases are not defined in a way that can be understood, or definitions disagree."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A short name for a source, or for a key of a source.

    Attributes
    ----------
    name : str
        As it was written; upper and lower case, ``-`` and ``_`` mean the same.
    source : str
        The source.
    key : str or None
        The key; None if the alias is for the whole source.
    """

    name: str
    source: str
    key: str | None = None

    @property
    def target(self) -> str | tuple[str, str]:
        """The source, or source and key."""
        return self.source if self.key is None else (self.source, self.key)


def same_form(name: str) -> str:
    """What all spellings of an alias have in common.

    Examples
    --------
    >>> same_form("SA1_XGM")
    'sa1-xgm'
    """
    return name.casefold().replace("_", "-")


def parse_definitions(definitions: Mapping[Any, Any]) -> Iterator[Alias]:
    """Aliases defined in a mapping.

    Parameters
    ----------
    definitions : mapping
        By alias a source, or a pair of source and key; by source a mapping of aliases to keys.

    Raises
    ------
    AliasDefinitionError
        The mapping holds something else.

    Examples
    --------
    >>> list(parse_definitions({"SA1_XTD2_XGM/XGM/DOOCS": {"x-pos": "beamPosition.ixPos"}}))
    [Alias(name='x-pos', source='SA1_XTD2_XGM/XGM/DOOCS', key='beamPosition.ixPos')]
    """
    for name, value in definitions.items():
        if isinstance(value, Mapping):
            for alias, key in value.items():
                yield Alias(_text(alias), _text(name), _text(key))
        elif isinstance(value, tuple | list):
            yield Alias(_text(name), *_pair(name, value))
        else:
            yield Alias(_text(name), _text(value))


def _pair(name: object, value: tuple[Any, ...] | list[Any]) -> tuple[str, str]:
    if len(value) != 2:
        raise AliasDefinitionError(
            f"alias {name!a} has {len(value)} values: give a source, or a source and a key"
        )
    return _text(value[0]), _text(value[1])


def _text(value: object) -> str:
    # Names come from files: control characters in them could command the user's terminal.
    if isinstance(value, str) and value and value.isprintable():
        return value
    raise AliasDefinitionError(
        f"aliases, sources and keys are strings of printable characters, not {value!a}"
    )
