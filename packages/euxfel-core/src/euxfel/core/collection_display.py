"""How a collection shows itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .collection_aliases import HasAliases
from .collection_facts import TellsFacts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .display import MissingData, Summary
    from .search import SearchResult


class ShowsItself(TellsFacts, HasAliases):
    """The methods of a collection that tell people what is in it."""

    def _repr_html_(self) -> str:
        from .display import collection_html

        return collection_html(self)

    def search(self, text: str, *, keys: bool = True) -> SearchResult:
        """Find sources and keys by a part of a name, whatever its case.

        Parameters
        ----------
        text : str
            A part of a name, such as ``"photon"``; or a glob for a whole name, such as
            ``"*.photon?lux"``. Sources, their old names, aliases, keys and device classes are
            searched.
        keys : bool
            False to leave out keys and device classes, so that no file is opened.

        Returns
        -------
        SearchResult
            A sequence that shows itself as a table; `select` takes its ``selection``.

        Examples
        --------
        >>> import tempfile
        >>> from euxfel.core import RunDirectory
        >>> from euxfel.fileaccess.testing import small_run
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = RunDirectory(small_run().write(folder).path)
        ...     run.search("photon")
        1 hit for 'photon'
        what  source                   key                     matched
        key   SPB_XTD9_XGM/DOOCS/MAIN  pulseEnergy.photonFlux  pulseEnergy.photonFlux
        """
        from .search import search

        return search(self, text, keys)

    def summary(
        self,
        details_for_sources: str | Iterable[str] = (),
        *,
        counts: bool = False,
        group_sources: bool = True,
        with_aggregators: bool = False,
        with_auxiliary: bool = False,
    ) -> Summary:
        """Give what `info` shows as a value, with text, HTML and JSON forms."""
        from .display import summarise

        return summarise(
            self, details_for_sources, counts, group_sources, with_aggregators, with_auxiliary
        )

    def info(
        self,
        details_for_sources: str | Iterable[str] = (),
        *,
        counts: bool = False,
        group_sources: bool = True,
        with_aggregators: bool = False,
        with_auxiliary: bool = False,
    ) -> None:
        """Show trains, sources and problems on the screen.

        Parameters
        ----------
        details_for_sources : str or list of str
            Glob patterns of sources to show keys of.
        counts : bool
            True to show for how many trains instrument sources have data.
        group_sources : bool
            False to show each of several similar names on a line of its own.
        with_aggregators : bool
            True to show which aggregator recorded each source.
        with_auxiliary : bool
            True to show reduction and errata sources.
        """
        shown = self.summary(
            details_for_sources,
            counts=counts,
            group_sources=group_sources,
            with_aggregators=with_aggregators,
            with_auxiliary=with_auxiliary,
        )
        _show(shown.to_text())

    def train_info(self, train_id: int) -> None:
        """Show on the screen which sources have data for a train."""
        from .display import train_text

        _show(train_text(self, train_id))

    def detector_info(self, source: str) -> dict[str, Any]:
        """Give size and number of frames of a detector by one of its modules.

        Returns
        -------
        dict
            ``dims``, ``frames_per_train`` and ``total_frames``.
        """
        from .display import detector_facts

        return detector_facts(self, source)

    def missing_data(
        self, min_saved_pct: float = 95, expand_instrument: bool = False
    ) -> MissingData:
        """Give what `plot_missing_data` draws as data."""
        from .display import missing_data

        return missing_data(self, min_saved_pct, expand_instrument)

    def plot_missing_data(self, min_saved_pct: float = 95, expand_instrument: bool = False) -> Axes:
        """Draw which sources lack data for which trains.

        Parameters
        ----------
        min_saved_pct : float
            Sources with at least this percentage of trains are left out.
        expand_instrument : bool
            True for a row per index group of instrument sources.
        """
        from .display import plot_missing_data

        return plot_missing_data(self, min_saved_pct, expand_instrument)


def _show(text: str) -> None:
    """Write what a user asked to see."""
    sys.stdout.write(f"{text}\n")
