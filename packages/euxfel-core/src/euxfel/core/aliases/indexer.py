"""Sources and keys of some data by alias: ``run.alias``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..settings import NOTEBOOK_SERVER, NOTEBOOK_SERVER_ROOT


class AliasIndexer:
    """Sources and keys of a `DataCollection`, named by their aliases.

    ``run.alias["xgm"]`` is what ``run[source]`` or ``run[source, key]`` is for the source or key
    that the alias stands for; ``run.alias["xgm", key]`` is a key of an aliased source.

    Parameters
    ----------
    data : DataCollection
        The data; its aliases are used.

    Raises
    ------
    AliasError
        When asked for an alias that is not defined.
    """

    # Without this, iterating would try alias[0], alias[1] and so on.
    __iter__ = None

    def __init__(self, data: Any) -> None:
        self.data = data

    def __getitem__(self, aliased_item: str | tuple[str, str]) -> Any:
        if isinstance(aliased_item, str):
            return self.data[self.data._aliases.lookup(aliased_item)]
        alias, key = _alias_and_key(aliased_item)
        return self.data[self.data._aliases.source_of(alias), key]

    def __contains__(self, aliased_item: object) -> bool:
        table = self.data._aliases
        if isinstance(aliased_item, str):
            return aliased_item in table and table.lookup(aliased_item) in self.data
        alias, key = _alias_and_key(aliased_item)
        return alias in table and (table.source_of(alias), key) in self.data

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.data._aliases)

    def __str__(self) -> str:
        return f"<euxfel.AliasIndexer with {len(self.data._aliases)} aliases>"

    def __repr__(self) -> str:
        text: str = self.data._aliases.text(self._is_there)
        return text

    def _is_there(self, source: str, key: str | None) -> bool:
        return (source if key is None else (source, key)) in self.data

    def file_paths(self) -> list[Path]:
        """Files that the aliases were read from, the latest first."""
        return list(self.data._aliases.files)

    def jhub_links(self) -> dict[Path, str]:
        """Address of each alias file on the facility's notebook server, for files under /gpfs."""
        from urllib.parse import quote

        return {
            path: f"{NOTEBOOK_SERVER}/{quote(path.relative_to(NOTEBOOK_SERVER_ROOT).as_posix())}"
            for path in self.file_paths()
            if path.is_relative_to(NOTEBOOK_SERVER_ROOT)
        }

    # ---- selecting ----------------------------------------------------------------------------

    def select(
        self,
        seln_or_alias: Any,
        key_glob: str = "*",
        require_all: bool = False,
        require_any: bool = False,
    ) -> Any:
        """Select sources and keys by their aliases.

        Parameters
        ----------
        seln_or_alias : str, iterable or mapping
            One alias; an iterable of aliases and pairs of alias and key glob; or a mapping of
            aliases to the set of their keys, where None or an empty set is for all.
        key_glob : str
            Which keys, if `seln_or_alias` is the alias of a source.
        require_all, require_any : bool
            As for `DataCollection.select`.

        Returns
        -------
        DataCollection

        Raises
        ------
        AliasError
            An alias is not defined, or stands for a key where a source is needed.
        """
        resolved = self._resolve(seln_or_alias, key_glob)
        return self.data.select(resolved, require_all=require_all, require_any=require_any)

    def deselect(self, seln_or_alias: Any, key_glob: str = "*") -> Any:
        """Leave out sources and keys by their aliases: takes what `select` takes."""
        return self.data.deselect(self._resolve(seln_or_alias, key_glob))

    def _resolve(self, selection: Any, key_glob: str) -> Any:
        """The same choice, with sources and keys instead of aliases."""
        if isinstance(selection, str):
            return [self._resolve_one(selection if key_glob == "*" else (selection, key_glob))]
        if key_glob != "*":
            raise ValueError(f"the key glob {key_glob!r} goes with a single alias of a source")
        if isinstance(selection, Mapping):
            return self._resolve_mapping(selection)
        if isinstance(selection, Iterable):
            return [self._resolve_one(item) for item in selection]
        raise TypeError(
            f"aliases cannot be chosen by a {type(selection).__name__}: give an alias, a list of "
            "aliases and pairs (alias, key glob), or a dictionary of aliases with sets of keys"
        )

    def _resolve_one(self, item: Any) -> tuple[str, str]:
        if isinstance(item, str):
            target = self.data._aliases.lookup(item)
            return (target, "*") if isinstance(target, str) else target
        alias, key_glob = _alias_and_key(item)
        return self.data._aliases.source_of(alias), key_glob

    def _resolve_mapping(self, selection: Mapping[Any, Any]) -> dict[str, set[Any] | None]:
        found: dict[str, set[Any] | None] = {}
        for alias, keys in selection.items():
            if keys is not None and not isinstance(keys, set | frozenset | dict):
                raise TypeError(f"the keys of alias {alias!r} must be a set or None, not {keys!r}")
            source = self.data._aliases.source_of(alias)
            wanted = set(keys) if keys else None
            # Two aliases can stand for one source.
            found[source] = _joined(found[source], wanted) if source in found else wanted
        return found


def _joined(first: set[Any] | None, second: set[Any] | None) -> set[Any] | None:
    """Keys of both, where None is for all keys."""
    return None if first is None or second is None else first | second


def _alias_and_key(item: object) -> tuple[str, str]:
    if isinstance(item, tuple | list) and len(item) == 2:
        alias, key = item
        if isinstance(alias, str) and isinstance(key, str):
            return alias, key
    raise TypeError(f"expected an alias, or a pair (alias of a source, key), not {item!r}")
