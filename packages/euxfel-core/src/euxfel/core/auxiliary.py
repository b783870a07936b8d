"""Sources that tell about other sources: how data was reduced, what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from euxfel.fileaccess import FileAccess, Section, SourceNameError
from euxfel.fileaccess.cached import cached_property

from .selection import SelectedSource, Selection
from .source_files import SourceFiles
from .sourcedata import SourceData

_SECTIONS = (Section.REDUCTION, Section.ERRATA)


class AuxiliaryIndexer:
    """Reduction and errata sources of a collection: ``run.auxiliary[source]``.

    The same source can be recorded by several aggregators, so that it is named
    ``<aggregator>@<source>``; only one that says in its own name which source of the same file
    it is about has no prefix.
    """

    __iter__ = None

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def __repr__(self) -> str:
        n = len(self._selection.scope.train_ids)
        return f"<euxfel.AuxiliaryIndexer for {len(self.all_sources)} sources and {n} trains>"

    @cached_property
    def _found(self) -> dict[str, SelectedSource]:
        where: dict[tuple[Section, str, str], list[FileAccess]] = {}
        for file in self._selection.files:
            for section in _SECTIONS:
                for source in sorted(file.sources(section)):
                    label = source if _names_source(source, file) else _prefixed(source, file)
                    where.setdefault((section, label, source), []).append(file)
        return {
            label: SelectedSource(SourceFiles(source, section, files), source)
            for (section, label, source), files in where.items()
        }

    def _in_section(self, section: Section) -> frozenset[str]:
        return frozenset(name for name, s in self._found.items() if s.section is section)

    @property
    def all_sources(self) -> frozenset[str]:
        """Names of all auxiliary sources."""
        return frozenset(self._found)

    @property
    def reduction_sources(self) -> frozenset[str]:
        """Names of the sources that tell how data was reduced."""
        return self._in_section(Section.REDUCTION)

    @property
    def errata_sources(self) -> frozenset[str]:
        """Names of the sources that tell what is wrong with data."""
        return self._in_section(Section.ERRATA)

    def __contains__(self, source: object) -> bool:
        if isinstance(source, tuple) and len(source) == 2:
            name, key = source
            return name in self._found and self._found[name].full_key(key) is not None
        return source in self._found

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, tuple) and len(item) == 2:
            return self[item[0]][item[1]]
        if not isinstance(item, str):
            raise TypeError(f"index auxiliary sources by name, not by {type(item).__name__}")
        try:
            found = self._found[item]
        except KeyError:
            raise SourceNameError(
                f"this data has no auxiliary source {item!r}; see .auxiliary.all_sources",
                source=item,
            ) from None
        return SourceData(found, self._selection.scope)

    def info(
        self,
        details_for_sources: str | Iterable[str] = (),
        with_aggregators: bool = False,
    ) -> None:
        """Show the sources on the screen.

        Parameters
        ----------
        details_for_sources : str or list of str
            Glob patterns of sources to show keys of.
        with_aggregators : bool
            True to show which aggregator recorded each source.
        """
        from .display.summarising import auxiliary_lines
        from .display.text import auxiliary_text

        lines = auxiliary_lines(self, details_for_sources, with_aggregators)
        sys.stdout.write(f"{auxiliary_text(*lines)}\n")

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(self._found)


def _prefixed(source: str, file: FileAccess) -> str:
    if "@" in source:
        # A file that was put together from those of several aggregators names them itself.
        return source
    return f"{file.aggregator}@{source}"


def _names_source(auxiliary: str, file: FileAccess) -> bool:
    """Whether the name of an auxiliary source ends with that of a source in the same file."""
    return any(auxiliary.endswith(source) for source in file.all_sources)
