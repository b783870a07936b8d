"""Finding sources and keys by a part of their names, aliases or device classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html import escape
from typing import TYPE_CHECKING, Any, overload

from euxfel.fileaccess import EuxfelError

from .arrays import short_key
from .display.plain import counted, plain

if TYPE_CHECKING:
    from .collection_aliases import HasAliases
    from .sourcedata import SourceData

_GLOB = frozenset("*?[")
_SHOWN = 60
_HEADER = ("what", "source", "key", "matched")


@dataclass(frozen=True, slots=True)
class Hit:
    """One source or key that was found.

    Attributes
    ----------
    what : str
        What matched: ``"source"``, ``"old name"``, ``"class"``, ``"key"`` or ``"alias"``.
    source : str
        Name of the source.
    key : str or None
        Name of the key, without ``.value``; None for a whole source.
    matched : str
        The text that matched.
    """

    what: str
    source: str
    key: str | None
    matched: str


class SearchResult(Sequence[Hit]):
    """What a search found: a sequence of `Hit` that shows itself as a table.

    Attributes
    ----------
    unread : dict of str to str
        Sources whose keys or class could not be looked at, with the reason.
    """

    def __init__(self, text: str, hits: Iterable[Hit], unread: dict[str, str]) -> None:
        self._text = text
        self._hits = tuple(hits)
        self.unread = unread

    @overload
    def __getitem__(self, i: int) -> Hit: ...

    @overload
    def __getitem__(self, i: slice) -> SearchResult: ...

    def __getitem__(self, i: int | slice) -> Hit | SearchResult:
        if isinstance(i, slice):
            return SearchResult(self._text, self._hits[i], self.unread)
        return self._hits[i]

    def __len__(self) -> int:
        return len(self._hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._hits)

    @property
    def sources(self) -> frozenset[str]:
        """Sources that were found, or of which a key was."""
        return frozenset(hit.source for hit in self._hits)

    @property
    def selection(self) -> dict[str, set[str]]:
        """What was found in the form that `DataCollection.select` takes."""
        whole = {hit.source for hit in self._hits if hit.key is None}
        found: dict[str, set[str]] = {hit.source: set() for hit in self._hits}
        for hit in self._hits:
            if hit.key is not None and hit.source not in whole:
                found[hit.source].add(hit.key)
        return found

    def __repr__(self) -> str:
        lines = [self._title(), *self._table(), *self._notes()]
        return "\n".join(plain(line) for line in lines)

    def _title(self) -> str:
        return f"{counted(len(self), 'hit')} for {self._text!r}"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [(h.what, h.source, h.key or "", h.matched) for h in self._hits[:_SHOWN]]

    def _table(self) -> Iterator[str]:
        if not self._hits:
            return
        rows = [_HEADER, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()

    def _notes(self) -> Iterator[str]:
        if len(self) > _SHOWN:
            yield f"... and {len(self) - _SHOWN} more"
        for source, reason in self.unread.items():
            yield f"{source} could not be looked at: {reason}"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _HEADER)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self._rows())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        notes = "".join(f"<p>{escape(plain(note))}</p>" for note in self._notes())
        return f"<p>{escape(plain(self._title()))}</p>{table if self._hits else ''}{notes}"


def _cell(text: str) -> str:
    return f"<td>{escape(plain(text))}</td>"


def search(data: HasAliases, text: str, keys: bool) -> SearchResult:
    """Look for a text among names of sources, aliases, and if asked also keys and classes.

    Parameters
    ----------
    data : DataCollection
        Where to look.
    text : str
        A part of a name, or a glob for a whole one; upper and lower case are the same.
    keys : bool
        Whether to look at keys and device classes too, for which files are opened.
    """
    matches = _matcher(text)
    hits = [*_source_hits(data, matches), *_alias_hits(data, matches)]
    unread: dict[str, str] = {}
    for name in sorted(data.control_sources | data.instrument_sources) if keys else ():
        try:
            hits += _hits_inside(data[name], matches)
        except (EuxfelError, OSError) as exc:
            # One damaged source must not keep the others from being found.
            unread[name] = str(exc)
    return SearchResult(text, hits, unread)


def _matcher(text: Any) -> Callable[[str], bool]:
    if not isinstance(text, str) or not text:
        raise ValueError(f"search for a part of a name or a glob, not {text!r}")
    wanted = text.casefold()
    if _GLOB & set(text):
        return lambda name: fnmatchcase(name.casefold(), wanted)
    return lambda name: wanted in name.casefold()


def _source_hits(data: HasAliases, matches: Callable[[str], bool]) -> Iterator[Hit]:
    for name in sorted(data.control_sources | data.instrument_sources):
        if matches(name):
            yield Hit("source", name, None, name)
    for old, present in sorted(data.legacy_sources.items()):
        if matches(old):
            yield Hit("old name", present, None, old)


def _alias_hits(data: HasAliases, matches: Callable[[str], bool]) -> Iterator[Hit]:
    for alias in data._aliases.aliases:
        if matches(alias.name) and alias.target in data:
            key = None if alias.key is None else short_key(alias.key)
            yield Hit("alias", alias.source, key, alias.name)


def _hits_inside(source: SourceData, matches: Callable[[str], bool]) -> Iterator[Hit]:
    of_class = source.device_class
    if of_class is not None and matches(of_class):
        yield Hit("class", source.source, None, of_class)
    for key in sorted(map(short_key, source.keys(inc_timestamps=False))):
        if matches(key):
            yield Hit("key", source.source, key, key)
