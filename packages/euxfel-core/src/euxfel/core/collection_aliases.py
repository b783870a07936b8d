"""Other names: aliases, and sources that tell about other sources."""

from __future__ import annotations

from typing import Any, Self

from .aliases import AliasIndexer, AliasTable
from .auxiliary import AuxiliaryIndexer
from .selectable import Selectable


class HasAliases(Selectable):
    """The methods of a collection about aliases and auxiliary sources."""

    @property
    def _aliases(self) -> AliasTable:
        return self._selection.aliases

    @property
    def alias(self) -> AliasIndexer:
        """Sources and keys by alias: ``run.alias["name"]``."""
        return AliasIndexer(self)

    @property
    def auxiliary(self) -> AuxiliaryIndexer:
        """Sources that tell about other sources: reductions and errata."""
        return AuxiliaryIndexer(self._selection)

    def with_aliases(self, *alias_defs: Any) -> Self:
        """Give the same data with more aliases.

        Parameters
        ----------
        *alias_defs : dict, str or Path
            Definitions, or paths of JSON, YAML or TOML files with them.

        Raises
        ------
        AliasError
            If an alias means two things.
        """
        aliases = self._aliases.with_definitions(*alias_defs)
        return type(self)(self._selection.with_aliases(aliases))

    def only_aliases(
        self, *alias_defs: Any, strict: bool = False, require_all: bool = False
    ) -> Self:
        """Give only the sources and keys that have an alias.

        Parameters
        ----------
        *alias_defs : dict, str or Path
            More definitions, as for `with_aliases`.
        strict : bool
            True to raise ValueError if the data lacks what an alias stands for.
        require_all : bool
            True to keep only trains in which everything selected has data.
        """
        aliased = self.with_aliases(*alias_defs) if alias_defs else self
        wanted = aliased._aliases.selection(None if strict else aliased._is_there)
        return aliased.select(wanted, require_all=require_all)

    def _is_there(self, source: str, key: str | None) -> bool:
        return (source if key is None else (source, key)) in self

    def drop_aliases(self) -> Self:
        """Give the same data without aliases."""
        return type(self)(self._selection.with_aliases(AliasTable()))
